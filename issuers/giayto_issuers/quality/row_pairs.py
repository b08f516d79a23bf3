"""Rows that have something in common, over a whole batch, in memory that does not grow with it.

For each row two hashes are kept: one of what may be shared (a subject, a row key), one of what belongs to it (a name,
the content). Sorted portions of them are written to a file without a name and merged at the end. The hashes are keyed
with a key of this run alone, so that the file tells nothing to anybody.
"""

import heapq
from collections.abc import Iterator
from hashlib import blake2b
from itertools import groupby
from secrets import token_bytes
from struct import Struct
from tempfile import TemporaryFile
from typing import Final

_RECORD: Final = Struct(">8s8sQ")
_PORTION: Final = 8192
_READ_AT_ONCE: Final = 128


class RowPairs:
    """Rows by what they share."""

    def __init__(self) -> None:
        self._key = token_bytes(32)
        self._portion: list[bytes] = []
        self._file = TemporaryFile()  # noqa: SIM115 - `close` lets it go
        self._portions: list[tuple[int, int]] = []

    def add(self, shared: bytes, belonging: bytes, row: int) -> None:
        """Note a row.

        Args:
            shared: what other rows may have too.
            belonging: what may differ between rows that share it.
            row: its number.
        """
        self._portion.append(_RECORD.pack(self._hash(shared), self._hash(belonging), row))
        if len(self._portion) == _PORTION:
            self._write()

    def sharing(self) -> Iterator[list[tuple[bytes, int]]]:
        """Yield the rows that share something: for each its hash of what belongs to it, and its number."""
        self._write()
        merged = heapq.merge(*(self._read(start, end) for start, end in self._portions))
        for _, records in groupby(map(_RECORD.unpack, merged), lambda record: record[0]):
            rows = [(belonging, row) for _, belonging, row in records]
            if len(rows) > 1:
                yield rows

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _hash(self, content: bytes) -> bytes:
        return blake2b(content, digest_size=8, key=self._key).digest()

    def _write(self) -> None:
        start = self._file.tell()
        self._portion.sort()
        self._file.write(b"".join(self._portion))
        self._portions.append((start, self._file.tell()))
        self._portion.clear()

    def _read(self, start: int, end: int) -> Iterator[bytes]:
        size = _RECORD.size
        while start < end:
            self._file.seek(start)
            block = self._file.read(min(_READ_AT_ONCE * size, end - start))
            start += len(block)
            yield from (block[place : place + size] for place in range(0, len(block), size))
