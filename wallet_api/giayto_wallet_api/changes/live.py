"""The live stream of a wallet's changes: server-sent events (HTML Living Standard §9.2).

A stream remembers nothing but the number of the last change it sent; what happened is read from the store. So a
stream may be cut at any time and taken up by another worker, with `Last-Event-ID` as the place to continue from.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import msgspec
from litestar.response.sse import ServerSentEventMessage
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.changes.schemas import change_item
from giayto_wallet_api.changes.service import Change, ChangeKind, changes_after
from giayto_wallet_api.changes.tables import wallet_changes
from giayto_wallet_api.clock import Clock
from giayto_wallet_api.devices.principal import Citizen
from giayto_wallet_api.devices.tables import devices
from giayto_wallet_api.store.database import Database
from giayto_wallet_api.wallets.tables import wallets

_BATCH: Final = 100
_RECONNECT_MS: Final = 2_000


async def follow(
    database: Database,
    clock: Clock,
    citizen: Citizen,
    *,
    after: int,
    poll_interval: timedelta,
    heartbeat: timedelta,
) -> AsyncIterator[ServerSentEventMessage]:
    """Send the changes that follow number `after`, as they come, until the session ends.

    The stream ends with the access token that opened it, and as soon as its device is removed.
    """
    # Something is sent at once, so that the client and the proxies in between know that the stream is open.
    yield ServerSentEventMessage(data=None, comment="open", retry=_RECONNECT_MS)
    time = asyncio.get_running_loop().time
    sent_at = time()
    with database.subscribe(citizen.wallet_id) as news:
        while clock() < citizen.session_expires_at:
            changes = await _look(database, citizen, after)
            if changes is None:
                async for farewell in _removal(database, citizen):
                    yield farewell
                return
            for change in changes:
                after = change.sequence
                yield _message(change)
            if changes:
                sent_at = time()
                continue
            if time() - sent_at >= heartbeat.total_seconds():
                yield ServerSentEventMessage(data=None, comment="alive")
                sent_at = time()
            await news.wait(poll_every=poll_interval.total_seconds(), at_most=heartbeat.total_seconds())


async def _removal(database: Database, citizen: Citizen) -> AsyncIterator[ServerSentEventMessage]:
    """Tell a removed device that it is removed: the last that it learns of this wallet."""
    removals = wallet_changes.c
    async with database.read() as tx:
        row = (
            await tx.execute(
                select(removals.sequence, removals.occurred_at).where(
                    removals.wallet_id == citizen.wallet_id,
                    removals.kind == ChangeKind.DEVICE_REMOVED.value,
                    removals.object_id == citizen.device_id,
                )
            )
        ).first()
    if row is not None:
        yield _message(Change(row.sequence, ChangeKind.DEVICE_REMOVED, citizen.device_id, row.occurred_at))


async def _look(database: Database, citizen: Citizen, after: int) -> list[Change] | None:
    """Return new changes; None when the device is no longer enrolled."""
    async with database.read() as tx:
        latest = await _latest_for(tx, citizen)
        if latest is None:
            return None
        return list(await changes_after(tx, citizen.wallet_id, after, _BATCH)) if latest > after else []


async def _latest_for(tx: AsyncConnection, citizen: Citizen) -> int | None:
    query = (
        select(wallets.c.change_sequence)
        .join(devices, devices.c.wallet_id == wallets.c.wallet_id)
        .where(wallets.c.wallet_id == citizen.wallet_id, devices.c.device_id == citizen.device_id)
    )
    latest: int | None = (await tx.execute(query)).scalar_one_or_none()
    return latest


def _message(change: Change) -> ServerSentEventMessage:
    return ServerSentEventMessage(
        id=change.sequence,
        event=change.kind.value,
        data=msgspec.json.encode(change_item(change)),
    )
