"""The shared strings of a workbook on disk: a table of all texts of the file would grow with it in memory."""

import zlib
from array import array
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from tempfile import TemporaryFile
from typing import Final

import msgspec

_PER_BLOCK: Final = 512
_BLOCKS_IN_MEMORY: Final = 8


class SharedStrings:
    """Texts by number. They are written to a file without a name, in blocks, a few of which are kept in memory."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - `close` lets it go
        self._starts = array("Q", [0])
        self._block = lru_cache(maxsize=_BLOCKS_IN_MEMORY)(self._read_block)
        try:
            for block in _blocks(texts):
                written = self._file.write(zlib.compress(msgspec.json.encode(block), 1))
                self._starts.append(self._starts[-1] + written)
        except BaseException:
            self.close()
            raise

    def __getitem__(self, number: int) -> str:
        """Return a text; IndexError when there is none of this number."""
        block, place = divmod(number, _PER_BLOCK)
        if number < 0 or block >= len(self._starts) - 1:
            raise IndexError(number)
        return self._block(block)[place]

    def close(self) -> None:
        """Let the file go."""
        self._block.cache_clear()
        self._file.close()

    def _read_block(self, block: int) -> list[str]:
        self._file.seek(self._starts[block])
        content = self._file.read(self._starts[block + 1] - self._starts[block])
        return msgspec.json.decode(zlib.decompress(content), type=list[str])


def _blocks(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while block := list(islice(remaining, _PER_BLOCK)):
        yield block
