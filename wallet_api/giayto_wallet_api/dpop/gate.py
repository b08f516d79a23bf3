"""The gate that every authenticated request passes.

    proof = await gate.prove_possession(request, needs_nonce=True)  # sessions, enrolments, the token endpoint
    token = await gate.authenticate(request)                        # everything that takes an access token

Both fail closed: without the shared store no request passes, because a replay could not be told from the
first use.
"""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from litestar.connection import ASGIConnection
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.clock import Clock
from giayto_wallet_api.dpop.nonces import DpopNonces
from giayto_wallet_api.dpop.problems import DpopProofError, InvalidTokenError, UseDpopNonceError
from giayto_wallet_api.dpop.proof import PROOF_LEEWAY, PROOF_MAX_AGE, DpopProof, verify_proof
from giayto_wallet_api.limits.quotas import spend_device_request
from giayto_wallet_api.oauth.access_tokens import AccessToken, AccessTokens
from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.one_time import use_once

Connection = ASGIConnection[Any, Any, Any, Any]
"""A request, as handlers and guards see it."""
Spending = Callable[[AsyncConnection, AccessToken, datetime], Awaitable[None]]
"""Counts a request against a limit of whoever the token names; TooManyRequestsError when there are too many."""


class DpopGate:
    """Checks DPoP proofs and DPoP-bound access tokens of requests to one base URL."""

    def __init__(
        self,
        *,
        base_url: str,
        database: Database,
        clock: Clock,
        nonces: DpopNonces,
        access_tokens: AccessTokens,
    ) -> None:
        self._base_url = base_url
        self._database = database
        self._clock = clock
        self._nonces = nonces
        self._access_tokens = access_tokens

    async def prove_possession(self, connection: Connection, *, needs_nonce: bool) -> DpopProof:
        """Verify the proof of a request without an access token.

        Raises:
            DpopProofError: no valid, fresh, unused proof.
            UseDpopNonceError: the proof is in order and lacks a current nonce of this server.
        """
        return await self._check(connection, access_token=None, needs_nonce=needs_nonce)

    async def prove_token_use(self, connection: Connection) -> tuple[str, DpopProof]:
        """Return the access token of a request and the proof that was made for it (RFC 9449 §7).

        Whether the token is good, and bound to the key of the proof, is for the caller to find out.

        Raises:
            InvalidTokenError: no DPoP token in the request.
            DpopProofError: no valid, fresh, unused proof.
        """
        token = _presented_token(connection)
        proof = await self._check(connection, access_token=token, needs_nonce=False, spend=_spend_of_device)
        return token, proof

    async def authenticate(self, connection: Connection, *, spend: Spending | None = None) -> AccessToken:
        """Verify the access token of a request and the proof that belongs to it (RFC 9449 §7).

        Args:
            connection: the request.
            spend: counts the request against a limit, in the transaction that uses up the proof.

        Raises:
            InvalidTokenError: no valid token, or one that is bound to another key.
            DpopProofError: no valid, fresh, unused proof.
        """
        token_text = _presented_token(connection)
        token = self._access_tokens.verify(token_text, now=self._clock())

        async def spend_of_token(tx: AsyncConnection, _proof: DpopProof, now: datetime) -> None:
            if spend is not None:
                await spend(tx, token, now)

        proof = await self._check(connection, access_token=token_text, needs_nonce=False, spend=spend_of_token)
        if not hmac.compare_digest(proof.key.thumbprint, token.thumbprint):
            raise InvalidTokenError("the access token is bound to another key")
        return token

    async def _check(
        self,
        connection: Connection,
        *,
        access_token: str | None,
        needs_nonce: bool,
        spend: Callable[[AsyncConnection, DpopProof, datetime], Awaitable[None]] | None = None,
    ) -> DpopProof:
        now = self._clock()
        proof = verify_proof(
            _single_header(connection, "dpop"),
            method=str(connection.scope["method"]),  # type: ignore[typeddict-item] # guards see HTTP only
            url=self._base_url + connection.scope["path"],
            now=now,
            access_token=access_token,
        )
        has_nonce = proof.nonce is not None or needs_nonce
        if has_nonce and not self._nonces.is_current(proof.nonce, now):
            raise UseDpopNonceError(self._nonces.issue(now))
        async with self._database.transaction() as tx:
            first_use = await use_once(
                tx,
                purpose="dpop",
                owner=proof.key.thumbprint,
                value=proof.jti,
                expires_at=now + PROOF_MAX_AGE + 2 * PROOF_LEEWAY,
                now=now,
            )
            if spend is not None:
                await spend(tx, proof, now)
        if not first_use:
            raise DpopProofError("jti was used before")
        return proof


async def _spend_of_device(tx: AsyncConnection, proof: DpopProof, now: datetime) -> None:
    await spend_device_request(tx, proof.key.thumbprint, now)


def _presented_token(connection: Connection) -> str:
    scheme, _, token = _single_header(connection, "authorization").partition(" ")
    if scheme.lower() != "dpop" or not token:
        raise InvalidTokenError("the Authorization header must be DPoP with an access token")
    return token


def _single_header(connection: Connection, name: str) -> str:
    values = connection.headers.getall(name, [])
    if len(values) != 1:
        raise (InvalidTokenError if name == "authorization" else DpopProofError)(
            f"exactly one {name} header is expected"
        )
    return str(values[0])
