"""Editions of the trust list: a new one when an entry changed, or when half of the last one's time is over."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.localised import Localised
from giayto_crypto.trust_list import TrustList, sign_trust_list
from giayto_wallet_api.agencies.authority import all_entries
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.publications.revisions import TRUST_LIST, current_revision
from giayto_wallet_api.publications.tables import trust_list_editions
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.statements import hold

OPERATOR = Localised(vi="Cơ quan vận hành giayto", en="Operator of giayto")


async def current_trust_list(runtime: Runtime) -> str:
    """Return a signed trust list that states what is in the store now."""
    now = runtime.clock()
    async with runtime.database.read() as tx:
        last = await _last_edition(tx)
        if last is not None and _is_current(last, await current_revision(tx, TRUST_LIST), now):
            return str(last.token)
    async with runtime.database.transaction() as tx:
        await hold(tx, "trust list editions")
        revision = await current_revision(tx, TRUST_LIST)
        last = await _last_edition(tx)
        if last is not None and _is_current(last, revision, now):  # somebody else was faster
            return str(last.token)
        return await _publish(tx, runtime, 1 if last is None else last.sequence + 1, revision, now)


async def last_trust_list(tx: AsyncConnection) -> str:
    """Return the newest edition that was published; there is one as soon as `current_trust_list` was asked once."""
    edition = await _last_edition(tx)
    return "" if edition is None else str(edition.token)


def _is_current(edition: Row[Any], revision: int, now: datetime) -> bool:
    half_time = edition.issued_at + (edition.next_update - edition.issued_at) / 2
    return bool(edition.revision == revision and edition.issued_at <= now < half_time)


async def _last_edition(tx: AsyncConnection) -> Row[Any] | None:
    return (
        await tx.execute(select(trust_list_editions).order_by(trust_list_editions.c.sequence.desc()).limit(1))
    ).first()


async def _publish(tx: AsyncConnection, runtime: Runtime, sequence: int, revision: int, now: datetime) -> str:
    next_update = now + runtime.settings.trust_list_lifetime
    trust_list = TrustList(
        sequence=sequence,
        issued_at=now.replace(microsecond=0),
        next_update=next_update.replace(microsecond=0),
        operator=OPERATOR,
        issuers=tuple(await all_entries(tx)),
    )
    identity = runtime.keys.trust_list
    token = sign_trust_list(trust_list, signer=identity.signer, x5c=identity.chain)
    await tx.execute(
        insert(trust_list_editions).values(
            sequence=sequence, revision=revision, issued_at=now, next_update=next_update, token=token
        )
    )
    await audit.record(tx, now=now, actor=audit.SYSTEM, action="trust_list.published", target=str(sequence))
    return token
