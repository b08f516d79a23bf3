"""Base64url as JOSE uses it (RFC 7515 §2): no padding, and exactly one spelling for each byte string.

Python's decoder ignores foreign characters, padding and unused bits. Two spellings of one signature would let a
replay guard be walked around, so everything but the canonical spelling is refused here.
"""

from base64 import urlsafe_b64encode
from binascii import Error as BinasciiError
from re import compile as compile_pattern

from pybase64 import urlsafe_b64decode

from giayto_crypto.errors import MalformedError

_ALPHABET = compile_pattern(r"[A-Za-z0-9_-]*")
# The last character of a short group carries 4 or 2 unused bits, which must be zero (RFC 4648 §3.5).
_LAST_OF_TWO = frozenset("AQgw")
_LAST_OF_THREE = frozenset("AEIMQUYcgkosw048")


def encode(data: bytes) -> str:
    """Return the canonical base64url text of `data`, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes of a canonical, unpadded base64url text.

    Raises:
        MalformedError: a foreign character, padding, an impossible length, or unused bits that are not zero.
    """
    remainder = len(text) & 3
    if remainder == 1 or _ALPHABET.fullmatch(text) is None:
        raise MalformedError("base64url: only A-Z a-z 0-9 - _ are allowed, without padding")
    if remainder == 2:
        if text[-1] not in _LAST_OF_TWO:
            raise MalformedError("base64url: unused bits of the last character are not zero")
        text += "=="
    elif remainder == 3:
        if text[-1] not in _LAST_OF_THREE:
            raise MalformedError("base64url: unused bits of the last character are not zero")
        text += "="
    try:
        return bytes(urlsafe_b64decode(text))
    except (BinasciiError, ValueError) as error:
        raise MalformedError("base64url: cannot be decoded") from error
