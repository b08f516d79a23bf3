"""Reading and writing the binary fields of a packed presentation (docs/qr.md §2)."""

from dataclasses import dataclass, field

from giayto_crypto.errors import MalformedError

MAX_VARINT_BYTES = 7
"""49 bits: more than any time difference in seconds or status index needs, and always an exact JSON integer."""


@dataclass(slots=True)
class FieldReader:
    """Takes fields off the front of a byte string; what is missing is malformed, never padded."""

    data: bytes
    position: int = 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        end = self.position + count
        if end > len(self.data):
            raise MalformedError("QR: it ends too early")
        taken = self.data[self.position : end]
        self.position = end
        return taken

    def unsigned(self) -> int:
        """Return an unsigned LEB128 integer in its shortest form."""
        value = 0
        for shift in range(0, 7 * MAX_VARINT_BYTES, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift > 0:
                    raise MalformedError("QR: an integer is not in its shortest form")
                return value
        raise MalformedError("QR: an integer is too long")

    def signed(self) -> int:
        """Return a signed integer, zigzag over LEB128."""
        zigzag = self.unsigned()
        return (zigzag >> 1) ^ -(zigzag & 1)

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(len(self.data) - self.position)


@dataclass(slots=True)
class FieldWriter:
    """Appends fields; the mirror of `FieldReader`."""

    data: bytearray = field(default_factory=bytearray)

    def raw(self, value: bytes) -> None:
        """Append bytes as they are."""
        self.data += value

    def unsigned(self, value: int) -> None:
        """Append an unsigned LEB128 integer; ValueError when it is negative or too large."""
        if not 0 <= value < 1 << (7 * MAX_VARINT_BYTES):
            raise ValueError("integer out of range")
        while value >= 0x80:
            self.data.append(value & 0x7F | 0x80)
            value >>= 7
        self.data.append(value)

    def signed(self, value: int) -> None:
        """Append a signed integer, zigzag over LEB128."""
        self.unsigned(value << 1 if value >= 0 else (-value << 1) - 1)
