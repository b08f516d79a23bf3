"""The text of a giayto QR: `GT1:` and base45 of a packed presentation (docs/qr.md).

Packing is lossless: unpacking gives the very string that was packed, which any SD-JWT library verifies. The packer
proves that for each presentation by unpacking its own output before it returns.
"""

from binascii import crc_hqx
from dataclasses import dataclass
from typing import Self, TypeVar

from giayto_crypto.errors import (
    GiaytoError,
    MalformedError,
    QrTooLargeError,
    UnknownReferenceError,
    UnsupportedFormatError,
)
from giayto_crypto.qr import base45
from giayto_crypto.qr.fields import FieldReader
from giayto_crypto.qr.lifted import pack_lifted, unpack_lifted
from giayto_crypto.qr.profile import OutsideProfileError, pack_profile, unpack_profile
from giayto_crypto.qr.references import (
    ReferencedIssuer,
    References,
    issuer_reference,
    status_uri_reference,
    vct_reference,
)
from giayto_crypto.sdjwt.token import UnverifiedSdJwt

PREFIX = "GT1:"
MAX_TEXT = 4296
"""Alphanumeric characters in the largest QR symbol, version 40-L."""
LIFTED = b"\x00"
PROFILE = b"\x01"
CHECK_BYTES = 2

_Own = TypeVar("_Own")


def is_qr_text(text: str) -> bool:
    """Tell whether a text announces itself as a giayto QR, of this version or another."""
    return text.startswith("GT") and ":" in text[:6]


def pack(presentation: str) -> str:
    """Pack a standard SD-JWT VC presentation into the text of a QR.

    Args:
        presentation: compact SD-JWT or SD-JWT+KB. One of the giayto profile becomes small (mode 1), any other travels
            whole (mode 0).

    Returns:
        `GT1:` and base45, all in the alphanumeric alphabet of QR.

    Raises:
        MalformedError: not a presentation.
        QrTooLargeError: longer than the largest QR symbol holds.
    """
    parsed = UnverifiedSdJwt.parse(presentation)
    body = _profile_body(parsed, presentation)
    if body is None:
        body = LIFTED + pack_lifted(presentation)
        if unpack_lifted(FieldReader(body, 1)) != presentation:
            raise MalformedError("QR: this presentation cannot be rebuilt exactly")
    text = PREFIX + base45.encode(_check(body) + body)
    if len(text) > MAX_TEXT:
        detail = f"QR: {len(text)} characters, and no symbol holds more than {MAX_TEXT}"
        raise QrTooLargeError(detail, characters=len(text), limit=MAX_TEXT)
    return text


def unpack(text: str, references: References) -> str:
    """Rebuild the presentation that a QR carries. Nothing in it is verified by that.

    Args:
        text: exactly as read from the symbol.
        references: usually a verifier bundle.

    Raises:
        UnsupportedFormatError: another version of the format.
        MalformedError: not such a text, damaged, or beyond a limit.
        UnknownReferenceError: the bundle does not know the issuer, the type or the status list.
    """
    if not text.startswith(PREFIX):
        raise UnsupportedFormatError("QR: it does not begin with GT1:")
    if len(text) > MAX_TEXT:
        raise MalformedError(f"QR: longer than {MAX_TEXT} characters", limit=MAX_TEXT)
    packed = base45.decode(text[len(PREFIX) :])
    check, body = packed[:CHECK_BYTES], packed[CHECK_BYTES:]
    if check != _check(body):
        raise MalformedError("QR: damaged (its check sum does not fit)")
    return _unpack_body(body, references)


def _unpack_body(body: bytes, references: References) -> str:
    reader = FieldReader(body)
    mode = reader.take(1)
    if mode == PROFILE:
        return unpack_profile(reader, references)
    if mode == LIFTED:
        return unpack_lifted(reader)
    raise UnsupportedFormatError("QR: a mode that this release does not read")


def _profile_body(parsed: UnverifiedSdJwt, presentation: str) -> bytes | None:
    """Return the body in mode 1, or None when it does not rebuild this presentation exactly."""
    try:
        body = PROFILE + pack_profile(parsed)
        rebuilt = _unpack_body(body, _OwnReferences.of(parsed))
    except (OutsideProfileError, GiaytoError):
        return None
    return body if rebuilt == presentation else None


def _check(body: bytes) -> bytes:
    # CRC-16/XMODEM finds every error within 16 bits, so every single character that was changed: a base45 group of
    # three characters is two bytes. It tells damage from a reference that the bundle does not know; it secures nothing.
    return crc_hqx(body, 0).to_bytes(CHECK_BYTES)


@dataclass(frozen=True, slots=True)
class _OwnReferences:
    """Resolves just the references of one presentation, for the packer's check of its own work."""

    own_issuer: ReferencedIssuer
    own_vct: str
    own_status_uri: str

    @classmethod
    def of(cls, presentation: UnverifiedSdJwt) -> Self:
        payload = presentation.jws.unverified_payload()
        issuer = ReferencedIssuer(presentation.jws.x5c_der(), payload["iss"])
        return cls(issuer, payload["vct"], payload["status"]["status_list"]["uri"])

    def issuer(self, reference: bytes) -> ReferencedIssuer:
        own = self.own_issuer
        return _resolve(own, issuer_reference(own.x5c, own.iss), reference)

    def vct(self, reference: bytes) -> str:
        return _resolve(self.own_vct, vct_reference(self.own_vct), reference)

    def status_uri(self, reference: bytes) -> str:
        return _resolve(self.own_status_uri, status_uri_reference(self.own_status_uri), reference)


def _resolve(own: _Own, own_reference: bytes, reference: bytes) -> _Own:
    if reference != own_reference:
        raise UnknownReferenceError("QR: a reference of another presentation")
    return own
