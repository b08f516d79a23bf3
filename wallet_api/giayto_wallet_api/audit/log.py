"""Write the audit log and check its chain.

Each entry holds the hash of the one before it, so that one who edits, drops or inserts an entry has to
rewrite every later one, which a checkpoint kept elsewhere shows. `entry_hash` is SHA-256 over the canonical
JSON array `[sequence, recorded_at in microseconds, actor, action, target, facts, previous_hash in hex]`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.strict_json import canonical
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.store.statements import hold, insert_rows

GENESIS_HASH: Final = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_LOG: Final = "audit log"
"""Held by one writer at a time until its transaction ends: hence recording comes last in what a transaction does."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: `agency:H26`, `wallet:wal_…`, `system`. Never a person's number or name."""

    name: str


SYSTEM: Final = Actor("system")


def agency_actor(agency_id: str) -> Actor:
    """The actor for an agency."""
    return Actor(f"agency:{agency_id}")


def wallet_actor(wallet_id: str) -> Actor:
    """The actor for the holder of a wallet."""
    return Actor(f"wallet:{wallet_id}")


Facts = Mapping[str, str | int | bool | None]
"""What a reader needs beside action and target; no personal data, tokens or keys."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change that was made.

    Args:
        action: what was done, as `document.revoked`.
        target: the identifier of what was changed, as `doc_…`.
        facts: what a reader needs beside it.
    """

    action: str
    target: str
    facts: Facts


async def record(
    tx: AsyncConnection, *, now: datetime, actor: Actor, action: str, target: str, facts: Facts | None = None
) -> int:
    """Append one entry; see `record_all`. Returns its sequence number."""
    (sequence,) = await record_all(tx, now=now, actor=actor, events=[Event(action, target, facts or {})])
    return sequence


async def record_all(tx: AsyncConnection, *, now: datetime, actor: Actor, events: Sequence[Event]) -> Sequence[int]:
    """Append one entry for each event in the caller's transaction and return their sequence numbers.

    Args:
        tx: the transaction that makes the changes; both become durable together or not at all.
        now: the moment of the changes.
        actor: who acted.
        events: what was done, in order; at least one.
    """
    await hold(tx, _END_OF_LOG)
    last = (
        await tx.execute(
            select(audit_entries.c.sequence, audit_entries.c.entry_hash)
            .order_by(audit_entries.c.sequence.desc())
            .limit(1)
        )
    ).first()
    last_sequence, previous = (0, GENESIS_HASH) if last is None else last
    entries = []
    for sequence, event in enumerate(events, last_sequence + 1):
        entry = _entry(sequence, now, actor, event, previous)
        entries.append(entry)
        previous = entry["entry_hash"]
    await insert_rows(tx, audit_entries, entries)
    return [entry["sequence"] for entry in entries]


def _entry(sequence: int, now: datetime, actor: Actor, event: Event, previous: bytes) -> dict[str, Any]:
    facts = canonical(dict(event.facts)).decode()
    return {
        "sequence": sequence,
        "recorded_at": now,
        "actor": actor.name,
        "action": event.action,
        "target": event.target,
        "facts": facts,
        "previous_hash": previous,
        "entry_hash": _entry_hash(sequence, now, actor.name, event.action, event.target, facts, previous),
    }


async def first_broken_entry(tx: AsyncConnection) -> int | None:
    """Walk the whole chain; return the sequence number of the first entry that does not fit, None when all
    do.
    """
    expected_sequence, previous = 1, GENESIS_HASH
    result = await tx.stream(select(audit_entries).order_by(audit_entries.c.sequence))
    async for row in result:
        computed = _entry_hash(
            row.sequence, row.recorded_at, row.actor, row.action, row.target, row.facts, row.previous_hash
        )
        if (row.sequence, row.previous_hash, row.entry_hash) != (expected_sequence, previous, computed):
            return int(row.sequence)
        expected_sequence, previous = expected_sequence + 1, row.entry_hash
    return None


def _entry_hash(
    sequence: int, recorded_at: datetime, actor: str, action: str, target: str, facts: str, previous: bytes
) -> bytes:
    microseconds = (recorded_at - _EPOCH) // timedelta(microseconds=1)
    return sha256(canonical([sequence, microseconds, actor, action, target, facts, previous.hex()])).digest()
