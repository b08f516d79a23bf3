"""Access tokens of this server: signed JWTs (RFC 9068) bound to a key (RFC 9449 §6), read by nobody else.

A token says who asks, not what they may do: rights are looked up in the server's records at every request, so
that a withdrawal takes effect at once.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from giayto_crypto import jws
from giayto_crypto.errors import GiaytoError
from giayto_crypto.jwt_claims import verify_claims
from giayto_crypto.keys import Signer
from giayto_wallet_api.dpop.problems import InvalidTokenError

ACCESS_TOKEN_TYP = "at+jwt"  # noqa: S105
ACCESS_TOKEN_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A verified access token.

    Args:
        subject: who it was given to: `client:<client_id>` or `device:<wallet_id>/<device_id>`.
        thumbprint: the key that must prove possession at each use (RFC 7638).
        scope: what it was asked for, names separated by spaces.
    """

    subject: str
    thumbprint: str
    scope: str


class AccessTokens:
    """Issues and verifies access tokens of one issuer."""

    def __init__(self, *, issuer: str, signer: Signer) -> None:
        self._issuer = issuer
        self._signer = signer

    def issue(self, *, subject: str, thumbprint: str, scope: str, now: datetime) -> str:
        """Return a token that is good for `ACCESS_TOKEN_LIFETIME`."""
        issued_at = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": subject,
            "scope": scope,
            "cnf": {"jkt": thumbprint},
            "iat": issued_at,
            "exp": issued_at + int(ACCESS_TOKEN_LIFETIME.total_seconds()),
            "jti": secrets.token_hex(16),
        }
        return jws.sign(claims, signer=self._signer, typ=ACCESS_TOKEN_TYP)

    def verify(self, token: str, *, now: datetime) -> AccessToken:
        """Return what a token says.

        Raises:
            InvalidTokenError: not a token of this server, or expired.
        """
        try:
            claims = verify_claims(
                token,
                typ=ACCESS_TOKEN_TYP,
                key=self._signer.public_key,
                issuer=self._issuer,
                audience=self._issuer,
                now=now,
                max_age=ACCESS_TOKEN_LIFETIME,
                leeway=timedelta(0),
                required=("iat", "exp", "sub", "cnf", "scope"),
            )
        except GiaytoError as error:
            raise InvalidTokenError(error.detail) from error
        return AccessToken(subject=claims["sub"], thumbprint=claims["cnf"]["jkt"], scope=claims["scope"])
