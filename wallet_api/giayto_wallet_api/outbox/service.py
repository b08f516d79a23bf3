"""Registering webhooks, and looking at what was and what was not delivered."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.agencies.tables import agencies
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.outbox.outgoing import require_safe_url
from giayto_wallet_api.outbox.tables import DEAD, PENDING, outbox_events, webhooks
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.store.statements import insert_for

_events = outbox_events.c


async def register_webhook(
    tx: AsyncConnection, *, agency_id: str, url: str, allow_loopback: bool, now: datetime
) -> None:
    """Enter where an agency wants to be told, in the place of what it had before.

    Raises:
        UnsafeAddressError: not an https URL.
        NotFoundError: there is no such agency.
    """
    require_safe_url(url, allow_loopback=allow_loopback)
    known = await tx.execute(select(agencies.c.agency_id).where(agencies.c.agency_id == agency_id))
    if known.first() is None:
        raise NotFoundError("there is no such agency")
    entry = insert_for(tx, webhooks).values(agency_id=agency_id, url=url, registered_at=now)
    await tx.execute(
        entry.on_conflict_do_update(index_elements=[webhooks.c.agency_id], set_={"url": url, "registered_at": now})
    )
    await audit.record(tx, now=now, actor=audit.SYSTEM, action="webhook.registered", target=agency_id)


async def remove_webhook(tx: AsyncConnection, *, agency_id: str, now: datetime) -> None:
    """Tell an agency nothing any more; NotFoundError when it was told nothing."""
    removed = await tx.execute(delete(webhooks).where(webhooks.c.agency_id == agency_id))
    if removed.rowcount != 1:
        raise NotFoundError("this agency has no webhook")
    await audit.record(tx, now=now, actor=audit.SYSTEM, action="webhook.removed", target=agency_id)


async def list_events(
    tx: AsyncConnection, agency_id: str, state: str, *, after: str, limit: int
) -> Sequence[Row[tuple[object, ...]]]:
    """Return the events of an agency in one state, from after `after` in the order of their identifiers."""
    rows = await tx.execute(
        select(outbox_events)
        .where(_events.agency_id == agency_id, _events.state == state, _events.event_id > after)
        .order_by(_events.event_id)
        .limit(limit)
    )
    return rows.all()


async def redeliver(
    tx: AsyncConnection, agency_id: str, *, actor: audit.Actor, now: datetime, event_id: str | None = None
) -> int:
    """Bring dead letters back, one or all of an agency, and return how many."""
    query = update(outbox_events).where(_events.agency_id == agency_id, _events.state == DEAD)
    if event_id is not None:
        query = query.where(_events.event_id == event_id)
    revived = (await tx.execute(query.values(state=PENDING, attempts=0, available_at=now, changed_at=now))).rowcount
    if revived:
        await audit.record(
            tx, now=now, actor=actor, action="events.redelivered", target=agency_id, facts={"count": revived}
        )
    return revived
