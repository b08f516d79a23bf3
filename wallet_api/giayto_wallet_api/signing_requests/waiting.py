"""Rows whose subject has no wallet yet: registered by the agency, linked when the wallet appears.

The server learns whose a row is (as a keyed hash) and of which type, never what it says. Registering the same row
again changes nothing; a row without a subject (a newborn without a number) is given one by registering it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto import b64url
from giayto_wallet_api.agencies.authority import authority_of
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.holder_keys.tables import holder_keys
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.signing_requests.requesting import WantedCopy, create_requests, prepare
from giayto_wallet_api.signing_requests.schemas import WaitingAnswer, WaitingItem, WaitingResult, WaitingRow
from giayto_wallet_api.signing_requests.tables import (
    ANY_DEVICE,
    DELIVERED,
    WAITING,
    WALLET_APPEARED,
    WITHDRAWN,
    preparations,
    waiting_documents,
)
from giayto_wallet_api.store.rate_limits import spend

ROWS_PER_HOUR: Final = 5_000_000
"""As for look-ups: registering a row that becomes a request tells that somebody has a wallet."""
_AUDITED_HASH_BYTES: Final = 16
_waiting = waiting_documents.c


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row as it is to be stored."""

    row: WaitingRow
    subject_hash: bytes | None


@dataclass(frozen=True, slots=True)
class _Known:
    """A row as it was registered before."""

    document_type: str
    subject_hash: bytes | None
    state: str


async def register(runtime: Runtime, client: AgencyClient, rows: Sequence[WaitingRow]) -> list[WaitingAnswer]:
    """Register rows, one answer for each, in order and durable when this returns.

    Raises:
        TypeForbiddenError: the agency may not issue one of the types now; nothing is registered.
        TooManyRequestsError: the agency has registered too many.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        authority = await authority_of(tx, client.agency_id)
        for document_type in sorted({row.document_type for row in rows}):
            authority.require_type(document_type, now)
        bucket, hour = f"waiting:{client.agency_id}", timedelta(hours=1)
        await spend(tx, bucket=bucket, amount=len(rows), limit=ROWS_PER_HOUR, window=hour, now=now)
        entries = await _entries(tx, runtime, rows)
        known, pushed = await _known(tx, client, rows), await _pushed(tx, client, rows)
        results = [_judge(entry, known, pushed) for entry in entries]
        new = [entry for entry, result in zip(entries, results, strict=True) if result == "waiting"]
        if new:
            await _store(tx, client, new, known, now)
            await link_wallets(tx, runtime, {entry.subject_hash for entry in new if entry.subject_hash}, now)
            await _write_down(tx, client, new, now)
    return [WaitingAnswer(row.row_key, result) for row, result in zip(rows, results, strict=True)]


async def withdraw(runtime: Runtime, client: AgencyClient, row_keys: Sequence[str]) -> int:
    """Take rows back that wait no longer for anything, and return how many; requests for them lapse."""
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        taken = await tx.execute(
            update(waiting_documents)
            .where(_waiting.agency_id == client.agency_id, _waiting.row_key.in_(row_keys), _waiting.state == WAITING)
            .values(state=WITHDRAWN, changed_at=now)
            .returning(_waiting.row_key, _waiting.wallet_id)
        )
        withdrawn = taken.all()
        if withdrawn:
            shown = preparations.c
            await tx.execute(
                delete(preparations).where(
                    shown.wallet_id.in_({row.wallet_id for row in withdrawn if row.wallet_id is not None}),
                    shown.agency_id == client.agency_id,
                    shown.row_key.in_([row.row_key for row in withdrawn]),
                )
            )
            await audit.record(
                tx,
                now=now,
                actor=client.actor,
                action="waiting_documents.withdrawn",
                target=client.agency_id,
                facts={"count": len(withdrawn)},
            )
    return len(withdrawn)


async def list_waiting(
    tx: AsyncConnection, client: AgencyClient, state: str, *, after: str, limit: int
) -> list[WaitingItem]:
    """Return rows in a state in the order of their keys, from after `after`."""
    rows = await tx.execute(
        select(_waiting.row_key, _waiting.document_type, _waiting.state, _waiting.registered_at, _waiting.changed_at)
        .where(_waiting.agency_id == client.agency_id, _waiting.state == state, _waiting.row_key > after)
        .order_by(_waiting.row_key)
        .limit(limit)
    )
    return [WaitingItem(*row) for row in rows]


async def link_wallets(tx: AsyncConnection, runtime: Runtime, subject_hashes: set[bytes], now: datetime) -> None:
    """Give waiting rows to the wallets that their subjects have by now, and ask for copies where devices have keys."""
    wallets = await runtime.wallets.wallet_ids(tx, subject_hashes)
    if not wallets:
        return
    rows = (
        await tx.execute(
            select(_waiting.agency_id, _waiting.row_key, _waiting.document_type, _waiting.subject_hash)
            .where(_waiting.subject_hash.in_(wallets), _waiting.wallet_id.is_(None), _waiting.state == WAITING)
            .order_by(_waiting.agency_id, _waiting.row_key)
            .with_for_update()
        )
    ).all()
    if not rows:
        return
    await tx.execute(
        update(waiting_documents)
        .where(_waiting.agency_id == bindparam("of_agency"), _waiting.row_key == bindparam("of_row"))
        .values(wallet_id=bindparam("of_wallet")),
        [{"of_agency": row.agency_id, "of_row": row.row_key, "of_wallet": wallets[row.subject_hash]} for row in rows],
    )
    waiting = [
        WantedCopy(
            wallets[row.subject_hash], ANY_DEVICE, row.agency_id, row.row_key, row.document_type, None, WALLET_APPEARED
        )
        for row in rows
    ]
    await prepare(tx, waiting, now)
    devices = await _devices_with_keys(tx, {each.wallet_id for each in waiting})
    wanted = [
        WantedCopy(each.wallet_id, device_id, each.agency_id, each.row_key, each.document_type, None, WALLET_APPEARED)
        for each in waiting
        for device_id in devices.get(each.wallet_id, ())
    ]
    await create_requests(tx, wanted, now)


async def _entries(tx: AsyncConnection, runtime: Runtime, rows: Sequence[WaitingRow]) -> list[_Entry]:
    hashes = {row.subject: runtime.subject_hasher.hash(row.subject.as_subject()) for row in rows if row.subject}
    current = await runtime.wallets.current_hashes(tx, set(hashes.values()))
    return [_Entry(row, current[hashes[row.subject]] if row.subject else None) for row in rows]


async def _known(tx: AsyncConnection, client: AgencyClient, rows: Sequence[WaitingRow]) -> dict[str, _Known]:
    found = await tx.execute(
        select(_waiting.row_key, _waiting.document_type, _waiting.subject_hash, _waiting.state)
        .where(_waiting.agency_id == client.agency_id, _waiting.row_key.in_({row.row_key for row in rows}))
        .order_by(_waiting.row_key)
        .with_for_update()
    )
    return {row_key: _Known(*members) for row_key, *members in found}


async def _pushed(tx: AsyncConnection, client: AgencyClient, rows: Sequence[WaitingRow]) -> set[str]:
    versions = document_versions.c
    found = await tx.execute(
        select(versions.row_key).where(
            versions.agency_id == client.agency_id, versions.row_key.in_({row.row_key for row in rows})
        )
    )
    return set(found.scalars())


def _judge(entry: _Entry, known: Mapping[str, _Known], pushed: set[str]) -> WaitingResult:
    if entry.row.row_key in pushed:
        return "delivered"
    before = known.get(entry.row.row_key)
    if before is None or before.state == WITHDRAWN:
        return "waiting"
    if before.document_type != entry.row.document_type:
        return "conflict"
    if before.subject_hash is None and entry.subject_hash is not None:
        return "waiting"
    if entry.subject_hash is None or before.subject_hash == entry.subject_hash:
        return "delivered" if before.state == DELIVERED else "unchanged"
    return "conflict"


async def _store(
    tx: AsyncConnection,
    client: AgencyClient,
    entries: Sequence[_Entry],
    known: Mapping[str, object],
    now: datetime,
) -> None:
    fresh = {entry.row.row_key: entry for entry in entries if entry.row.row_key not in known}
    if fresh:
        await tx.execute(insert(waiting_documents), [_row(client, entry, now) for entry in fresh.values()])
    again = {entry.row.row_key: entry for entry in entries if entry.row.row_key in known}
    if again:
        await tx.execute(
            update(waiting_documents)
            .where(_waiting.agency_id == client.agency_id, _waiting.row_key == bindparam("of_row"))
            .values(
                document_type=bindparam("new_type"),
                subject_hash=bindparam("new_hash"),
                wallet_id=None,
                state=WAITING,
                changed_at=now,
            ),
            [
                {"of_row": row_key, "new_type": entry.row.document_type, "new_hash": entry.subject_hash}
                for row_key, entry in again.items()
            ],
        )


def _row(client: AgencyClient, entry: _Entry, now: datetime) -> dict[str, object]:
    return {
        "agency_id": client.agency_id,
        "row_key": entry.row.row_key,
        "document_type": entry.row.document_type,
        "subject_hash": entry.subject_hash,
        "state": WAITING,
        "registered_at": now,
        "changed_at": now,
    }


async def _devices_with_keys(tx: AsyncConnection, wallet_ids: set[str]) -> dict[str, list[str]]:
    keys = holder_keys.c
    rows = await tx.execute(
        select(keys.wallet_id, keys.device_id).where(keys.wallet_id.in_(wallet_ids)).distinct().order_by(keys.device_id)
    )
    devices: dict[str, list[str]] = {}
    for wallet_id, device_id in rows:
        devices.setdefault(wallet_id, []).append(device_id)
    return devices


async def _write_down(tx: AsyncConnection, client: AgencyClient, entries: Sequence[_Entry], now: datetime) -> None:
    hashes = b"".join(entry.subject_hash[:_AUDITED_HASH_BYTES] for entry in entries if entry.subject_hash)
    await audit.record(
        tx,
        now=now,
        actor=client.actor,
        action="waiting_documents.registered",
        target=client.agency_id,
        facts={"count": len(entries), "subject_hashes": b64url.encode(hashes)},
    )
