"""`giayto push`: a register, or rows that were corrected, as one job that goes on after any interruption."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import Parameter
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from giayto_sdk._issuing.issuer import Issuer
from giayto_sdk._issuing.results import PushProgress
from giayto_sdk.cli.arguments import AgencyConfigFile, AsJson, EncodingName, MappingFile, TypesFolder
from giayto_sdk.cli.push_report import print_push_report, write_push_report
from giayto_sdk.cli.terminal import Exit, err
from giayto_sdk.errors import ConfigurationError

RefusedFile = Annotated[
    Path | None,
    Parameter(name="--refused", help="Where the rows to correct are written; by default beside the journal."),
]
Processes = Annotated[int | None, Parameter(name="--processes", help="How many sign; by default one for each core.")]


def push(
    file: Path,
    /,
    *,
    document_type: Annotated[str, Parameter(name=["--type", "-t"], help="Code or vct, such as health-book.")],
    config: AgencyConfigFile,
    agency: Annotated[
        str | None,
        Parameter(help="The agency that you mean to push for; refused when the configuration names another."),
    ] = None,
    mapping: MappingFile = None,
    encoding: EncodingName = None,
    refused: RefusedFile = None,
    processes: Processes = None,
    types: TypesFolder = None,
    as_json: AsJson = False,
) -> Exit:
    """Validate, sign and push every row of a file; the same command again goes on after an interruption.

    Rows that are to be corrected are written into a file with the reasons. Correct it and push it in the same way: its
    rows go into the same job.

    Exit code: 0 every document is in its wallet, 1 some are not, or the server counts otherwise, 75 interrupted (run it
    again), 64 nothing was pushed because the agency may not issue this type, or the file is not one of this type.

    Parameters
    ----------
    file
        CSV, NDJSON or XLSX with one record a row, a TOML file that names a database and a query, or corrected rows.
    """
    with Issuer.from_file(config, processes=processes, types_folder=types) as issuer:
        if agency is not None and agency != issuer.agency_id:
            raise ConfigurationError(f"arguments: the configuration is that of {issuer.agency_id}, not of {agency}")
        with _a_second_ctrl_c_ends_at_once(), _shown_progress() as show:
            report = issuer.push(
                document_type, file, on_progress=show, refused_file=refused, mapping=mapping, encoding=encoding
            )
    if as_json:
        write_push_report(report)
    else:
        print_push_report(report)
    is_good = report.all_delivered and report.reconciliation.is_equal
    return Exit.SUCCESS if is_good else Exit.FAILURE


class _Rate(ProgressColumn):
    """Rows a second, lately."""

    def render(self, task: Task) -> Text:
        rate = task.finished_speed or task.speed
        return Text("" if rate is None else f"{rate:,.0f} dòng/s", style="cyan")


class _Shown:
    """Shows how far a job is. How many rows there are is reckoned from how much of the source has been read."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("push", total=None, failed="")
        self._begun_with: int | None = None

    def __call__(self, how_far: PushProgress) -> None:
        if self._begun_with is None:
            # What an earlier run did says nothing about the speed of this one.
            self._begun_with = how_far.done
            self._progress.reset(self._task, completed=how_far.done)
        total = round(how_far.done / how_far.share_read) if how_far.share_read else None
        failed = f"{how_far.failed:,} cần sửa · to correct" if how_far.failed else ""
        self._progress.update(self._task, completed=how_far.done, total=total, failed=failed)


@contextmanager
def _shown_progress() -> Iterator[_Shown]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("[red]{task.fields[failed]}"),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal, speed_estimate_period=60) as bar:
        yield _Shown(bar)


@contextmanager
def _a_second_ctrl_c_ends_at_once() -> Iterator[None]:
    """The first one lets the batches under way end; whoever does not want to wait may cut them off: nothing is lost."""

    def first(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, second)
        err.print("Đang dừng… · Stopping… (Ctrl-C again: at once)")
        raise KeyboardInterrupt

    def second(_signal: int, _frame: FrameType | None) -> None:
        os._exit(Exit.INTERRUPTED)

    before = {each: signal.signal(each, first) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
