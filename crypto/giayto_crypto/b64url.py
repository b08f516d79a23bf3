"""Base64url as JOSE uses it (RFC 7515 §2): no padding, and exactly one spelling for each byte string.

Decoders commonly ignore foreign characters, padding and unused bits. Two spellings of one signature would let a
replay guard be walked around, so everything but the canonical spelling is refused here.
"""

from binascii import Error as Base64Error

from pybase64 import b64decode, b64encode_as_string

from giayto_crypto.errors import MalformedError

_URL_SAFE = b"-_"
_PADDING = ("", "===", "==", "=")
_LAST = (
    "",
    "",
    "AQgw",  # two characters carry one byte and four unused bits
    "AEIMQUYcgkosw048",  # three carry two bytes and two unused bits
)
"""With which characters a text of this length modulo 4 may end, so that its unused bits are zero."""


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
