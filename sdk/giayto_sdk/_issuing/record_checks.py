"""What the command does with a source before anything is pushed: check its quality, or write it as NDJSON."""

import csv
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import IO, Any, Final

import msgspec

from giayto_crypto.errors import GiaytoError
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.quality import Finding, QualityCheck, QualityReport
from giayto_issuers.records.header import check_header
from giayto_issuers.records.validation import REPLACES, ROW_KEY, ValidRecord, validate_row
from giayto_issuers.sources import RecordSource

_HEADER: Final = ("row", "severity", "dimension", "column", "found_vi", "expected_vi", "found_en", "expected_en")
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a source has been worked through."""

    rows: int
    refused: int
    share: float | None
    """From 0 to 1; None where the size of the source is not known."""


Listener = Callable[[Progress], None]


def check_records(
    document_type: DocumentType,
    source: RecordSource,
    *,
    today: date,
    listener: Listener,
    findings_file: IO[str] | None = None,
) -> QualityReport:
    """Check every row of a source, then the rows against each other.

    Args:
        document_type: what the rows should become.
        source: open.
        today: the day of the check.
        listener: told of every row.
        findings_file: takes every single finding as CSV; no value of a record is written.

    Raises:
        HeaderError: the columns are not those of the type.
        SourceError: the source cannot be read on.
    """
    check_columns(document_type, source)
    write = _writer(findings_file) if findings_file is not None else None
    with closing(QualityCheck(document_type, today=today)) as check:
        for finding in chain(_of_each_row(check, source, listener), check.compare_rows()):
            if write is not None:
                write(finding)
        return check.finish()


def convert_records(
    document_type: DocumentType, source: RecordSource, *, today: date, listener: Listener, output: IO[bytes]
) -> Progress:
    """Write every row that makes a document as one line of NDJSON, under the names of the claims and normalised.

    Returns:
        How many rows there were, and how many of them were left out because they make no document.

    Raises:
        HeaderError: the columns are not those of the type.
        SourceError: the source cannot be read on.
    """
    check_columns(document_type, source)
    done = Progress(0, 0, None)
    for row in source.rows():
        refused = done.refused
        try:
            output.write(msgspec.json.encode(_line(validate_row(document_type, row, today=today))) + b"\n")
        except GiaytoError:
            refused += 1
        done = Progress(done.rows + 1, refused, source.progress)
        listener(done)
    return done


def check_columns(document_type: DocumentType, source: RecordSource) -> None:
    """Check the column names of a source that has the same in every row; HeaderError says what is wrong."""
    if source.columns is not None:
        check_header(document_type, source.columns)


def _of_each_row(check: QualityCheck, source: RecordSource, listener: Listener) -> Iterator[Finding]:
    for row in source.rows():
        _, findings = check.look_at(row)
        yield from findings
        listener(Progress(check.rows, check.refused, source.progress))


def _line(record: ValidRecord) -> dict[str, Any]:
    line = {ROW_KEY: record.row_key, **record.claims}
    return line if record.replaces is None else {**line, REPLACES: record.replaces}


def _writer(file: IO[str]) -> Callable[[Finding], None]:
    written = csv.writer(file)
    written.writerow(_HEADER)

    def write(finding: Finding) -> None:
        column = finding.column
        # A spreadsheet must not take the name of a column for a formula.
        harmless = f"'{column}" if column.startswith(_FORMULAS) else column
        found, expected = finding.found, finding.expected
        written.writerow(
            [finding.row, finding.severity, finding.dimension, harmless, found.vi, expected.vi, found.en, expected.en]
        )

    return write
