"""Rows of a query kept in a file, so that they can be read again and are the same rows.

A line is `{"number": 3, "values": {…}, "unfit": {"column": {"vi": …, "en": …}}}`: what JSON cannot say of a value of
the database is told beside it.
"""

from collections.abc import Iterator
from typing import IO, Any

import msgspec

from giayto_crypto.localised import Localised
from giayto_issuers.records.readers import SourceRow
from giayto_issuers.sources.record_source import Row
from giayto_issuers.sources.text_files import stream_size
from giayto_issuers.values.unfit import CellNumber, UnfitValue


class _Line(msgspec.Struct, frozen=True):
    number: int
    values: dict[str, Any]
    unfit: dict[str, Localised] = {}


_DECODER = msgspec.json.Decoder(_Line)


def encode_row(row: SourceRow) -> bytes:
    """Return a row of any source as one line, without a line end."""
    unfit = {name: value.expected for name, value in row.values.items() if isinstance(value, UnfitValue)}
    values = {name: None if name in unfit else _plain(value) for name, value in row.values.items()}
    return msgspec.json.encode(_Line(row.number, values, unfit))


def decode_row(line: bytes) -> SourceRow:
    """Return the row of a line that `encode_row` wrote."""
    read = _DECODER.decode(line)
    values = {name: CellNumber(value) if type(value) is int else value for name, value in read.values.items()}
    return SourceRow(read.number, values | {name: UnfitValue(None, text) for name, text in read.unfit.items()})


class SpooledRows:
    """A source over such a file."""

    def __init__(self, file: IO[bytes], columns: tuple[str, ...]) -> None:
        self._file = file
        self._columns = columns
        self._size = stream_size(file)

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names."""
        return self._columns

    @property
    def progress(self) -> float:
        """Share of the file that has been read."""
        return self._file.tell() / self._size

    def rows(self) -> Iterator[Row]:
        """Read all rows from the beginning."""
        self._file.seek(0)
        while line := self._file.readline():
            yield decode_row(line)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, CellNumber) else value
