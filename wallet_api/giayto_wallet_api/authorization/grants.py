"""Grants: which wallet may fetch which documents, and the tokens by which it says so.

An access token is signed, bound to the wallet's DPoP key and good for five minutes; it names its grant, which is looked
up at every use. A refresh token works once and is answered with the next one. One that comes a second time was
copied by somebody: the whole grant ends (RFC 9700 §4.14.2).
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.authorization.tables import issuance_grants, issuance_refresh_tokens
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.oauth.access_tokens import AccessToken
from giayto_wallet_api.oauth.errors import InvalidGrantError
from giayto_wallet_api.store.ids import new_id

ISSUANCE_SCOPE: Final = "credential"
"""What access tokens for the credential endpoints carry."""
GRANT_LIFETIME: Final = timedelta(days=90)
"""How long after its last use a wallet may come back for fresh copies."""
_SUBJECT_PREFIX: Final = "grant:"
_TOKEN_BYTES: Final = 32


class GrantedDocument(msgspec.Struct, frozen=True):
    """A document that may be fetched. `document_id` is its `credential_identifier`."""

    agency_id: str
    document_id: str
    document_type: str


class _GrantRecord(msgspec.Struct, frozen=True):
    documents: tuple[GrantedDocument, ...]
    uses_identifiers: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """A wallet's right to fetch some documents, with tokens bound to one key.

    Args:
        grant_id: names it in tokens and in the audit log.
        client_id: None for an anonymous wallet with a pre-authorized code.
        key_thumbprint: of the DPoP key.
        documents: what may be fetched.
        uses_identifiers: whether its token answers name each document (OpenID4VCI 1.0 §6.2).
    """

    grant_id: str
    client_id: str | None
    key_thumbprint: str
    documents: tuple[GrantedDocument, ...]
    uses_identifiers: bool

    @property
    def token_subject(self) -> str:
        """How its access tokens name it."""
        return f"{_SUBJECT_PREFIX}{self.grant_id}"

    def find(self, document_id: str) -> GrantedDocument | None:
        """Return a granted document by its credential identifier."""
        return next((each for each in self.documents if each.document_id == document_id), None)

    def of_type(self, vct: str) -> Sequence[GrantedDocument]:
        """Return the granted documents of a type."""
        return [each for each in self.documents if each.document_type == vct]


async def create_grant(
    tx: AsyncConnection,
    *,
    client_id: str | None,
    key_thumbprint: str,
    documents: Sequence[GrantedDocument],
    uses_identifiers: bool,
    now: datetime,
) -> tuple[Grant, str]:
    """Store a grant and return it with its first refresh token; expired grants are forgotten on the way."""
    await _forget_expired(tx, now)
    grant = Grant(new_id("grt"), client_id, key_thumbprint, tuple(documents), uses_identifiers)
    await tx.execute(
        insert(issuance_grants).values(
            grant_id=grant.grant_id,
            client_id=client_id,
            key_thumbprint=key_thumbprint,
            record=msgspec.json.encode(_GrantRecord(grant.documents, uses_identifiers)),
            granted_at=now,
            expires_at=now + GRANT_LIFETIME,
        )
    )
    await audit.record(
        tx,
        now=now,
        actor=audit.SYSTEM,
        action="issuance.granted",
        target=grant.grant_id,
        facts={"client_id": client_id, "documents": " ".join(each.document_id for each in grant.documents)},
    )
    return grant, await _new_refresh_token(tx, grant.grant_id)


async def find_grant(tx: AsyncConnection, grant_id: str, now: datetime) -> Grant | None:
    """Return a grant that stands; None when there is none or it has expired."""
    grants = issuance_grants.c
    query = select(grants.grant_id, grants.client_id, grants.key_thumbprint, grants.record).where(
        grants.grant_id == grant_id, grants.expires_at > now
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    record = msgspec.json.decode(row.record, type=_GrantRecord)
    return Grant(row.grant_id, row.client_id, row.key_thumbprint, record.documents, record.uses_identifiers)


async def grant_of_token(tx: AsyncConnection, token: AccessToken, now: datetime) -> Grant:
    """Return the grant that an access token names.

    Raises:
        InvalidTokenError: a token for something else, or a grant that was taken away.
    """
    if ISSUANCE_SCOPE not in token.scope.split() or not token.subject.startswith(_SUBJECT_PREFIX):
        raise InvalidTokenError("the access token is not for fetching credentials")
    grant = await find_grant(tx, token.subject.removeprefix(_SUBJECT_PREFIX), now)
    if grant is None or not hmac.compare_digest(grant.key_thumbprint, token.thumbprint):
        raise InvalidTokenError("what this access token stood for has ended")
    return grant


async def rotate(
    tx: AsyncConnection, refresh_token: str, *, key_thumbprint: str, client_id: str | None, now: datetime
) -> tuple[Grant, str] | None:
    """Use a refresh token up and return its grant with the next one; None when the token was used before.

    In that case the grant has been ended, and the caller must let the transaction commit before it refuses.

    Raises:
        InvalidGrantError: unknown, expired, of another client, or bound to another key. Nothing has changed then.
    """
    grant_id, _, secret = refresh_token.partition(".")
    grant = await find_grant(tx, grant_id, now)
    if grant is None or not hmac.compare_digest(grant.key_thumbprint, key_thumbprint):
        raise InvalidGrantError("the refresh token is unknown, has expired, or is bound to another key")
    if client_id is not None and client_id != grant.client_id:
        raise InvalidGrantError("the refresh token was given to another client")
    tokens = issuance_refresh_tokens.c
    mine = (tokens.grant_id == grant_id) & (tokens.token_hash == _hash(secret))
    used = await tx.execute(update(issuance_refresh_tokens).where(mine, tokens.used_at.is_(None)).values(used_at=now))
    if used.rowcount == 1:
        await tx.execute(
            update(issuance_grants)
            .where(issuance_grants.c.grant_id == grant_id)
            .values(expires_at=now + GRANT_LIFETIME)
        )
        return grant, await _new_refresh_token(tx, grant_id)
    if (await tx.execute(select(tokens.grant_id).where(mine))).first() is None:
        raise InvalidGrantError("the refresh token is unknown, has expired, or is bound to another key")
    await end_grant(tx, grant_id, "refresh token used twice", now)
    return None


async def end_grant(tx: AsyncConnection, grant_id: str, reason: str, now: datetime) -> None:
    """Take a grant away: its tokens are worth nothing from now on. Ending it twice is ending it once."""
    await tx.execute(delete(issuance_refresh_tokens).where(issuance_refresh_tokens.c.grant_id == grant_id))
    removed = await tx.execute(delete(issuance_grants).where(issuance_grants.c.grant_id == grant_id))
    if removed.rowcount == 1:
        facts = {"reason": reason}
        await audit.record(tx, now=now, actor=audit.SYSTEM, action="issuance.grant_ended", target=grant_id, facts=facts)


async def _new_refresh_token(tx: AsyncConnection, grant_id: str) -> str:
    secret = secrets.token_urlsafe(_TOKEN_BYTES)
    await tx.execute(insert(issuance_refresh_tokens).values(grant_id=grant_id, token_hash=_hash(secret), used_at=None))
    return f"{grant_id}.{secret}"


async def _forget_expired(tx: AsyncConnection, now: datetime) -> None:
    expired = select(issuance_grants.c.grant_id).where(issuance_grants.c.expires_at <= now)
    await tx.execute(delete(issuance_refresh_tokens).where(issuance_refresh_tokens.c.grant_id.in_(expired)))
    await tx.execute(delete(issuance_grants).where(issuance_grants.c.expires_at <= now))


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
