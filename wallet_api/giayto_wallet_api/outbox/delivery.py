"""Delivering events to webhooks: each until its agency took it, at least once, in no promised order.

Any number of workers may do this: an event is leased to one of them for as long as an attempt can take. A failed event
rests, each time longer and not all of them equally long, and after `MAX_ATTEMPTS` becomes a dead letter.
"""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.webhooks import SIGNATURE_HEADER, sign_webhook
from giayto_wallet_api.background import repeat, repeating
from giayto_wallet_api.outbox.outgoing import DeliveryFailedError, Resolver, UnsafeAddressError, post, system_resolver
from giayto_wallet_api.outbox.tables import DEAD, DELIVERED, PENDING, outbox_events, webhooks
from giayto_wallet_api.runtime import Runtime

BATCH: Final = 20
LEASE: Final = timedelta(seconds=30)
MAX_ATTEMPTS: Final = 12
"""With the pauses between them, about two days."""
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(hours=12)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Due:
    agency_id: str
    event_id: str
    url: str
    body: str
    attempt: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    event: _Due
    failure: str | None


async def deliver_due(runtime: Runtime, *, resolve: Resolver = system_resolver) -> int:
    """Try to deliver the events that are due, some at a time, and return how many were tried."""
    async with runtime.database.read() as tx:
        if not await _is_any_due(tx, runtime.clock()):
            return 0
    async with runtime.database.transaction() as tx:
        due = await _lease(tx, runtime.clock())
    outcomes = await asyncio.gather(*(_attempt(runtime, event, resolve) for event in due))
    if outcomes:
        async with runtime.database.transaction() as tx:
            await _settle(tx, outcomes, runtime.clock())
    return len(outcomes)


def delivering_events(runtime: Runtime) -> AbstractAsyncContextManager[None]:
    """Deliver events for as long as the block runs; what is on its way then is delivered again when its lease ends."""
    return repeating(lambda: deliver_due(runtime), name="outbox")


async def deliver_for_ever(runtime: Runtime) -> None:
    """Deliver events until the task is cancelled."""
    await repeat(lambda: deliver_due(runtime), name="outbox", stopping=asyncio.Event())


def pause_after(attempts: int, chance: float) -> timedelta:
    """Return how long an event rests after so many attempts.

    Args:
        attempts: how often it was tried, from 1.
        chance: from 0 to 1; takes off up to half, so that what failed together does not come back together.
    """
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << 2 * (attempts - 1)))
    return longest * (1 - chance / 2)


async def _is_any_due(tx: AsyncConnection, now: datetime) -> bool:
    events = outbox_events.c
    due = select(events.event_id).where(events.state == PENDING, events.available_at <= now).limit(1)
    return (await tx.execute(due)).first() is not None


async def _lease(tx: AsyncConnection, now: datetime) -> Sequence[_Due]:
    events = outbox_events.c
    rows = (
        await tx.execute(
            select(events.agency_id, events.event_id, webhooks.c.url, events.body, events.attempts)
            .join(webhooks, webhooks.c.agency_id == events.agency_id)
            .where(events.state == PENDING, events.available_at <= now)
            .order_by(events.available_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True, of=outbox_events)
        )
    ).all()
    due = [_Due(*row[:4], row.attempts + 1) for row in rows]
    if due:
        await tx.execute(
            update(outbox_events)
            .where(tuple_(events.agency_id, events.event_id).in_([(each.agency_id, each.event_id) for each in due]))
            .values(available_at=now + LEASE, attempts=events.attempts + 1)
        )
    return due


async def _attempt(runtime: Runtime, event: _Due, resolve: Resolver) -> _Outcome:
    body = event.body.encode()
    identity = runtime.keys.bundle
    signature = sign_webhook(
        body,
        issuer=runtime.settings.base_url,
        audience=event.agency_id,
        event_id=event.event_id,
        issued_at=runtime.clock(),
        signer=identity.signer,
        x5c=identity.chain,
    )
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature}
    try:
        await post(event.url, body, headers, allow_loopback=runtime.settings.is_sandbox, resolve=resolve)
    except DeliveryFailedError as error:
        return _Outcome(event, str(error))
    except UnsafeAddressError as error:
        return _Outcome(event, error.code)
    return _Outcome(event, None)


async def _settle(tx: AsyncConnection, outcomes: Sequence[_Outcome], now: datetime) -> None:
    events = outbox_events.c
    for outcome in outcomes:
        event = outcome.event
        after: dict[str, Any]
        if outcome.failure is None:
            after = {"state": DELIVERED, "failure": None}
        elif event.attempt >= MAX_ATTEMPTS:
            after = {"state": DEAD, "failure": outcome.failure}
            log.warning("event_dead", agency_id=event.agency_id, event_id=event.event_id, failure=outcome.failure)
        else:
            rest = pause_after(event.attempt, random.random())  # noqa: S311 - spreads attempts, hides nothing
            after = {"failure": outcome.failure, "available_at": now + rest}
        await tx.execute(
            update(outbox_events)
            .where(
                events.agency_id == event.agency_id,
                events.event_id == event.event_id,
                events.state == PENDING,
                events.attempts == event.attempt,  # nobody else took it meanwhile
            )
            .values(changed_at=now, **after)
        )
