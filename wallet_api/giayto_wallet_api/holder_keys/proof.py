"""The proof that a device holds the private part of a holder key: a JWT signed by that very key.

header   alg ES256, typ giayto-holder-key+jwt, jwk (the key)
claims   aud (this API), iat, nonce (of POST /wallet/v1/nonces)
"""

from datetime import datetime, timedelta
from typing import Final

from giayto_crypto import jws, jwt_claims
from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import PublicKey
from giayto_wallet_api.holder_keys.problems import HolderKeyProofError

PROOF_TYPE: Final = "giayto-holder-key+jwt"
PROOF_MAX_AGE: Final = timedelta(minutes=5)
_MAX_PROOF_BYTES: Final = 4 * 1024


def verify_holder_key_proof(proof: str, *, position: int, audience: str, nonce: str, now: datetime) -> PublicKey:
    """Return the key that a proof proves.

    Args:
        proof: the compact JWT.
        position: of the proof in its request, from 0, for the error.
        audience: the base URL of this API.
        nonce: what all proofs of the request must carry.
        now: time of the check.

    Raises:
        HolderKeyProofError: not a proof for this API and nonce by the key that it names.
    """
    try:
        key = _named_key(proof)
        claims = jwt_claims.verify_claims(
            proof,
            typ=PROOF_TYPE,
            key=key,
            audience=audience,
            now=now,
            max_age=PROOF_MAX_AGE,
            required=("aud", "iat", "nonce"),
        )
    except GiaytoError as error:
        raise HolderKeyProofError(f"proofs[{position}]: {error.detail}") from error
    if claims["nonce"] != nonce:
        raise HolderKeyProofError(f"proofs[{position}]: all proofs of a request carry the same nonce")
    return key


def unverified_nonce(proof: str) -> str:
    """Return the nonce that a proof claims to carry; the proof itself is not verified by this.

    Raises:
        HolderKeyProofError: not a JWT with a nonce.
    """
    try:
        nonce = _parse(proof).unverified_payload().get("nonce")
    except GiaytoError as error:
        raise HolderKeyProofError(f"proofs[0]: {error.detail}") from error
    if not isinstance(nonce, str):
        raise HolderKeyProofError("proofs[0]: the claim nonce is missing")
    return nonce


def _named_key(proof: str) -> PublicKey:
    jwk = _parse(proof).header.get("jwk")
    if not isinstance(jwk, dict):
        raise HolderKeyProofError("the header must carry the holder key as jwk")
    return PublicKey.from_jwk(jwk)


def _parse(proof: str) -> jws.UnverifiedJws:
    return jws.parse(proof, typ=PROOF_TYPE, max_bytes=_MAX_PROOF_BYTES)
