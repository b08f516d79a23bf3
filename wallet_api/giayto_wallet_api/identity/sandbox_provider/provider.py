"""The provider itself: a code for a login, an ID token for a code.

An authorization code is random, lives for a minute and works once, whichever process made it: the store keeps its
hash, and taking the row out is what redeems it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto import b64url, jws
from giayto_crypto.keys import PublicKey, Signer
from giayto_wallet_api.envelope.subject_hash import SubjectHasher
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity
from giayto_wallet_api.identity.id_token import ID_TOKEN_LIFETIME, ID_TOKEN_TYPE
from giayto_wallet_api.identity.sandbox_provider.authorization_request import CLIENT_ID, AuthorizationRequest
from giayto_wallet_api.identity.sandbox_provider.population import Population
from giayto_wallet_api.identity.sandbox_provider.tables import sandbox_authorization_codes as codes
from giayto_wallet_api.store.database import Database

CODE_LIFETIME: Final = timedelta(minutes=1)
PROVIDER_PATH: Final = "/sandbox/idp"


class TokenRequestError(Exception):
    """A token request is refused; `error` is the code of RFC 6749 §5.2."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Login:
    """What an authorization code stands for. `subject` is the `sub` of who logged in."""

    redirect_uri: str
    code_challenge: str
    nonce: str
    subject: str
    expires_at: datetime


class SandboxProvider:
    """An OpenID provider for the people and organisations of a generated population."""

    def __init__(self, *, base_url: str, population: Population, signer: Signer, subject_hasher: SubjectHasher) -> None:
        self.issuer = base_url + PROVIDER_PATH
        self._signer = signer
        self._population = population
        self._subjects = {
            resident.subject.id: b64url.encode(subject_hasher.hash(resident.subject)) for resident in population
        }
        self._identifiers = {subject: identifier for identifier, subject in self._subjects.items()}

    @property
    def public_key(self) -> PublicKey:
        """The key that verifies this provider's ID tokens; its thumbprint is their `kid`."""
        return self._signer.public_key

    async def authorize(
        self, tx: AsyncConnection, request: AuthorizationRequest, identifier: str, now: datetime
    ) -> str | None:
        """Return an authorization code for whoever has this number; None when nobody has it."""
        subject = self._subjects.get(identifier)
        if subject is None:
            return None
        code = secrets.token_urlsafe(32)
        await tx.execute(delete(codes).where(codes.c.expires_at <= now))
        await tx.execute(
            insert(codes).values(
                code_hash=_code_hash(code),
                redirect_uri=request.redirect_uri,
                code_challenge=request.code_challenge,
                nonce=request.nonce,
                subject=subject,
                expires_at=now + CODE_LIFETIME,
            )
        )
        return code

    async def redeem(self, database: Database, form: Mapping[str, str], now: datetime) -> str:
        """Return the ID token for an authorization code (OpenID Connect Core §3.1.3).

        Args:
            database: where the codes are. The code is gone for good, whatever else is wrong with the request.
            form: the token request.
            now: time of the request.

        Raises:
            TokenRequestError: another grant or client, or a code that is used, expired, or of another redirect URI
                or PKCE verifier.
        """
        if form.get("grant_type") != "authorization_code":
            raise TokenRequestError("unsupported_grant_type")
        if form.get("client_id") != CLIENT_ID:
            raise TokenRequestError("invalid_client")
        async with database.transaction() as tx:
            login = await _take_login(tx, form.get("code", ""))
        if login is None:
            raise TokenRequestError("invalid_grant")
        return self._id_token(login, form, now)

    def _id_token(self, login: Login, form: Mapping[str, str], now: datetime) -> str:
        challenge = b64url.encode(sha256(form.get("code_verifier", "").encode()).digest())
        belongs = compare_digest(challenge, login.code_challenge) and form.get("redirect_uri") == login.redirect_uri
        resident = self._population.find(self._identifiers.get(login.subject, ""))
        if not belongs or login.expires_at <= now or resident is None:
            raise TokenRequestError("invalid_grant")
        issued_at = int(now.timestamp())
        claims = {
            "iss": self.issuer,
            "sub": login.subject,
            "aud": CLIENT_ID,
            "iat": issued_at,
            "exp": issued_at + int(ID_TOKEN_LIFETIME.total_seconds()),
            "nonce": login.nonce,
            **_identity_claims(resident),
        }
        return jws.sign(claims, signer=self._signer, typ=ID_TOKEN_TYPE, header={"kid": self.public_key.thumbprint})


async def _take_login(tx: AsyncConnection, code: str) -> Login | None:
    """Take the login of a code out of the store: of any number of takers exactly one gets it."""
    columns = (
        codes.c.redirect_uri,
        codes.c.code_challenge,
        codes.c.nonce,
        codes.c.subject,
        codes.c.expires_at,
    )
    taken = delete(codes).where(codes.c.code_hash == _code_hash(code)).returning(*columns)
    row = (await tx.execute(taken)).one_or_none()
    return None if row is None else Login(*row)


def _identity_claims(resident: CitizenIdentity) -> dict[str, str]:
    if resident.subject.kind == "organisation":
        return {"tax_code": resident.subject.id, "organisation_name": resident.full_name}
    return {
        "personal_number": resident.subject.id,
        "full_name": resident.full_name,
        "birth_date": resident.birth_date or "",
    }


def _code_hash(code: str) -> bytes:
    return sha256(code.encode()).digest()
