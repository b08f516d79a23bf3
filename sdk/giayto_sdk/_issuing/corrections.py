"""Rows to correct: written with the reasons beside them, read back as new attempts at the same rows.

The file has the columns of the source, then `giayto_job` (key of the job), `giayto_row` (number of the row in its
source) and what is wrong. Whoever corrects it leaves the first two alone; the reasons are not read.
"""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, Final

import msgspec

from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.errors import SourceError
from giayto_issuers.records.header import check_header
from giayto_issuers.records.readers import BrokenRow, SourceRow
from giayto_issuers.values.unfit import UnfitValue
from giayto_sdk._files import PRIVATE_FILE
from giayto_sdk._issuing.job_folder import OpenJob
from giayto_sdk._issuing.results import TO_CORRECT, RowOutcome, RowResult
from giayto_sdk._issuing.signing_desk import AnyRow
from giayto_sdk._issuing.sources import JOB_COLUMN, RowSource
from giayto_sdk.errors import ConfigurationError

ROW_COLUMN: Final = "giayto_row"
_CODE, _COLUMNS, _VI, _EN = "giayto_code", "giayto_columns", "giayto_loi", "giayto_problem"
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_REASONS_AT_ONCE: Final = 50_000
_OWN: Final = frozenset({JOB_COLUMN, ROW_COLUMN, _CODE, _COLUMNS, _VI, _EN})
_MISMATCH_VI: Final = "Khác cơ sở dữ liệu dân cư."
_MISMATCH_EN: Final = "Differs from the population record."


@dataclass(frozen=True, slots=True)
class PushedRows:
    """The rows of a source as a job knows them."""

    source: RowSource
    corrects: str | None
    """Key of the job whose rows these are; None for a register."""

    @classmethod
    def of(cls, source: RowSource) -> "PushedRows":
        """Look at the first row: it says whether these are corrections."""
        first = next(source.rows(), None)
        key = first.values.get(JOB_COLUMN) if isinstance(first, SourceRow) else None
        return cls(source, str(key) if key else None)

    def fit_into(self, count: int) -> bool:
        """Whether there are at most so many rows."""
        return sum(1 for _ in islice(self.source.rows(), count + 1)) <= count

    def check_header(self, document_type: DocumentType) -> None:
        """Check the column names once for the file, where it has such; see `RowSource.check_header`."""
        if self.corrects is None:
            self.source.check_header(document_type)
        elif self.source.is_csv:
            first = next(self.source.rows())
            if isinstance(first, SourceRow):
                check_header(document_type, [name for name in first.values if name not in _OWN])

    def share_read(self) -> float:
        """Return how much of the source has been read, from 0 to 1."""
        file = self.source.file
        size = os.fstat(file.fileno()).st_size
        return min(1.0, file.tell() / size) if size else 1.0

    def rows(self) -> Iterator[AnyRow]:
        """Read the rows; corrected ones come under the number that they had."""
        return self._numbered(self.source.rows())

    def rows_as_written(self) -> Iterator[AnyRow]:
        """Read the rows with the columns of the agency's own file, whatever a mapping makes of them."""
        return self._numbered(self.source.as_written.rows())

    def _numbered(self, rows: Iterator[AnyRow]) -> Iterator[AnyRow]:
        return rows if self.corrects is None else self._corrected(rows)

    def _corrected(self, rows: Iterable[AnyRow]) -> Iterator[AnyRow]:
        for row in rows:
            if isinstance(row, BrokenRow):
                raise ConfigurationError(f"source: line {row.number} of the corrected rows cannot be read: {row.error}")
            if str(row.values.get(JOB_COLUMN)) != self.corrects:
                raise ConfigurationError(f"source: line {row.number}: all rows must be of one job ({JOB_COLUMN})")
            values = {name: value for name, value in row.values.items() if name not in _OWN}
            yield SourceRow(_row_number(row), values, row.names)


def write_rows_to_correct(path: Path, rows: PushedRows, job: OpenJob) -> Path | None:
    """Write those rows of a source that are to be corrected, with the reasons; None when there are none.

    The file is private, and is there only when it is whole. Reasons are looked up in the journal portion by portion, so
    that memory does not grow with the number of refusals.
    """
    path = path.with_suffix(".csv" if rows.source.is_csv else ".ndjson")
    path.unlink(missing_ok=True)
    chosen = _with_reasons(rows, job)
    first = next(chosen, None)
    if first is None:
        return None
    with _whole_file(path) as file:
        if rows.source.is_csv:
            _write_csv(file, chain([first], chosen), job.job.job_key)
        else:
            for row, result in chain([first], chosen):
                file.write(msgspec.json.encode({**_values(row), **_own_columns(row, result, job.job.job_key)}) + b"\n")
    return path


def _with_reasons(rows: PushedRows, job: OpenJob) -> Iterator[tuple[AnyRow, RowResult]]:
    states = job.state.rows
    if not any(states.counts_by_outcome().get(outcome) for outcome in TO_CORRECT):
        return
    endings = ((row, states.ending(row.number)) for row in rows.rows_as_written())
    to_correct = (row for row, ending in endings if ending and ending[0] in TO_CORRECT)
    while portion := list(islice(to_correct, _REASONS_AT_ONCE)):
        wanted = {row.number for row in portion}
        reasons = {result.row: result for result in job.read_results() if result.row in wanted}
        yield from ((row, reasons[row.number]) for row in portion)


def _write_csv(file: IO[bytes], chosen: Iterable[tuple[AnyRow, RowResult]], job_key: str) -> None:
    class Lines:
        def write(self, text: str) -> None:
            file.write(text.encode("utf-8"))

    header: list[str] | None = None
    held_back: list[tuple[AnyRow, RowResult]] = []
    writer: Any = None
    file.write(b"\xef\xbb\xbf")  # spreadsheets take a CSV without it for something else than UTF-8
    for row, result in chosen:
        if header is None and isinstance(row, BrokenRow):
            held_back.append((row, result))
            continue
        if writer is None:
            header = [*_values(row), *sorted(_OWN)]
            writer = csv.DictWriter(Lines(), header)
            writer.writeheader()
        writer.writerow({**_values(row), **_own_columns(row, result, job_key)})
    if writer is None:
        writer = csv.DictWriter(Lines(), sorted(_OWN))
        writer.writeheader()
    for row, result in held_back:
        writer.writerow(_own_columns(row, result, job_key))


def _values(row: AnyRow) -> Mapping[str, Any]:
    # Of a row that cannot be read nothing is known but its number.
    if not isinstance(row, SourceRow):
        return {}
    return {name: value.value if isinstance(value, UnfitValue) else value for name, value in row.values.items()}


def _own_columns(row: AnyRow, result: RowResult, job_key: str) -> dict[str, str | int]:
    own: dict[str, str | int] = {JOB_COLUMN: job_key, ROW_COLUMN: row.number}
    if result.outcome is RowOutcome.MISMATCH:
        fields = ", ".join(result.mismatching_fields)
        return own | {_CODE: "mismatch", _COLUMNS: fields, _VI: _MISMATCH_VI, _EN: _MISMATCH_EN}
    problem = result.problem
    if problem is None:
        return own
    columns = ", ".join(each.column for each in problem.columns)
    expected_vi = "; ".join(f"{each.column}: {each.expected.vi}" for each in problem.columns)
    expected_en = "; ".join(f"{each.column}: {each.expected.en}" for each in problem.columns)
    return own | {
        _CODE: problem.code,
        _COLUMNS: columns,
        _VI: expected_vi or problem.message_vi,
        _EN: expected_en or problem.message_en,
    }


def _row_number(row: SourceRow) -> int:
    text = str(row.values.get(ROW_COLUMN))
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise SourceError(f"source: line {row.number}: {ROW_COLUMN} must be the number that was written there")
    return int(text)


@contextmanager
def _whole_file(path: Path) -> Iterator[IO[bytes]]:
    temporary = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        with os.fdopen(os.open(temporary, _NEW_FILE, PRIVATE_FILE), "wb") as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
