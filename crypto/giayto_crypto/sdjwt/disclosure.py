"""Disclosures: the salted pieces of an SD-JWT (RFC 9901 §4.2)."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Self

import msgspec

from giayto_crypto import b64url, strict_json
from giayto_crypto.errors import DisclosureError

SALT_BYTES = 16
MAX_DISCLOSURE_BYTES = 64 * 1024
ARRAY_ELEMENT_PARTS = 2
OBJECT_MEMBER_PARTS = 3
DIGESTS = "_sd"
ALGORITHM = "_sd_alg"
ARRAY_DIGEST = "..."
RESERVED_NAMES = frozenset({DIGESTS, ALGORITHM, ARRAY_DIGEST})


class Sd(msgspec.Struct, frozen=True):
    """Marks an object member's value or an array element as selectively disclosable when it is issued."""

    value: Any


class Disclosure(msgspec.Struct, frozen=True):
    """One disclosure, kept exactly as received: digests are over that text, never over a re-serialisation.

    `name` is None for an array element. `value` may hold digests of further disclosures.
    """

    encoded: str
    digest: str
    salt: str
    name: str | None
    value: Any

    @classmethod
    def parse(cls, encoded: str) -> Self:
        """Read a disclosure as received, base64url of a JSON array of 2 or 3 elements.

        Raises:
            MalformedError: not canonical base64url of strict JSON.
            DisclosureError: not a disclosure, or one of a reserved name.
        """
        content = strict_json.loads(b64url.decode(encoded), max_bytes=MAX_DISCLOSURE_BYTES)
        return cls._of(encoded, digest_of(encoded), content)

    @classmethod
    def parse_all(cls, texts: Sequence[str]) -> tuple[Self, ...]:
        """Read disclosures as `parse` reads each, at half the cost where there are many."""
        contents = strict_json.loads_each(b64url.decode_all(texts), max_bytes=MAX_DISCLOSURE_BYTES)
        digests = b64url.encode_digests([sha256(text.encode("ascii")).digest() for text in texts])
        return tuple(map(cls._of, texts, digests, contents))

    @classmethod
    def _of(cls, encoded: str, digest: str, content: Any) -> Self:
        if isinstance(content, list) and content and isinstance(content[0], str):
            if len(content) == OBJECT_MEMBER_PARTS and isinstance(content[1], str):
                if content[1] in RESERVED_NAMES:
                    raise DisclosureError("disclosure: _sd, _sd_alg and ... are not claim names (RFC 9901 §7.1)")
                return cls(encoded, digest, content[0], content[1], content[2])
            if len(content) == ARRAY_ELEMENT_PARTS:
                return cls(encoded, digest, content[0], None, content[1])
        raise DisclosureError("disclosure: [salt, name, value] or [salt, value] is expected")

    @classmethod
    def create(cls, salt: bytes, name: str | None, value: Any) -> Self:
        """Make a disclosure of an object member, or of an array element when `name` is None."""
        encoded_salt = b64url.encode(salt)
        content = [encoded_salt, value] if name is None else [encoded_salt, name, value]
        encoded = b64url.encode(strict_json.canonical(content))
        return cls(encoded, digest_of(encoded), encoded_salt, name, value)


def digest_of(encoded: str) -> str:
    """Return the base64url SHA-256 digest of a disclosure's text (RFC 9901 §4.2.3)."""
    return b64url.encode(sha256(encoded.encode("ascii")).digest())
