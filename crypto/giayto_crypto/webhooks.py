"""The signature on an event that a wallet backend sends to an agency: a compact JWS over the body's hash.

header   alg ES256, typ giayto-webhook+jwt, x5c (the certificate that signs verifier bundles)
claims   iss (the wallet backend), aud (the agency's identifier), jti (the event), iat, exp, body_sha256

It travels beside the body, in the header `Giayto-Signature`, so that the body stays plain JSON.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from cryptography import x509

from giayto_crypto import b64url
from giayto_crypto.certificates import BUNDLE
from giayto_crypto.certified_jws import NumericDate, from_numeric, sign_certified, to_numeric, verify_certified
from giayto_crypto.errors import MalformedError, SignatureInvalidError
from giayto_crypto.keys import Signer

TYP: Final = "giayto-webhook+jwt"
SIGNATURE_HEADER: Final = "Giayto-Signature"
LIFETIME: Final = timedelta(minutes=5)
"""How long a signature may be on its way; each attempt is signed anew."""
_AHEAD: Final = timedelta(minutes=1)
_MAX_BYTES: Final = 32 * 1024


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    aud: str
    jti: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    iat: NumericDate
    exp: NumericDate
    body_sha256: str

    @property
    def issued_at(self) -> datetime:
        return from_numeric(self.iat)

    @property
    def expires_at(self) -> datetime:
        return from_numeric(self.exp)


def sign_webhook(
    body: bytes,
    *,
    issuer: str,
    audience: str,
    event_id: str,
    issued_at: datetime,
    signer: Signer,
    x5c: Sequence[bytes],
) -> str:
    """Return the signature of one attempt to deliver an event.

    Args:
        body: as it is sent, byte for byte.
        issuer: base URL of the wallet backend.
        audience: identifier of the agency.
        event_id: the same for all attempts.
        issued_at: the moment of this attempt.
        signer: the key of verifier bundles.
        x5c: its certificates, DER, leaf first.
    """
    claims = {
        "iss": issuer,
        "aud": audience,
        "jti": event_id,
        "iat": to_numeric(issued_at),
        "exp": to_numeric(issued_at + LIFETIME),
        "body_sha256": _hash(body),
    }
    return sign_certified(claims, typ=TYP, signer=signer, x5c=x5c)


def verify_webhook(
    body: bytes,
    signature: str,
    *,
    issuer: str,
    audience: str,
    anchors: Sequence[x509.Certificate],
    now: datetime,
) -> str:
    """Return the identifier of an event that really comes from the wallet backend. Each is to be acted upon once.

    Args:
        body: as it arrived, byte for byte.
        signature: the value of the header `Giayto-Signature`.
        issuer: base URL of the wallet backend.
        audience: identifier of the agency.
        anchors: pinned roots.
        now: time of the check.

    Raises:
        MalformedError: not such a signature, or one for another body, from another server, for another agency, or of
            another time.
        CertificateError: not signed by the wallet backend.
        SignatureInvalidError: the signature does not fit.
    """
    claims = verify_certified(
        signature, _Claims, typ=TYP, purpose=BUNDLE, anchors=anchors, now=now, max_bytes=_MAX_BYTES
    )
    if (claims.iss, claims.aud) != (issuer, audience):
        raise MalformedError("webhook: it is from another server or for another agency")
    if not claims.issued_at - _AHEAD <= now <= claims.expires_at:
        raise MalformedError("webhook: the signature is too old, or from the future")
    if not hmac.compare_digest(claims.body_sha256, _hash(body)):
        raise SignatureInvalidError("webhook: the body is not the one that was signed")
    return claims.jti


def _hash(body: bytes) -> str:
    return b64url.encode(sha256(body).digest())
