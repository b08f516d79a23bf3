"""QR texts put together field by field, so that each can be wrong in exactly one way (docs/qr.md)."""

import zlib
from binascii import crc_hqx
from collections.abc import Sequence
from typing import Any

from giayto_crypto import strict_json
from giayto_crypto.qr import base45, issuer_reference, status_uri_reference, vct_reference
from giayto_crypto.qr.compression import preset_dictionary
from giayto_crypto.qr.fields import FieldWriter
from sample_credentials.issued import ISSUER_URL, STATUS, VCT, X5C
from sample_credentials.keys import HOLDER


def seal(body: bytes, prefix: str = "GT1:") -> str:
    """Put check sum and prefix before a body."""
    return prefix + base45.encode(crc_hqx(body, 0).to_bytes(2) + body)


def opened(text: str) -> bytes:
    """Return the body of a QR text."""
    return base45.decode(text.removeprefix("GT1:"))[2:]


def deflated(data: bytes) -> bytes:
    """Deflate with the preset dictionary, by the standard library alone."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=preset_dictionary())
    return compressor.compress(data) + compressor.flush()


def profile_body(items: Sequence[Any] | bytes = ([0, 0],), tail: bytes = b"", **changes: bytes) -> bytes:
    """Return a body in mode 1 without key binding; `flags` must be given when there is one."""
    text = items if isinstance(items, bytes) else deflated(strict_json.canonical(list(items)))
    fields = {
        "mode": b"\x01",
        "flags": b"\x00",
        "issuer": issuer_reference(X5C, ISSUER_URL),
        "vct": vct_reference(VCT),
        "status": status_uri_reference(STATUS.uri),
        "iat": b"\x01",
        "nbf": b"\x00",
        "exp": b"\x01",
        "idx": b"\x05",
        "holder_key": HOLDER.public_key.compressed,
        "signature": bytes(64),
        "proof": b"",
    }
    return b"".join((fields | changes).values()) + text + tail


def lifted_body(*parts: bytes, counts: int, signatures: int = 1, rest: bytes = b"") -> bytes:
    """Return a body in mode 0 that holds these parts."""
    head, text = FieldWriter(), FieldWriter()
    head.unsigned(counts)
    for part in parts:
        text.unsigned(len(part))
        text.raw(part)
    return b"\x00" + bytes(head.data) + bytes(64) * signatures + deflated(bytes(text.data)) + rest
