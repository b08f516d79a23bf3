"""Verify one DPoP proof (RFC 9449 §4.3). Pure: replay and nonce are checked by `giayto_wallet_api.dpop.gate`."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from giayto_crypto import b64url, jws
from giayto_crypto.errors import GiaytoError
from giayto_crypto.jwt_claims import verify_claims
from giayto_crypto.keys import PublicKey
from giayto_wallet_api.dpop.problems import DpopProofError

PROOF_TYP = "dpop+jwt"
PROOF_MAX_AGE = timedelta(seconds=60)
PROOF_LEEWAY = timedelta(seconds=10)
_MAX_PROOF_BYTES = 8 * 1024
_MAX_JTI_CHARACTERS = 256


@dataclass(frozen=True, slots=True)
class DpopProof:
    """A verified proof: the request comes from the holder of `key`."""

    key: PublicKey
    jti: str
    nonce: object


def verify_proof(proof: str, *, method: str, url: str, now: datetime, access_token: str | None = None) -> DpopProof:
    """Verify a proof for one request.

    Args:
        proof: the value of the `DPoP` header.
        method: the request's method.
        url: the request's URL as clients address it, without query and fragment.
        now: the time of the check.
        access_token: the token that comes with the request; its hash must be in the proof. None where none is
            used.

    Raises:
        DpopProofError: the proof is not valid for this request.
    """
    try:
        key = _embedded_key(proof)
        claims = verify_claims(
            proof,
            typ=PROOF_TYP,
            key=key,
            audience=None,
            now=now,
            max_age=PROOF_MAX_AGE,
            leeway=PROOF_LEEWAY,
            required=("jti", "htm", "htu", "iat"),
        )
    except GiaytoError as error:
        raise DpopProofError(error.detail) from error
    if claims["htm"] != method:
        raise DpopProofError("htm is not the method of this request")
    if _without_query(claims["htu"]) != url:
        raise DpopProofError("htu is not the address of this request")
    jti = claims["jti"]
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI_CHARACTERS:
        raise DpopProofError(f"jti must be a text of at most {_MAX_JTI_CHARACTERS} characters")
    if access_token is not None and not _fits(claims.get("ath"), access_token):
        raise DpopProofError("ath does not belong to the access token")
    return DpopProof(key=key, jti=jti, nonce=claims.get("nonce"))


def _embedded_key(proof: str) -> PublicKey:
    jwk = jws.parse(proof, typ=PROOF_TYP, max_bytes=_MAX_PROOF_BYTES).header.get("jwk")
    if not isinstance(jwk, dict):
        raise DpopProofError("the header must carry the public key as jwk")
    return PublicKey.from_jwk(jwk)


def _without_query(htu: object) -> str:
    return htu.partition("?")[0].partition("#")[0] if isinstance(htu, str) else ""


def _fits(ath: object, access_token: str) -> bool:
    expected = b64url.encode(sha256(access_token.encode("ascii", "replace")).digest())
    return isinstance(ath, str) and ath.isascii() and hmac.compare_digest(ath, expected)
