"""Records that work once: whoever knows the secret takes the record out, and of any number of takers one gets it.

    await records.put(tx, CODE, secret, CodeIssued(…), expires_at)
    issued = await records.take(tx, CODE, secret, now)      # None: unknown, used, or expired

A step is a kind of record with the type that its records have. The store keeps hashes of secrets only.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.authorization.tables import one_time_records

RecordT = TypeVar("RecordT", bound=msgspec.Struct)
_rows = one_time_records.c


@dataclass(frozen=True, slots=True)
class Step(Generic[RecordT]):
    """A kind of one-time record."""

    name: str
    record_type: type[RecordT]


async def put(
    tx: AsyncConnection, step: Step[RecordT], secret: str, record: RecordT, *, expires_at: datetime, now: datetime
) -> None:
    """Store a record under a secret; expired ones of all steps are forgotten on the way."""
    await tx.execute(delete(one_time_records).where(_rows.expires_at <= now))
    await tx.execute(
        insert(one_time_records).values(
            step=step.name,
            secret_hash=_hash(secret),
            record=msgspec.json.encode(record),
            expires_at=expires_at,
        )
    )


async def take(tx: AsyncConnection, step: Step[RecordT], secret: str, now: datetime) -> RecordT | None:
    """Take a record out; None when it is not there (any more) or has expired."""
    taken = (
        delete(one_time_records)
        .where(_rows.step == step.name, _rows.secret_hash == _hash(secret))
        .returning(_rows.record, _rows.expires_at)
    )
    row = (await tx.execute(taken)).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return msgspec.json.decode(row.record, type=step.record_type)


async def find(tx: AsyncConnection, step: Step[RecordT], secret: str, now: datetime) -> RecordT | None:
    """Read a record and leave it there."""
    query = select(_rows.record).where(
        _rows.step == step.name, _rows.secret_hash == _hash(secret), _rows.expires_at > now
    )
    record = (await tx.execute(query)).scalar_one_or_none()
    return None if record is None else msgspec.json.decode(record, type=step.record_type)


def _hash(secret: str) -> bytes:
    # At least 128 random bits need no slow hash.
    return sha256(secret.encode()).digest()
