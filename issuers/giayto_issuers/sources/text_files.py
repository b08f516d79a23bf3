"""CSV and NDJSON files as sources."""

import os
from collections.abc import Iterator
from typing import IO

from giayto_issuers.encodings.detection import Encoding
from giayto_issuers.records.readers import read_csv, read_csv_header, read_ndjson
from giayto_issuers.sources.record_source import Row


class CsvFile:
    """A CSV file; row numbers are those of its lines."""

    def __init__(self, stream: IO[bytes], encoding: Encoding, delimiter: str | None) -> None:
        """Read the header.

        Raises:
            SourceError: there is no usable one.
        """
        self._stream = stream
        self._encoding = encoding
        self._delimiter = delimiter
        self._size = stream_size(stream)
        stream.seek(0)
        self._columns = tuple(read_csv_header(stream, delimiter=delimiter, encoding=encoding))

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names."""
        return self._columns

    @property
    def progress(self) -> float:
        """Share of the bytes that have been read."""
        return self._stream.tell() / self._size

    def rows(self) -> Iterator[Row]:
        """Read all rows."""
        self._stream.seek(0)
        return read_csv(self._stream, delimiter=self._delimiter, encoding=self._encoding)


class NdjsonFile:
    """An NDJSON file; row numbers are those of its lines."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._size = stream_size(stream)

    @property
    def columns(self) -> None:
        """Each row names its own."""
        return

    @property
    def progress(self) -> float:
        """Share of the bytes that have been read."""
        return self._stream.tell() / self._size

    def rows(self) -> Iterator[Row]:
        """Read all rows."""
        self._stream.seek(0)
        return read_ndjson(self._stream)


def stream_size(stream: IO[bytes]) -> int:
    """Return the bytes of a seekable stream, at least 1; it is left at its end."""
    return max(1, stream.seek(0, os.SEEK_END))
