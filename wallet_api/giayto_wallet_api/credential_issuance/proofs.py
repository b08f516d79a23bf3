"""Key proofs of a credential request, of type `jwt` (OpenID4VCI 1.0 Appendix F.1).

header   alg ES256, typ openid4vci-proof+jwt, exactly one of jwk, x5c, kid (a did:jwk)
claims   aud (the credential issuer), iat, nonce (of the nonce endpoint), no iss from an anonymous wallet
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from giayto_crypto import b64url, jws, jwt_claims, strict_json
from giayto_crypto.errors import GiaytoError, MalformedError
from giayto_crypto.keys import PublicKey
from giayto_wallet_api.credential_issuance.errors import InvalidNonceError, InvalidProofError
from giayto_wallet_api.credential_issuance.nonces import NONCE_LIFETIME, CredentialNonces

PROOF_TYP: Final = "openid4vci-proof+jwt"
_PROOF_MAX_AGE: Final = NONCE_LIFETIME
_LEEWAY: Final = timedelta(minutes=1)
_MAX_PROOF_BYTES: Final = 16 * 1024
_MAX_JWK_BYTES: Final = 2 * 1024
_KEY_PARAMETERS: Final = ("jwk", "x5c", "kid")
_DID_JWK: Final = "did:jwk:"


@dataclass(frozen=True, slots=True)
class ProofExpectations:
    """What every proof of a request has to say.

    Args:
        audience: the credential issuer identifier.
        client_id: of the wallet; None when it is anonymous, and then a proof says no `iss`.
        nonces: recognises nonces of this server.
        now: time of the check.
    """

    audience: str
    client_id: str | None
    nonces: CredentialNonces
    now: datetime


def verify_proofs(proofs: Sequence[str], expected: ProofExpectations) -> list[PublicKey]:
    """Return the keys that proofs prove, in order, each once.

    Raises:
        InvalidProofError: a proof is not valid, carries no nonce, or two are of one key.
        InvalidNonceError: a valid proof carries a nonce that is not current.
    """
    verified = [_verify(proof, position, expected) for position, proof in enumerate(proofs)]
    keys = [key for key, _ in verified]
    if len({key.thumbprint for key in keys}) != len(keys):
        raise InvalidProofError("proofs: each copy needs a key of its own")
    for position, (_, nonce) in enumerate(verified):
        if not expected.nonces.is_current(nonce, expected.now):
            raise InvalidNonceError(f"proofs.jwt[{position}]: ask the nonce endpoint for a new nonce")
    return keys


def _verify(proof: str, position: int, expected: ProofExpectations) -> tuple[PublicKey, str]:
    try:
        key = _proven_key(jws.parse(proof, typ=PROOF_TYP, max_bytes=_MAX_PROOF_BYTES))
        claims = jwt_claims.verify_claims(
            proof,
            typ=PROOF_TYP,
            key=key,
            audience=expected.audience,
            now=expected.now,
            max_age=_PROOF_MAX_AGE,
            leeway=_LEEWAY,
            required=("aud", "iat"),
        )
    except GiaytoError as error:
        raise InvalidProofError(f"proofs.jwt[{position}]: {error.detail}") from error
    if claims.get("iss") not in (None, expected.client_id):
        raise InvalidProofError(
            f"proofs.jwt[{position}]: iss must be the client_id, or absent from an anonymous wallet"
        )
    nonce = claims.get("nonce")
    if not isinstance(nonce, str):
        raise InvalidProofError(f"proofs.jwt[{position}]: the claim nonce is missing; ask the nonce endpoint for one")
    return key, nonce


def _proven_key(proof: jws.UnverifiedJws) -> PublicKey:
    present = [name for name in _KEY_PARAMETERS if name in proof.header]
    if len(present) != 1:
        raise MalformedError("the header must name the key by exactly one of jwk, x5c and kid")
    if present == ["x5c"]:
        return PublicKey.from_certificate(proof.x5c()[0])
    return PublicKey.from_jwk(_named_jwk(proof.header[present[0]]))


def _named_jwk(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        if not value.startswith(_DID_JWK):
            raise MalformedError("kid: only a did:jwk names a key by itself; send jwk instead")
        encoded = value.removeprefix(_DID_JWK).partition("#")[0]
        return strict_json.loads_object(b64url.decode(encoded), max_bytes=_MAX_JWK_BYTES)
    if not isinstance(value, dict):
        raise MalformedError("jwk: an object is expected")
    return value
