"""Putting events into the outbox, in the transaction of the change that they tell of.

An event names things and says what happened to them. It holds no personal data: the agency reads the rest through its
own access. Agencies without a webhook have no events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.outbox.tables import PENDING, outbox_events, webhooks
from giayto_wallet_api.store.ids import new_id


class EventKind(StrEnum):
    """What an agency is told of."""

    DOCUMENT_CONFIRMED = "document_confirmed"
    DOCUMENT_DECLINED = "document_declined"
    SIGNING_REQUESTED = "signing_requested"
    SIGNING_REQUEST_DEAD = "signing_request_dead"


@dataclass(frozen=True, slots=True)
class AgencyEvent:
    """Something that happened to a thing of an agency; `data` names things only."""

    agency_id: str
    kind: EventKind
    data: Mapping[str, str | int]


async def emit(tx: AsyncConnection, events: Sequence[AgencyEvent], now: datetime) -> None:
    """Store events for those of the agencies that have a webhook."""
    agency_ids = {event.agency_id for event in events}
    if not agency_ids:
        return
    told = await tx.execute(select(webhooks.c.agency_id).where(webhooks.c.agency_id.in_(agency_ids)))
    listening = set(told.scalars())
    rows = [_row(event, now) for event in events if event.agency_id in listening]
    if rows:
        await tx.execute(insert(outbox_events), rows)


def _row(event: AgencyEvent, now: datetime) -> dict[str, object]:
    event_id = new_id("evt")
    body = {
        "event_id": event_id,
        "kind": event.kind.value,
        "agency_id": event.agency_id,
        "occurred_at": now,
        "data": dict(event.data),
    }
    return {
        "agency_id": event.agency_id,
        "event_id": event_id,
        "kind": event.kind.value,
        "body": msgspec.json.encode(body).decode(),
        "state": PENDING,
        "attempts": 0,
        "available_at": now,
        "occurred_at": now,
        "changed_at": now,
    }
