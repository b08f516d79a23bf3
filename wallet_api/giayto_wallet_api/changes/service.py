"""Recording and reading the changes of a wallet.

Each wallet counts its own changes. The counter is a column of the wallet's row: whoever changes something
holds that row until it commits, so changes become visible in the order of their numbers, without gaps, and a
reader that continues after number n never misses one that was committed late. This holds for any number of
workers.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.changes.tables import wallet_changes
from giayto_wallet_api.store.notifications import notify
from giayto_wallet_api.store.statements import insert_rows
from giayto_wallet_api.wallets.tables import wallets


class ChangeKind(StrEnum):
    """What happened. A new version is an offer of the same document.

    A phone that does not know a kind fetches the lists anew.
    """

    DEVICE_ENROLLED = "device_enrolled"
    DEVICE_REMOVED = "device_removed"
    NUMBER_REPLACED = "number_replaced"
    CREDENTIAL_OFFERED = "credential_offered"
    DOCUMENT_PREPARING = "document_preparing"
    DOCUMENT_COPIES_RENEWED = "document_copies_renewed"
    DOCUMENT_OFFERED = "document_offered"
    DOCUMENT_CONFIRMED = "document_confirmed"
    DOCUMENT_DECLINED = "document_declined"
    DOCUMENT_SUSPENDED = "document_suspended"
    DOCUMENT_RESUMED = "document_resumed"
    DOCUMENT_REVOKED = "document_revoked"
    DOCUMENT_CONSUMED = "document_consumed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a wallet; `object_id` names the document or device."""

    sequence: int
    kind: ChangeKind
    object_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """What is to be recorded as a change of a wallet."""

    wallet_id: str
    kind: ChangeKind
    object_id: str


async def record_change(tx: AsyncConnection, wallet_id: str, kind: ChangeKind, object_id: str, now: datetime) -> int:
    """Append a change in the transaction that makes it, and return its number."""
    (sequence,) = await record_changes(tx, [Happening(wallet_id, kind, object_id)], now)
    return sequence


async def record_changes(tx: AsyncConnection, happenings: Sequence[Happening], now: datetime) -> Sequence[int]:
    """Append changes of any wallets, at least one, and return the number of each in its wallet."""
    latest = await _hold_counters(tx, {each.wallet_id for each in happenings})
    sequences = []
    for each in happenings:
        latest[each.wallet_id] += 1
        sequences.append(latest[each.wallet_id])
    await tx.execute(
        update(wallets)
        .where(wallets.c.wallet_id == bindparam("of_wallet"))
        .values(change_sequence=bindparam("latest")),
        [{"of_wallet": wallet_id, "latest": sequence} for wallet_id, sequence in latest.items()],
    )
    await insert_rows(
        tx,
        wallet_changes,
        [
            {
                "wallet_id": each.wallet_id,
                "sequence": sequence,
                "kind": each.kind.value,
                "object_id": each.object_id,
                "occurred_at": now,
            }
            for each, sequence in zip(happenings, sequences, strict=True)
        ],
    )
    await notify(tx, latest)
    return sequences


async def _hold_counters(tx: AsyncConnection, wallet_ids: Collection[str]) -> dict[str, int]:
    """Read the counters of wallets and hold them until the transaction ends."""
    rows = await tx.execute(
        select(wallets.c.wallet_id, wallets.c.change_sequence)
        .where(wallets.c.wallet_id.in_(wallet_ids))
        .order_by(wallets.c.wallet_id)  # all workers in one order, so that none waits for one that waits for it
        .with_for_update(key_share=True)  # rows that refer to the wallet may be inserted meanwhile
    )
    return {row.wallet_id: row.change_sequence for row in rows}


async def changes_after(tx: AsyncConnection, wallet_id: str, sequence: int, limit: int) -> Sequence[Change]:
    """Return up to `limit` changes that follow number `sequence`, oldest first."""
    rows = await tx.execute(
        select(wallet_changes)
        .where(wallet_changes.c.wallet_id == wallet_id, wallet_changes.c.sequence > sequence)
        .order_by(wallet_changes.c.sequence)
        .limit(limit)
    )
    return [
        Change(row["sequence"], ChangeKind(row["kind"]), row["object_id"], row["occurred_at"])
        for row in rows.mappings()
    ]


async def last_sequence(tx: AsyncConnection, wallet_id: str) -> int:
    """Return the number of the wallet's latest change; 0 when there is none."""
    query = select(wallets.c.change_sequence).where(wallets.c.wallet_id == wallet_id)
    sequence: int = (await tx.execute(query)).scalar_one()
    return sequence
