"""DPoP proofs (RFC 9449): every call shows that the caller holds the key that its token is bound to."""

from hashlib import sha256
from secrets import token_urlsafe

from giayto_crypto import b64url, jws
from giayto_crypto.keys import Signer
from giayto_sdk._clock import Clock

PROOF_TYPE = "dpop+jwt"
_JTI_BYTES = 16


class DpopProver:
    """Makes proofs with one key and remembers the nonce that the server last gave."""

    def __init__(self, signer: Signer, clock: Clock) -> None:
        """Use this key; the clock gives `iat`."""
        self._signer = signer
        self._clock = clock
        self._nonce: str | None = None

    @property
    def thumbprint(self) -> str:
        """The thumbprint of the key, which the server binds tokens to (`jkt`)."""
        return self._signer.public_key.thumbprint

    def remember_nonce(self, nonce: str | None) -> None:
        """Use this nonce from now on; None changes nothing (RFC 9449 §8.2)."""
        if nonce:
            self._nonce = nonce

    def proof(self, method: str, url: str, access_token: str | None) -> str:
        """Return a proof for one request (RFC 9449 §4.2).

        Args:
            method: HTTP method in upper case.
            url: the target without query and fragment.
            access_token: the token sent beside it, if any.
        """
        claims: dict[str, object] = {
            "jti": token_urlsafe(_JTI_BYTES),
            "htm": method,
            "htu": url,
            "iat": int(self._clock().timestamp()),
        }
        if access_token is not None:
            claims["ath"] = b64url.encode(sha256(access_token.encode("ascii")).digest())
        if self._nonce is not None:
            claims["nonce"] = self._nonce
        return jws.sign(claims, signer=self._signer, typ=PROOF_TYPE, header={"jwk": self._signer.public_key.jwk})
