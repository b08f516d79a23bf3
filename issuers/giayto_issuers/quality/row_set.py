"""A set of row numbers in one bit a row, told as ranges."""

from collections.abc import Iterator


class RowSet:
    """Numbers from 0; 100,000 rows take 12 kB, however many of them are in the set."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._count = 0

    def add(self, row: int) -> None:
        """Put a number into the set."""
        place, bit = divmod(row, 8)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        if not self._bits[place] >> bit & 1:
            self._bits[place] |= 1 << bit
            self._count += 1

    def __contains__(self, row: int) -> bool:
        place, bit = divmod(row, 8)
        return place < len(self._bits) and bool(self._bits[place] >> bit & 1)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        for place, bits in enumerate(self._bits):
            if bits:
                yield from (place * 8 + bit for bit in range(8) if bits >> bit & 1)

    def ranges(self) -> Iterator[tuple[int, int]]:
        """Yield runs of neighbouring numbers as first and last, in rising order."""
        first: int | None = None
        last: int | None = None
        for row in self:
            if first is None or last is None or row != last + 1:
                if first is not None and last is not None:
                    yield first, last
                first = row
            last = row
        if first is not None and last is not None:
            yield first, last

    def range_texts(self) -> Iterator[str]:
        """Yield the runs as text: `7`, `12-19`."""
        return (str(first) if first == last else f"{first}-{last}" for first, last in self.ranges())
