"""Reading CSV and NDJSON sources row by row, in memory that does not grow with the file.

CSV comes in the encodings of `giayto_issuers.encodings`; NDJSON is UTF-8 (RFC 8259 §8.1).
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from unicodedata import normalize

from giayto_crypto import strict_json
from giayto_crypto.errors import MalformedError
from giayto_issuers.encodings import tcvn3
from giayto_issuers.encodings.detection import Encoding
from giayto_issuers.encodings.lines import MAX_LINE_BYTES, byte_lines, decoded_lines
from giayto_issuers.errors import SourceError

MAX_ROW_BYTES = MAX_LINE_BYTES
"""Longest row that is read (CSV: in characters): a health book of many visits is long."""
MAX_COLUMNS = 2_000

_WITHOUT_CAPITALS = (Encoding.TCVN3, Encoding.TCVN3_UTF_8)
Source = Path | str | IO[bytes]
"""A path, or a stream of bytes, which stays open."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row as the source has it, not checked.

    Attributes:
        number: line of the file on which the row begins, counted from 1 (a CSV's header is line 1).
        values: by column; text from a CSV, JSON values from NDJSON.
        names: what the source calls a column, where a mapping renamed it; for messages.
    """

    number: int
    values: Mapping[str, Any]
    names: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"SourceRow(number={self.number}, …)"


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that cannot be read, among others that can: it is refused alone.

    Attributes:
        number: as in `SourceRow`.
        error: says what is wrong with it.
    """

    number: int
    error: SourceError


def read_csv(
    source: Source, *, delimiter: str | None = None, encoding: Encoding = Encoding.UTF_8
) -> Iterator[SourceRow | BrokenRow]:
    """Read a CSV file: a header, RFC 4180 quoting, cells of several lines allowed.

    Args:
        source: path or byte stream.
        delimiter: `,`, `;` or tab; found from the header line when not given (Vietnamese Excel writes `;`).
        encoding: UTF-8, with or without a byte-order mark, unless another is given.

    Yields:
        Rows in order; a row with more or fewer cells than the header comes as `BrokenRow`. Empty lines are passed over.

    Raises:
        SourceError: not in this encoding, no usable header, broken quoting or a row that is too long; nothing after
            that can be trusted.
    """
    with _open(source) as stream, _csv_file(stream, delimiter, encoding) as (reader, numbered):
        yield from _rows(reader, numbered, tcvn3.restore_capitals if encoding in _WITHOUT_CAPITALS else None)


def read_csv_header(source: Source, *, delimiter: str | None = None, encoding: Encoding = Encoding.UTF_8) -> list[str]:
    """Read the column names of a CSV file and nothing after them.

    Raises:
        SourceError: as in `read_csv`.
    """
    with _open(source) as stream, _csv_file(stream, delimiter, encoding) as (reader, _):
        return _check_header(next(reader))


def read_ndjson(source: Source) -> Iterator[SourceRow | BrokenRow]:
    """Read an NDJSON file: one JSON object a line, UTF-8 with or without BOM.

    Yields:
        Rows in order; a line that is not one strict JSON object comes as `BrokenRow`. Empty lines are passed over.

    Raises:
        SourceError: a line is longer than 4 MiB.
    """
    with _open(source) as stream:
        for number, line in enumerate(byte_lines(stream), 1):
            if line.strip():
                yield _read_line(number, line.strip())


def _read_line(number: int, content: bytes) -> SourceRow | BrokenRow:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return BrokenRow(number, SourceError(f"NDJSON: line {number}: not UTF-8 (byte {error.start + 1})", row=number))
    try:
        members = strict_json.loads(content, max_bytes=MAX_ROW_BYTES)
    except MalformedError as error:
        return BrokenRow(number, SourceError(f"NDJSON: line {number}: {error.detail}", row=number))
    if not isinstance(members, dict):
        return BrokenRow(number, SourceError(f"NDJSON: line {number}: a JSON object is expected", row=number))
    return SourceRow(number, members)


@contextmanager
def _csv_file(
    stream: IO[bytes], delimiter: str | None, encoding: Encoding
) -> Iterator[tuple[Iterator[list[str]], "_CountedLines"]]:
    lines = decoded_lines(stream, encoding)
    header_line = next(lines, None)
    if header_line is None:
        raise SourceError("CSV: the file is empty; a header line is expected")
    numbered = _CountedLines(header_line, lines)
    # The limit is the process's: it is only ever raised here. What bounds a row is _CountedLines.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_ROW_BYTES))
    try:
        yield csv.reader(numbered, delimiter=delimiter or _find_delimiter(header_line), strict=True), numbered
    except csv.Error as error:
        raise SourceError(f"CSV: row beginning at line {numbered.start}: {error}", row=numbered.start) from error


def _rows(
    rows: Iterator[list[str]], lines: "_CountedLines", repair: Callable[[str], str] | None
) -> Iterator[SourceRow | BrokenRow]:
    header = _check_header(next(rows))
    while True:
        lines.start_row()
        cells = next(rows, None)
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) == len(header):
            yield SourceRow(lines.start, dict(zip(header, map(repair, cells) if repair else cells, strict=True)))
        else:
            detail = f"CSV: line {lines.start}: {len(cells)} cells where the header has {len(header)}"
            yield BrokenRow(lines.start, SourceError(detail, row=lines.start))


def _check_header(cells: list[str]) -> list[str]:
    header = [normalize("NFC", cell.strip()) for cell in cells]
    if len(header) > MAX_COLUMNS:
        raise SourceError(f"CSV: the header has more than {MAX_COLUMNS} columns")
    if "" in header:
        raise SourceError(f"CSV: column {header.index('') + 1} of the header has no name")
    for name in header:
        if header.count(name) > 1:
            raise SourceError(f"CSV: the header names column {header.index(name) + 1} twice")
    return header


def _find_delimiter(header_line: str) -> str:
    # Column names hold neither of these, so the one that occurs most often separates them.
    return max(",;\t", key=header_line.count)


class _CountedLines:
    """Hands lines to the CSV reader and knows on which line of the file the current row began."""

    def __init__(self, first: str, rest: Iterator[str]) -> None:
        self._pending: str | None = first
        self._rest = rest
        self._lines_read = 0
        self._row_size = 0
        self.start = 1

    def start_row(self) -> None:
        """Note that the next line begins a row."""
        self.start = self._lines_read + 1
        self._row_size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, self._pending = (self._pending, None) if self._pending is not None else (next(self._rest), None)
        self._lines_read += 1
        # A quotation mark that is never closed would swallow the rest of the file into one cell.
        self._row_size += len(line)
        if self._row_size > MAX_ROW_BYTES:
            raise SourceError(
                f"CSV: row beginning at line {self.start}: over {MAX_ROW_BYTES} characters; is a quote left open?",
                row=self.start,
            )
        return line


@contextmanager
def _open(source: Source) -> Iterator[IO[bytes]]:
    if isinstance(source, Path | str):
        with ExitStack() as opened:
            try:
                stream = opened.enter_context(Path(source).open("rb"))
            except OSError as error:
                raise SourceError(f"the source cannot be opened ({type(error).__name__})") from error
            yield stream
    elif isinstance(source, io.TextIOBase):
        raise SourceError("a stream of bytes is expected, not of text: the encoding is checked here")
    else:
        yield source
