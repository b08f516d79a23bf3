"""`giayto issuer work`, `dead-letters`, `retry`, `reissue`: signing in the background what citizens wait for."""

import json
import random
import signal
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from types import FrameType
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from giayto_issuers.document_type.loading import load_types
from giayto_issuers.document_type.model import DocumentTypes
from giayto_sdk._issuing.record_store import IndexedRecords
from giayto_sdk._issuing.signing_requests import UnmetRequest
from giayto_sdk._issuing.signing_worker import Round, SigningWorker
from giayto_sdk.cli.arguments import AgencyConfigFile, AsJson, TypesFolder
from giayto_sdk.cli.issuing import issuer_app
from giayto_sdk.cli.json_output import write_json_array
from giayto_sdk.cli.terminal import Exit, err, local_time, out, print_entries, print_entry
from giayto_sdk.config import load_agency_config
from giayto_sdk.errors import ConfigurationError, GiaytoError

__all__ = ["issuer_app"]

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
"""Seconds between attempts to reach a server that is away."""

Sources = Annotated[
    list[str],
    Parameter(name="--source", help="TYPE=FILE: where the records of a type are; repeatable."),
]
Mappings = Annotated[
    tuple[str, ...],
    Parameter(name="--mapping", help="TYPE=FILE: which column of its source holds which claim; repeatable."),
]


@issuer_app.command
def work(
    *,
    config: AgencyConfigFile,
    source: Sources,
    mapping: Mappings = (),
    types: TypesFolder = None,
    once: Annotated[bool, Parameter(help="Stop when nothing is waiting.", negative=())] = False,
    as_json: AsJson = False,
) -> Exit:
    """Sign what citizens wait for: documents of new wallets, copies for new phones and fresh keys.

    Writes one line a round. Ctrl-C ends it after the round; a second one at once. Exit code: 0 done, 1 something became
    a dead letter, 75 the server could not be reached (`--once` only).
    """
    agency = load_agency_config(config)
    with closing(IndexedRecords(agency.journal_folder)) as records:
        known_types = load_types(types or agency.types_folder)
        _read_sources(records, source, dict(map(_named_file, mapping)), known_types)
        with SigningWorker(agency, records, document_types=known_types) as worker, _graceful_stop() as stop:
            total = _work(worker, stop, once=once, as_json=as_json)
    return Exit.FAILURE if total.dead else Exit.SUCCESS


@issuer_app.command(name="dead-letters")
def dead_letters(*, config: AgencyConfigFile, as_json: AsJson = False) -> None:
    """List the signing requests that failed for good, and why."""
    with _worker_without_records(config) as worker:
        if as_json:
            write_json_array(map(msgspec.to_builtins, worker.dead_letters()))
        else:
            print_entries(worker.dead_letters(), _print_request)


@issuer_app.command
def retry(request: str | None = None, /, *, config: AgencyConfigFile) -> None:
    """Bring a dead letter back, or all of them.

    Parameters
    ----------
    request
        As `giayto issuer dead-letters` shows it; all when it is left out.
    """
    with _worker_without_records(config) as worker:
        requests = [request] if request else [each.request_id for each in worker.dead_letters()]
        for each in requests:
            worker.retry(each)
    err.print(f"{len(requests)} yêu cầu được thử lại · brought back")


@issuer_app.command
def reissue(
    *,
    config: AgencyConfigFile,
    document_type: Annotated[str, Parameter(name=["--type", "-t"], help="Code or vct, such as health-book.")],
) -> None:
    """Ask for fresh copies of all documents of a type; `giayto issuer work` signs them."""
    with _worker_without_records(config) as worker:
        err.print(f"{worker.reissue(document_type)} bản sẽ được ký lại · copies will be signed")


@dataclass(slots=True)
class _Stop:
    """Whether somebody wants the work to end, and whether it may be cut off."""

    is_wanted: bool = False
    may_interrupt: bool = True


@contextmanager
def _graceful_stop() -> Iterator[_Stop]:
    stop = _Stop()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        if stop.may_interrupt or stop.is_wanted:
            raise KeyboardInterrupt
        stop.is_wanted = True
        err.print(
            "Đang hoàn tất lượt này; Ctrl-C lần nữa để dừng ngay. · Finishing this round; Ctrl-C again to stop now."
        )

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _work(worker: SigningWorker, stop: _Stop, *, once: bool, as_json: bool) -> Round:
    total, pause = Round(), _FIRST_PAUSE
    while not stop.is_wanted:
        try:
            stop.may_interrupt = True
            lease = worker.take(wait=not once)
            stop.may_interrupt = False
            done = worker.work(lease) if lease.requests else Round()
        except GiaytoError as error:
            if once or not error.retryable:
                raise
            err.print(f"{error.code}: {error.message_vi} · {error.message_en}")
            stop.may_interrupt = True
            sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads workers, hides nothing
            pause = min(_LONGEST_PAUSE, 2 * pause)
            continue
        pause = _FIRST_PAUSE
        total = Round(
            total.taken + done.taken, total.signed + done.signed, total.later + done.later, total.dead + done.dead
        )
        if done.taken:
            _print_round(done, total, as_json=as_json)
        elif once:
            break
    return total


def _print_round(done: Round, total: Round, *, as_json: bool) -> None:
    if as_json:
        line = {"taken": done.taken, "signed": done.signed, "later": done.later, "dead": done.dead}
        out.print(json.dumps({**line, "signed_in_total": total.signed}), markup=False)
    else:
        out.print(
            f"signed {done.signed} of {done.taken}, later {done.later}, dead {done.dead}; in total {total.signed}"
        )


def _named_file(argument: str) -> tuple[str, Path]:
    name, separator, path = argument.partition("=")
    if not separator:
        raise ConfigurationError("arguments: TYPE=FILE is expected, such as health-book=records.csv")
    return name, Path(path)


def _read_sources(
    records: IndexedRecords, sources: list[str], mappings: Mapping[str, Path], types: DocumentTypes
) -> None:
    for name, path in map(_named_file, sources):
        count = records.read(types[name], path, mapping=mappings.get(name))
        if count:
            err.print(f"{name}: {count} bản ghi · records")


@contextmanager
def _worker_without_records(config: Path) -> Iterator[SigningWorker]:
    agency = load_agency_config(config)
    with closing(IndexedRecords(agency.journal_folder)) as records, SigningWorker(agency, records) as worker:
        yield worker


def _print_request(request: UnmetRequest) -> None:
    print_entry(
        request.request_id,
        f"row key  {request.row_key}",
        f"type     {request.document_type}",
        f"reason   {request.reason}",
        f"failure  {request.failure}, {request.attempts}x",
        f"since    {local_time(request.created_at)}",
    )
