"""JWS that carry their signer's certificate chain: trust lists, status lists, verifier bundles.

All three are dated statements of the trust scheme. Whether such a statement is *authentic* is decided at the moment of
its own period that lies nearest to `now`; whether it is *current* is decided by the caller. So an outdated
bundle stays recognisable as what it is ("too old") even after its signer's certificate has ended.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol, TypeVar

import msgspec
from cryptography import x509

from giayto_crypto.certificates import verify_chain
from giayto_crypto.errors import CertificateError, KeyFormatError, MalformedError
from giayto_crypto.jws import parse, sign_with_x5c
from giayto_crypto.keys import PublicKey, Signer

LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z, the last time that Python's clock can hold."""
NumericDate = Annotated[int, msgspec.Meta(ge=0, le=LAST_SECOND)]
"""Seconds since 1970 UTC, whole ones (RFC 7519 §2)."""


class DatedClaims(Protocol):
    """Claims that say from when to when they are meant to be used."""

    @property
    def issued_at(self) -> datetime: ...

    @property
    def expires_at(self) -> datetime: ...


Claims = TypeVar("Claims", bound=DatedClaims)


def verify_certified(
    token: str,
    claims_type: type[Claims],
    *,
    typ: str,
    purpose: x509.ObjectIdentifier,
    anchors: Sequence[x509.Certificate],
    now: datetime,
    max_bytes: int,
) -> Claims:
    """Check signature and certificate path of a token and read its claims. Its dates are for the caller to judge.

    Raises:
        MalformedError: grammar, size, wrong `typ`, or claims that do not have the expected shape.
        CertificateError: no path from the token's `x5c` to an anchor for this purpose.
        SignatureInvalidError: the signature does not fit the leaf's key.
    """
    jws = parse(token, typ=typ, max_bytes=max_bytes)
    chain = jws.x5c()
    claims = read_claims(jws.verify(_leaf_key(chain[0])), claims_type)
    if claims.expires_at < claims.issued_at:
        raise MalformedError("token: it ends before it begins")
    verify_chain(chain, anchors, purpose=purpose, now=min(max(now, claims.issued_at), claims.expires_at))
    return claims


def sign_certified(payload: Mapping[str, Any], *, typ: str, signer: Signer, x5c: Sequence[bytes]) -> str:
    """Sign a payload and attach the signer's certificate chain (DER, leaf first, anchor left out).

    Raises:
        CertificateError: the leaf does not certify the signer's key; nobody could verify such a token.
    """
    if not x5c:
        raise CertificateError("signing: a certificate chain is needed")
    if _leaf_key(_load(x5c[0])) != signer.public_key:
        raise CertificateError("signing: the certificate belongs to another key than the signer's")
    return sign_with_x5c(payload, signer=signer, typ=typ, x5c=x5c)


def read_claims(payload: Mapping[str, Any], claims_type: type[Claims]) -> Claims:
    """Convert a JSON object to its claims type, strictly.

    Raises:
        MalformedError: a member is missing, of another type or out of range; the message names the place only.
    """
    try:
        return msgspec.convert(payload, claims_type, strict=True)
    except msgspec.ValidationError as error:
        # msgspec's message names types and the path, never a value.
        raise MalformedError(f"token: {error}") from error


def from_numeric(seconds: int) -> datetime:
    """Return the aware UTC time of a NumericDate."""
    return datetime.fromtimestamp(seconds, UTC)


def to_numeric(time: datetime) -> int:
    """Return the NumericDate of an aware time, fractions dropped."""
    if time.tzinfo is None:
        raise ValueError("an aware time is needed")
    return int(time.timestamp())


def _leaf_key(leaf: x509.Certificate) -> PublicKey:
    try:
        return PublicKey.from_certificate(leaf)
    except KeyFormatError as error:
        raise CertificateError("chain: the leaf's key must be P-256") from error


def _load(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise CertificateError("signing: the chain holds something that is not a certificate") from error
