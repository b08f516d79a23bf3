"""Values that may be used once: proof identifiers, assertion identifiers, nonces.

They live in the database, so that all processes and machines agree, and for as long as the value could be
accepted.
"""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Column, Index, LargeBinary, String, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.store.metadata import SHARED_SCOPE, UtcDateTime, metadata
from giayto_wallet_api.store.statements import forget_expired, insert_if_absent

one_time_values = Table(
    "one_time_values",
    metadata,
    Column("purpose", String(32), primary_key=True),
    Column("owner", String(160), primary_key=True),
    Column("value_hash", LargeBinary(32), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
    info=SHARED_SCOPE,
)


async def use_once(
    tx: AsyncConnection, *, purpose: str, owner: str, value: str, expires_at: datetime, now: datetime
) -> bool:
    """Mark a value as used; False when somebody used it before.

    Args:
        tx: the transaction in which the use takes effect; roll it back and the value is unused.
        purpose: what kind of value it is; the same text in two purposes does not collide.
        owner: who may use it, such as a key's thumbprint.
        value: the value itself; only its hash is stored.
        expires_at: from when on the value is refused for its age, so that this record may be forgotten.
        now: the present moment.
    """
    await forget_expired(tx, one_time_values, one_time_values.c.expires_at, now)
    row = {
        "purpose": purpose,
        "owner": owner,
        "value_hash": sha256(value.encode()).digest(),
        "expires_at": expires_at,
    }
    return await insert_if_absent(tx, one_time_values, row)
