"""Logging a citizen in with their browser, where this server itself sends them to the identity provider.

    url = login.begin(attempt)                          # the browser is sent there
    identity = await login.finish(attempt, code, now)   # the browser came back with a code

The phone app logs in on its own and hands over an ID token; this is for wallets of other makers, which must see none.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol
from urllib.parse import urlencode

from giayto_crypto import b64url
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity, IdentityProvider, IdentityRefusedError
from giayto_wallet_api.identity.sandbox_provider.authorization_request import CLIENT_ID
from giayto_wallet_api.identity.sandbox_provider.provider import SandboxProvider, TokenRequestError
from giayto_wallet_api.store.database import Database

CALLBACK_PATH: Final = "/oauth/callback"
"""Where the identity provider sends the browser back to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAttempt:
    """One login that this server begins (OpenID Connect Core §3.1, RFC 7636)."""

    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    language: str


class CitizenLogin(Protocol):
    """A way to log citizens in: the sandbox's provider in development, VNeID through an adapter."""

    def begin(self, attempt: LoginAttempt) -> str:
        """Return the address to which the browser is sent."""
        ...

    async def finish(self, attempt: LoginAttempt, code: str, now: datetime) -> CitizenIdentity:
        """Return who logged in.

        Raises:
            IdentityRefusedError: the code or what it stands for proves nothing here.
        """
        ...


class SandboxLogin:
    """Logins at the sandbox identity provider, which lives in the same application."""

    def __init__(self, provider: SandboxProvider, verifier: IdentityProvider, database: Database) -> None:
        """Use the provider's own code exchange, and verify its ID tokens as those of any provider."""
        self._provider = provider
        self._verifier = verifier
        self._database = database

    def begin(self, attempt: LoginAttempt) -> str:
        """Return the address of the provider's login page."""
        challenge = b64url.encode(sha256(attempt.code_verifier.encode()).digest())
        parameters = {
            "client_id": CLIENT_ID,
            "redirect_uri": attempt.redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "ui_locales": attempt.language,
        }
        return f"{self._provider.issuer}/authorize?{urlencode(parameters)}"

    async def finish(self, attempt: LoginAttempt, code: str, now: datetime) -> CitizenIdentity:
        """Redeem the code and verify the ID token."""
        form = {
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "code": code,
            "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.code_verifier,
        }
        try:
            id_token = await self._provider.redeem(self._database, form, now)
        except TokenRequestError as error:
            raise IdentityRefusedError(f"login: the provider refused the code ({error.error})") from error
        return await self._verifier.verify(id_token, nonce=attempt.nonce, now=now)
