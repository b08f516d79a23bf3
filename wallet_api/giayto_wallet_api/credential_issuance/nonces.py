"""Nonces for key proofs (`c_nonce`, OpenID4VCI 1.0 §7): unpredictable, good for five minutes, known to all processes.

A nonce is its own record: the moment of issue, random bytes, and a MAC over both. That a proof is not used twice
follows from its key, which is bound to at most one credential.
"""

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from giayto_crypto import b64url
from giayto_crypto.errors import MalformedError

NONCE_LIFETIME: Final = timedelta(minutes=5)
_TIME_BYTES: Final = 8
_RANDOM_BYTES: Final = 16
_CONTENT_BYTES: Final = _TIME_BYTES + _RANDOM_BYTES
_CLOCK_TOLERANCE: Final = timedelta(seconds=1)


class CredentialNonces:
    """Issues and recognises nonces; all processes with the same key recognise each other's."""

    def __init__(self, key: bytes) -> None:
        """Take the MAC key."""
        self._key = key

    def issue(self, now: datetime) -> str:
        """Return a nonce for use within `NONCE_LIFETIME`."""
        content = int(now.timestamp()).to_bytes(_TIME_BYTES) + secrets.token_bytes(_RANDOM_BYTES)
        return b64url.encode(content + self._mac(content))

    def is_current(self, nonce: str, now: datetime) -> bool:
        """Whether `nonce` was issued here and not too long ago."""
        try:
            decoded = b64url.decode(nonce)
        except MalformedError:
            return False
        content, mac = decoded[:_CONTENT_BYTES], decoded[_CONTENT_BYTES:]
        if not hmac.compare_digest(mac, self._mac(content)):
            return False
        issued_at = datetime.fromtimestamp(int.from_bytes(content[:_TIME_BYTES]), UTC)
        return -_CLOCK_TOLERANCE <= now - issued_at <= NONCE_LIFETIME

    def _mac(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")
