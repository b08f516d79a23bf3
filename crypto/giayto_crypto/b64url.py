"""Base64url as JOSE uses it (RFC 7515 §2): no padding, and exactly one spelling for each byte string.

Decoders commonly ignore foreign characters, padding and unused bits. Two spellings of one signature would let a
replay guard be walked around, so everything but the canonical spelling is refused here.
"""

from binascii import Error as Base64Error
from collections.abc import Sequence

from pybase64 import b64decode, b64encode_as_string

from giayto_crypto.errors import MalformedError

_URL_SAFE = b"-_"
_PADDING = ("", "===", "==", "=")
_ZEROS = ("", "", "AA", "A")
"""What fills a text up with zero bits, by its length modulo 4."""
_LAST = (
    "",
    "",
    "AQgw",  # two characters carry one byte and four unused bits
    "AEIMQUYcgkosw048",  # three carry two bytes and two unused bits
)
"""With which characters a text of this length modulo 4 may end, so that its unused bits are zero."""
_DIGEST_CHARACTERS = 43
"""Of a SHA-256 digest."""


def encode(data: bytes) -> str:
    """Return the canonical base64url text of `data`, without padding."""
    return b64encode_as_string(data, _URL_SAFE).rstrip("=")


def decode(text: str) -> bytes:
    """Return the bytes of a canonical, unpadded base64url text.

    Raises:
        MalformedError: a foreign character, padding, an impossible length, or unused bits that are not zero.
    """
    remainder = len(text) & 3
    if "+" in text or "/" in text or "=" in text:  # which the decoder would take
        raise MalformedError("base64url: + / and = do not belong to it")
    # Unused bits that are not zero are all else that the decoder overlooks.
    if remainder and text[-1] not in _LAST[remainder]:
        raise MalformedError("base64url: not the canonical spelling (A-Z a-z 0-9 - _, no padding, unused bits zero)")
    try:
        return b64decode(text + _PADDING[remainder], _URL_SAFE, validate=True)
    except (Base64Error, ValueError) as error:
        raise MalformedError("base64url: cannot be decoded") from error


def decode_all(texts: Sequence[str]) -> list[bytes]:
    """Return what `decode` returns for each text, in one pass of the decoder.

    Raises:
        MalformedError: `decode` would refuse one of them.
    """
    filled = []
    for text in texts:
        remainder = len(text) & 3
        if remainder and text[-1] not in _LAST[remainder]:
            raise MalformedError("base64url: not the canonical spelling (A-Z a-z 0-9 - _, no padding)")
        filled.append(text + _ZEROS[remainder])
    data, start, parts = decode("".join(filled)), 0, []
    for text in texts:
        parts.append(data[start : start + (len(text) * 3 >> 2)])
        start += (len(text) + 3 >> 2) * 3
    return parts


def encode_digests(digests: Sequence[bytes]) -> list[str]:
    """Return what `encode` returns for each of some SHA-256 digests, in one pass of the encoder."""
    if not digests:
        return []
    # With a zero byte behind it a digest fills whole groups; the zero ends up in the last character alone.
    text = encode(b"\0".join(digests) + b"\0")
    return [text[start : start + _DIGEST_CHARACTERS] for start in range(0, len(text), _DIGEST_CHARACTERS + 1)]
