"""Server nonces for DPoP proofs (RFC 9449 §8): they show that a proof was made just now, not stocked up.

A nonce is its own record: the moment of issue and a MAC over it. That a proof is used once is the business of
`jti`.
"""

import hmac
from datetime import UTC, datetime, timedelta

from giayto_crypto import b64url
from giayto_crypto.errors import MalformedError

NONCE_LIFETIME = timedelta(minutes=5)
_TIME_BYTES = 8
_MAC_BYTES = 16


class DpopNonces:
    """Issues and recognises nonces; all processes with the same key recognise each other's."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, now: datetime) -> str:
        """Return a nonce for use within `NONCE_LIFETIME`."""
        moment = int(now.timestamp()).to_bytes(_TIME_BYTES)
        return b64url.encode(moment + self._mac(moment))

    def is_current(self, nonce: object, now: datetime) -> bool:
        """Whether `nonce` was issued here and not too long ago."""
        if not isinstance(nonce, str):
            return False
        try:
            content = b64url.decode(nonce)
        except MalformedError:
            return False
        moment, mac = content[:_TIME_BYTES], content[_TIME_BYTES:]
        if not hmac.compare_digest(mac, self._mac(moment)):
            return False
        issued_at = datetime.fromtimestamp(int.from_bytes(moment), UTC)
        return timedelta(0) <= now - issued_at + timedelta(seconds=1) and now - issued_at <= NONCE_LIFETIME

    def _mac(self, moment: bytes) -> bytes:
        return hmac.digest(self._key, moment, "sha256")[:_MAC_BYTES]
