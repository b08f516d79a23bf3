"""Editions of the verifier bundle: a new one whenever a part is new, or the last one is as old as a list may become."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.bundle import build_bundle
from giayto_crypto.catalogue import Catalogue
from giayto_issuers.document_type.model import DocumentTypes
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.publications.tables import bundle_editions
from giayto_wallet_api.publications.trust_list import current_trust_list, last_trust_list
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.status.addresses import status_list_uri
from giayto_wallet_api.status.tokens import current_token, kept_tokens, list_ids
from giayto_wallet_api.store.statements import hold

_EDITIONS_KEPT = 3
"""A bundle is made of what is kept elsewhere; only its number must never come again."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a bundle is made of: signed tokens, as the store keeps them."""

    trust_list: str
    status_lists: Mapping[str, str]

    @property
    def digest(self) -> bytes:
        return sha256("\n".join([self.trust_list, *self.status_lists.values()]).encode()).digest()


def catalogue_of(document_types: DocumentTypes) -> Catalogue:
    """Return what verifiers must know of all document types."""
    return Catalogue(tuple(document_type.catalogue_entry() for document_type in document_types))


async def current_bundle(runtime: Runtime) -> str:
    """Return a signed bundle that states what is in the store now."""
    await _refresh_parts(runtime)
    now = runtime.clock()
    async with runtime.database.read() as tx:
        last, digest = await _last_edition(tx), (await _read_parts(tx, runtime)).digest
        if last is not None and _is_current(last, digest, runtime, now):
            return str(last.token)
    async with runtime.database.transaction() as tx:
        await hold(tx, "bundle editions")
        # Parts are read under the same lock as the number is taken, so that a later bundle never has older parts.
        parts, last = await _read_parts(tx, runtime), await _last_edition(tx)
        if last is not None and _is_current(last, parts.digest, runtime, now):
            return str(last.token)
        sequence = 1 if last is None else last.sequence + 1
        token = await asyncio.to_thread(_sign, runtime, parts, sequence, now)
        await _keep(tx, runtime, sequence, parts.digest, token, now)
        return token


async def _refresh_parts(runtime: Runtime) -> None:
    """Have the trust list and each status list rendered anew where they are outdated."""
    await current_trust_list(runtime)
    async with runtime.database.read() as tx:
        found = await list_ids(tx)
    for list_id in found:
        await current_token(runtime, list_id)


async def _read_parts(tx: AsyncConnection, runtime: Runtime) -> _Parts:
    tokens = await kept_tokens(tx)
    base_url = runtime.settings.base_url
    return _Parts(
        trust_list=await last_trust_list(tx),
        status_lists={status_list_uri(base_url, list_id): token for list_id, token in tokens.items()},
    )


def _is_current(edition: Row[Any], digest: bytes, runtime: Runtime, now: datetime) -> bool:
    is_young = edition.issued_at <= now < edition.issued_at + runtime.settings.status_list_ttl
    return bool(edition.content_digest == digest and is_young)


async def _last_edition(tx: AsyncConnection) -> Row[Any] | None:
    query = select(bundle_editions).order_by(bundle_editions.c.sequence.desc()).limit(1)
    return (await tx.execute(query)).first()


def _sign(runtime: Runtime, parts: _Parts, sequence: int, now: datetime) -> str:
    identity = runtime.keys.bundle
    return build_bundle(
        trust_list=parts.trust_list,
        catalogue=catalogue_of(runtime.document_types),
        status_lists=parts.status_lists,
        sequence=sequence,
        issued_at=now,
        expires_at=now + runtime.settings.bundle_lifetime,
        signer=identity.signer,
        x5c=identity.chain,
    )


async def _keep(tx: AsyncConnection, runtime: Runtime, sequence: int, digest: bytes, token: str, now: datetime) -> None:
    await tx.execute(
        insert(bundle_editions).values(
            sequence=sequence,
            content_digest=digest,
            issued_at=now,
            expires_at=now + runtime.settings.bundle_lifetime,
            token=token,
        )
    )
    await tx.execute(delete(bundle_editions).where(bundle_editions.c.sequence <= sequence - _EDITIONS_KEPT))
    await audit.record(tx, now=now, actor=audit.SYSTEM, action="bundle.published", target=str(sequence))
