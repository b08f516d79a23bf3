"""What every kind of source gives: its columns, its rows one by one, and how far it has been read."""

from collections.abc import Iterator, Sequence
from typing import Protocol
from unicodedata import normalize

from giayto_issuers.errors import SourceError
from giayto_issuers.records.readers import MAX_COLUMNS, BrokenRow, SourceRow

Row = SourceRow | BrokenRow


class RecordSource(Protocol):
    """An open source. What it holds in memory does not grow with the number of its rows."""

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Column names, in order; None where each row names its own (NDJSON)."""

    @property
    def progress(self) -> float | None:
        """Share of the source that has been read, from 0 to 1; None where its size is not known."""

    def rows(self) -> Iterator[Row]:
        """Read all rows from the beginning, numbered in rising order.

        Raises:
            SourceError: it cannot be read on; nothing after that can be trusted.
        """


def checked_columns(names: Sequence[str]) -> tuple[str, ...]:
    """Return column names in normal form C.

    Raises:
        SourceError: too many, one without a name, or one twice.
    """
    header = [normalize("NFC", " ".join(name.split())) for name in names]
    if len(header) > MAX_COLUMNS:
        raise SourceError(f"the header has more than {MAX_COLUMNS} columns")
    for place, name in enumerate(header):
        if name and header.index(name) < place:
            raise SourceError(f"the header names column {place + 1} as column {header.index(name) + 1}")
    if not any(header):
        raise SourceError("the header names no column")
    return tuple(header)
