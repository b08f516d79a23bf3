"""The folder of a job: its journal, what was signed and not yet answered, and the rows to correct.

`<journal folder>/<type>.<hash of the source>.<run>/`, for its owner alone. The same source under the same type goes on
with its unfinished job; once that is done, it begins another one.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock
from typing import Final, Self

from giayto_sdk._files import make_private_folder
from giayto_sdk._issuing.job_state import JobState
from giayto_sdk._issuing.journal import Journal, read_records
from giayto_sdk._issuing.records import BatchResults, JobOpened, PartBegun, Record
from giayto_sdk._issuing.results import RowResult
from giayto_sdk.errors import ConfigurationError, JournalError

JOURNAL_FILE: Final = "journal.ndjson"
_OUTGOING: Final = "outgoing"
_JOB_KEY_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class JobSource:
    """What a run pushes."""

    agency_id: str
    document_type: str
    """vct"""
    sha256: str
    corrects: str | None
    """Key of the job whose rows it corrects."""

    @property
    def stem(self) -> str:
        """What the folders of its jobs begin with."""
        return f"{self.document_type.replace(':', '-')}.{self.sha256[:16]}"


class OpenJob:
    """A job whose journal is open, by this process alone."""

    def __init__(self, folder: Path, journal: Journal, state: JobState) -> None:
        """Use an open journal, and what it amounts to."""
        self.folder = folder
        self.journal = journal
        self.state = state
        self._recording = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.journal.close()

    @property
    def job(self) -> JobOpened:
        """What is pushed."""
        if self.state.job is None:
            raise JournalError(f"journal: {self.folder.name} does not begin with its job")
        return self.state.job

    def record(self, *records: Record) -> None:
        """Append records and let them count; durable after `journal.sync`."""
        with self._recording:
            self.journal.append(*records)
            for record in records:
                self.state.apply(record)

    def outgoing(self, batch: int) -> Path:
        """Where the signed rows of a batch lie until they are answered."""
        return self.folder / _OUTGOING / f"{batch}.ndjson"

    def read_results(self) -> Iterator[RowResult]:
        """Read the newest result of each row, in the order in which they came."""
        return read_results(self.journal.path)


def open_job(folder: Path, source: JobSource, now: datetime) -> OpenJob:
    """Open the unfinished job of a source, or begin a new one; corrected rows go into the job that they name.

    Raises:
        JournalError: the folder cannot be used, another process pushes the same job, or the journal is damaged.
        ConfigurationError: the job whose rows are corrected is not in the folder, or not done itself.
    """
    try:
        make_private_folder(folder)
        if source.corrects is not None:
            return _open_correction(folder, source, source.corrects, now)
        return _open_register(folder, source, now)
    except OSError as error:
        raise JournalError(f"journal: {folder.name} cannot be used ({error.strerror})") from error


def read_results(journal: Path) -> Iterator[RowResult]:
    """Read the newest result of each row from a journal. Only rows that were corrected are held in memory."""
    newest = _places_of_repeated(journal)
    for place, result in _numbered_results(journal):
        if newest.get(result.row, place) == place:
            yield result


def _open_register(folder: Path, source: JobSource, now: datetime) -> OpenJob:
    run = max((_run_number(path) for path in folder.glob(f"{source.stem}.*")), default=1)
    found = _open(folder / f"{source.stem}.{run}")
    if found.state.part_is_done or (found.state.part is not None and found.state.part.is_correction):
        found.journal.close()
        found = _open(folder / f"{source.stem}.{run + 1}")
    if found.state.job is None:
        job_key = token_urlsafe(_JOB_KEY_BYTES)
        found.record(JobOpened(job_key, source.agency_id, source.document_type, now))
    if found.state.part is None:
        found.record(PartBegun(source.sha256, is_correction=False, begun_at=now))
    found.journal.sync()
    return found


def _open_correction(folder: Path, source: JobSource, job_key: str, now: datetime) -> OpenJob:
    found = _open(_folder_of(folder, source, job_key))
    part = found.state.part
    if part is None or not (part.is_correction or found.state.part_is_done):
        found.journal.close()
        raise ConfigurationError("source: the push that these rows are from is not finished; run it to its end first")
    if found.state.part_is_done or part.source_sha256 != source.sha256:
        found.record(PartBegun(source.sha256, is_correction=True, begun_at=now))
        _forget_outgoing(found.folder)
    found.journal.sync()
    return found


def _folder_of(folder: Path, source: JobSource, job_key: str) -> Path:
    pattern = f"{source.document_type.replace(':', '-')}.*/{JOURNAL_FILE}"
    for journal in folder.glob(pattern):
        match next(read_records(journal), None):
            case JobOpened(job_key=found) if found == job_key:
                return journal.parent
    raise ConfigurationError("source: the journal of the push that these rows are from is not in the journal folder")


def _open(folder: Path) -> OpenJob:
    make_private_folder(folder / _OUTGOING)
    make_private_folder(folder)
    journal = Journal(folder / JOURNAL_FILE)
    try:
        return OpenJob(folder, journal, JobState.of(read_records(journal.path)))
    except BaseException:
        journal.close()
        raise


def _forget_outgoing(folder: Path) -> None:
    # Of a file of corrections that was given up for another one: its rows keep the outcome that they had.
    for path in (folder / _OUTGOING).iterdir():
        path.unlink()


def _numbered_results(journal: Path) -> Iterator[tuple[int, RowResult]]:
    place = 0
    for record in read_records(journal):
        if isinstance(record, BatchResults):
            for result in record.results:
                place += 1
                yield place, result.as_result()


def _places_of_repeated(journal: Path) -> dict[int, int]:
    """Return, of each row that came in a file of corrections, the place of its newest result."""
    newest: dict[int, int] = {}
    place, is_correction = 0, False
    for record in read_records(journal):
        if isinstance(record, PartBegun):
            is_correction = record.is_correction
        elif isinstance(record, BatchResults):
            for result in record.results:
                place += 1
                if is_correction:
                    newest[result.row] = place
    return newest


def _run_number(path: Path) -> int:
    with suppress(ValueError):
        return int(path.name.rpartition(".")[2])
    return 1
