"""The journal of a push: what will be signed is written down, durably, before it is signed.

One append-only file for each run, one JSON object a line, each with exactly one of these members:

    job      what is pushed, and when the run began
    batch    numbers of the rows that are taken up next; every earlier batch is finished
    intent   what will be signed for one row: status indexes and holder keys
    signed   the credentials of one row, as they are about to be sent
    result   what became of one row
    done     the run is complete

After a crash the last batch alone is open. Its rows with a `result` are finished. Those with `signed` are sent again as
they are: the wallet takes each (agency, row key) once, so it does not matter whether they had arrived. The others
begin anew; their status indexes are left unused, because one index never serves two credentials.

The file holds personal data of the agency's own records. It lies in the agency's folder, readable by its owner
alone.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import msgspec

from giayto_sdk._files import PRIVATE_FILE, make_private_folder, sync_folder
from giayto_sdk._issuing.results import RowOutcome, RowResult
from giayto_sdk.errors import JournalError, Problem


class Job(msgspec.Struct, frozen=True):
    """What is pushed: this source under this document type."""

    document_type: str
    source_sha256: str
    started_at: datetime


class Intent(msgspec.Struct, frozen=True):
    """What will be signed for one row: one credential for each holder key, each with a status index of its own."""

    row: int
    row_key: str
    holder_keys: tuple[str, ...]
    """Thumbprints."""
    status_indexes: tuple[tuple[str, int], ...]
    """URI of the list, and index."""


class Signed(msgspec.Struct, frozen=True):
    """The line that is sent for one row, byte for byte."""

    row: int
    row_key: str
    line: str


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one row."""

    row: int
    row_key: str
    outcome: RowOutcome
    document_id: str | None = None
    mismatching_fields: tuple[str, ...] = ()
    problem: Problem | None = None


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line; exactly one member is set."""

    job: Job | None = None
    batch: tuple[int, ...] | None = None
    intent: Intent | None = None
    signed: Signed | None = None
    result: Result | None = None
    done: bool = False


class OpenBatch(msgspec.Struct):
    """The batch that a run was working at when it stopped."""

    rows: tuple[int, ...] = ()
    finished: set[int] = msgspec.field(default_factory=set)
    signed: dict[int, Signed] = msgspec.field(default_factory=dict)

    @property
    def to_send_again(self) -> list[Signed]:
        """What was signed and never answered, in the order of its rows."""
        return [self.signed[row] for row in sorted(self.signed.keys() - self.finished)]


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Entry)
_DONE: Final = _ENCODER.encode(Entry(done=True)) + b"\n"


class Journal:
    """The file of one run, open for appending. Only one process at a time can have it open."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            JournalError: another process has it open.
            OSError: it cannot be opened.
        """
        self.path = path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
        self._file = os.fdopen(descriptor, "a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise JournalError(f"journal: another process is pushing the same source ({path.name})") from error
        self._drop_torn_line()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, *entries: Entry) -> None:
        """Write entries; they are durable only after `sync`."""
        for entry in entries:
            self._file.write(_ENCODER.encode(entry) + b"\n")

    def sync(self) -> None:
        """Return when everything written so far survives a power cut.

        Raises:
            JournalError: the disk is full or failed; nothing may be signed on the strength of it.
        """
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise JournalError(f"journal: {self.path.name} cannot be written ({error.strerror})") from error

    def close(self) -> None:
        """Close the file, which lets others open it. What was not written by `sync` may be lost."""
        with suppress(OSError):
            self._file.close()

    def open_batch(self) -> OpenBatch:
        """Return where the run stopped; an empty batch at its beginning."""
        batch = OpenBatch()
        for entry in read_entries(self.path):
            if entry.batch is not None:
                batch = OpenBatch(rows=entry.batch)
            elif entry.signed is not None:
                batch.signed[entry.signed.row] = entry.signed
            elif entry.result is not None:
                batch.finished.add(entry.result.row)
        return batch

    @property
    def is_empty(self) -> bool:
        """Whether the run has not begun."""
        return self.path.stat().st_size == 0

    @property
    def is_done(self) -> bool:
        """Whether the run is complete."""
        self._file.seek(max(0, self.path.stat().st_size - len(_DONE)))
        return self._file.read() == _DONE

    def _drop_torn_line(self) -> None:
        # A crash in the middle of a write leaves a line without its end, which was never relied upon.
        self._file.seek(0)
        whole = sum(len(line) for line in self._file if line.endswith(b"\n"))
        if whole < self.path.stat().st_size:
            os.truncate(self.path, whole)


def open_run(folder: Path, job: Job) -> Journal:
    """Open the unfinished run of a job, or begin a new one.

    Raises:
        JournalError: the folder cannot be used, another process pushes the same source, or the file is damaged.
    """
    stem = f"{job.document_type.replace(':', '-')}.{job.source_sha256[:16]}"
    try:
        make_private_folder(folder)
        run = max((_run_number(path) for path in folder.glob(f"{stem}.*.ndjson")), default=1)
        journal = Journal(folder / f"{stem}.{run}.ndjson")
        if journal.is_done:
            journal.close()
            journal = Journal(folder / f"{stem}.{run + 1}.ndjson")
        if journal.is_empty:
            journal.append(Entry(job=job))
            journal.sync()
            sync_folder(folder)
    except OSError as error:
        raise JournalError(f"journal: {folder.name} cannot be used ({error.strerror})") from error
    return journal


def read_entries(path: Path) -> Iterator[Entry]:
    """Read a journal line by line.

    Raises:
        JournalError: unreadable, or a line is damaged.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    # Another process is writing it at this moment.
                    return
                yield _decode(line, path, number)
    except OSError as error:
        raise JournalError(f"journal: {path.name} cannot be read ({error.strerror})") from error


def read_results(path: Path) -> Iterator[RowResult]:
    """Read the results of a run in the order in which they came."""
    for entry in read_entries(path):
        if entry.result is not None:
            yield RowResult(**msgspec.structs.asdict(entry.result))


def result_entry(result: RowResult) -> Entry:
    """Return the line that keeps a result."""
    return Entry(
        result=Result(
            row=result.row,
            row_key=result.row_key,
            outcome=result.outcome,
            document_id=result.document_id,
            mismatching_fields=result.mismatching_fields,
            problem=result.problem,
        )
    )


def batch_entry(rows: Sequence[int]) -> Entry:
    """Return the line that begins a batch."""
    return Entry(batch=tuple(rows))


def _decode(line: bytes, path: Path, number: int) -> Entry:
    try:
        return _DECODER.decode(line)
    except msgspec.DecodeError as error:
        raise JournalError(f"journal: line {number} of {path.name} is damaged") from error


def _run_number(path: Path) -> int:
    return int(path.name.removesuffix(".ndjson").rpartition(".")[2])
