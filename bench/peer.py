"""PyPI `sd-jwt` doing the same work, with the same claims and key kinds."""

from typing import Any

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from bench.scheme import CLAIMS, SHOWN
from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE

NONCE = "bm9uY2Ugb2YgMTYgYg"


class Peer:
    """Issues, presents and verifies through PyPI `sd-jwt`."""

    def __init__(self) -> None:
        self._issuer_key = JWK.generate(kty="EC", crv="P-256")
        self._holder_key = JWK.generate(kty="EC", crv="P-256")
        self._issuer_public = JWK.from_json(self._issuer_key.export_public())
        self._holder_public = JWK.from_json(self._holder_key.export_public())

    def issue(self) -> str:
        """Sign one credential of ten disclosable claims with holder binding."""
        claims: dict[Any, Any] = {SDObj(name): value for name, value in CLAIMS.items()}
        claims |= {"iss": "https://agency.example", "iat": 1_795_374_000, "exp": 1_811_000_000, "vct": "urn:example"}
        issuer = SDJWTIssuer(claims, self._issuer_key, self._holder_public, sign_alg="ES256")
        return str(issuer.sd_jwt_issuance)

    def present(self, credential: str) -> str:
        """Show four of the ten claims."""
        holder = SDJWTHolder(credential)
        shown = {str(path[0]): True for path in SHOWN}
        holder.create_presentation(shown, NONCE, IN_PERSON_AUDIENCE, self._holder_key, sign_alg="ES256")
        return str(holder.sd_jwt_presentation)

    def verify(self, presentation: str) -> object:
        """Check both signatures and the disclosures."""
        verifier = SDJWTVerifier(presentation, lambda _issuer, _header: self._issuer_public, IN_PERSON_AUDIENCE, NONCE)
        return verifier.get_verified_payload()
