"""Base64url as JOSE uses it (RFC 7515 §2): no padding, and exactly one spelling for each byte string.

Decoders commonly ignore foreign characters, padding and unused bits. Two spellings of one signature would let a
replay guard be walked around, so everything but the canonical spelling is refused here.
"""

from binascii import Error as Base64Error

from pybase64 import b64decode, b64encode_as_string

from giayto_crypto.errors import MalformedError

_URL_SAFE = b"-_"
_PADDING = ("", "===", "==", "=")


def encode(data: bytes) -> str:
    """Return the canonical base64url text of `data`, without padding."""
    return b64encode_as_string(data, _URL_SAFE).rstrip("=")


def decode(text: str) -> bytes:
    """Return the bytes of a canonical, unpadded base64url text.

    Raises:
        MalformedError: a foreign character, padding, an impossible length, or unused bits that are not zero.
    """
    if "+" in text or "/" in text:  # the standard alphabet, which the decoder would take with a warning
        raise MalformedError("base64url: + and / belong to another alphabet")
    try:
        data = b64decode(text + _PADDING[len(text) & 3], _URL_SAFE, validate=True)
    except (Base64Error, ValueError) as error:
        raise MalformedError("base64url: cannot be decoded") from error
    # Unused bits that are not zero are all that the decoder overlooks; then the bytes are spelled differently.
    if encode(data) != text:
        raise MalformedError("base64url: not the canonical spelling (A-Z a-z 0-9 - _, no padding, unused bits zero)")
    return data
