"""Splitting a byte stream into lines without holding more than one line too many."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class LineSplitter:
    """Cuts chunks into lines; a line that is too long is dropped as it arrives and reported as None.

    Args:
        max_bytes: longest line, without its end.
    """

    max_bytes: int
    _parts: list[bytes] = field(default_factory=list)
    _length: int = 0

    def feed(self, chunk: bytes) -> list[bytes | None]:
        """Take a chunk and return the lines that it completes. Empty lines are passed over."""
        *ends, rest = chunk.split(b"\n")
        lines: list[bytes | None] = []
        for end in ends:
            self._add(end)
            lines += self._take()
        self._add(rest)
        return lines

    def finish(self) -> list[bytes | None]:
        """Return the last line when the stream ended without a line end."""
        return self._take()

    def _add(self, part: bytes) -> None:
        self._length += len(part)
        if self._length <= self.max_bytes + 1:  # a carriage return before the end does not count
            self._parts.append(part)
        else:
            self._parts.clear()

    def _take(self) -> list[bytes | None]:
        line, length = b"".join(self._parts), self._length
        self._parts, self._length = [], 0
        if length > self.max_bytes + 1:
            return [None]
        line = line.removesuffix(b"\r").strip(b" \t")
        if len(line) > self.max_bytes:
            return [None]
        return [line] if line else []
