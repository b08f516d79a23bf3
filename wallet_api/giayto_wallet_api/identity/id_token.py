"""Verification of OpenID Connect ID tokens (OpenID Connect Core 1.0 §3.1.3.7)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from giayto_crypto import jws, jwt_claims
from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import PublicKey
from giayto_issuers.subjects import Subject
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity, IdentityRefusedError

ID_TOKEN_TYPE = "JWT"  # noqa: S105 - a media type
ID_TOKEN_LIFETIME = timedelta(minutes=5)
"""How long after the login a device may enrol with it. A fresh login is the step-up for a new device."""

_REQUIRED = ("iss", "sub", "aud", "iat", "exp", "nonce")


class OidcIdentityProvider:
    """Verifies ID tokens of one issuer with keys that are pinned by configuration."""

    def __init__(self, *, issuer: str, client_id: str, keys: Mapping[str, PublicKey]) -> None:
        """Name the issuer, the client that the tokens must be for, and the issuer's keys by `kid`."""
        self._issuer = issuer
        self._client_id = client_id
        self._keys = dict(keys)

    async def verify(self, id_token: str, *, nonce: str, now: datetime) -> CitizenIdentity:
        """Return who logged in; see `IdentityProvider.verify`."""
        try:
            claims = self._verified_claims(id_token, now)
        except GiaytoError as error:
            raise IdentityRefusedError(f"id_token: refused ({error.code})") from error
        if not compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise IdentityRefusedError("id_token: its nonce must be the RFC 7638 thumbprint of the device key")
        return _identity(claims)

    def _verified_claims(self, id_token: str, now: datetime) -> dict[str, Any]:
        key = self._keys.get(str(jws.parse(id_token, typ=ID_TOKEN_TYPE).header.get("kid")))
        if key is None:
            raise IdentityRefusedError("id_token: signed by a key that the provider does not publish")
        return jwt_claims.verify_claims(
            id_token,
            typ=ID_TOKEN_TYPE,
            key=key,
            issuer=self._issuer,
            audience=self._client_id,
            now=now,
            max_age=ID_TOKEN_LIFETIME,
            required=_REQUIRED,
        )


def _identity(claims: Mapping[str, Any]) -> CitizenIdentity:
    if "tax_code" in claims:
        subject = Subject("organisation", _text(claims, "tax_code"))
        return CitizenIdentity(subject, _text(claims, "organisation_name"), None)
    subject = Subject("person", _text(claims, "personal_number"))
    return CitizenIdentity(subject, _text(claims, "full_name"), _text(claims, "birth_date"))


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise IdentityRefusedError(f"id_token: the claim {name} is missing or not text")
    return value
