"""The fields of a genuine QR (docs/qr.md §4), to be changed one at a time and sealed again."""

import zlib
from typing import Any

from giayto_crypto import qr, strict_json
from giayto_crypto.qr.compression import inflate
from giayto_crypto.qr.fields import FieldReader, FieldWriter
from sample_credentials.packed import deflated, opened, seal

FIXED = {"mode": 1, "flags": 1, "issuer": 6, "vct": 4, "status": 4}
AFTER = {"holder_key": 33, "signature": 64}


def fields_of(presentation: str) -> dict[str, bytes]:
    """Return the fields of a presentation of the profile with key binding, in their order; `text` is still deflated."""
    reader = FieldReader(opened(qr.pack(presentation)))
    fields = {name: reader.take(size) for name, size in FIXED.items()}
    fields |= {name: _integer(reader) for name in ("iat", "nbf", "exp", "idx")}
    fields |= {name: reader.take(size) for name, size in AFTER.items()}
    fields["kb_iat"] = _integer(reader)
    fields["kb_signature"] = reader.take(64)
    rest = reader.rest()
    _, tail = inflate(rest)
    fields["text"] = rest[: len(rest) - len(tail)]
    fields["tail"] = tail
    if (fields["mode"], fields["flags"]) != (b"\x01", b"\x03"):
        raise ValueError("a presentation of the profile, made in person with a nonce that is text, is expected")
    return fields


def sealed(fields: dict[str, bytes], **changes: bytes) -> str:
    """Return the QR of these fields, with a check sum that fits."""
    return seal(b"".join((fields | changes).values()))


def items_of(fields: dict[str, bytes]) -> list[Any]:
    """Return the text of a QR: counts, skeletons, nonce."""
    items: list[Any] = strict_json.loads(inflate(fields["text"])[0])
    return items


def text_of(items: list[Any] | bytes) -> bytes:
    """Deflate items, or the very bytes of a text."""
    return deflated(items if isinstance(items, bytes) else strict_json.canonical(items))


def integer(value: int) -> bytes:
    """Return an unsigned integer as a field."""
    writer = FieldWriter()
    writer.unsigned(value)
    return bytes(writer.data)


def bomb(size: int) -> bytes:
    """Return a deflate stream of so many zeros."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    chunks = [compressor.compress(bytes(2**20)) for _ in range(size // 2**20)]
    return b"".join(chunks) + compressor.flush()


def _integer(reader: FieldReader) -> bytes:
    start = reader.position
    reader.unsigned()
    return reader.data[start : reader.position]
