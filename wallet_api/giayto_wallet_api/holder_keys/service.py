"""The pool of holder keys: whom a key belongs to, and which keys a push should use.

A copy of a document is bound to one holder key. Two copies bound to the same key can be linked by the
verifiers that see them, so a device registers keys in advance and a push takes the least used.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.keys import PublicKey
from giayto_wallet_api.holder_keys.tables import holder_key_directory, holder_keys


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """The device that proved possession of a holder key."""

    wallet_id: str
    device_id: str


async def holder_keys_for_push(tx: AsyncConnection, wallet_ids: Sequence[str]) -> dict[str, list[PublicKey]]:
    """Return, for each of these wallets, one holder key of each of its devices: the one bound to fewest
    credentials.

    A wallet whose devices have registered no key yet is answered with an empty list.
    """
    # Among equally used keys chance decides, so that two agencies that ask at the same time seldom get the
    # same one.
    rank = func.row_number().over(
        partition_by=(holder_keys.c.wallet_id, holder_keys.c.device_id),
        order_by=(holder_keys.c.credential_count, func.random()),
    )
    ranked = (
        select(holder_keys.c.wallet_id, holder_keys.c.device_id, holder_keys.c.point, rank.label("rank"))
        .where(holder_keys.c.wallet_id.in_(wallet_ids))
        .subquery()
    )
    rows = await tx.execute(
        select(ranked.c.wallet_id, ranked.c.point)
        .where(ranked.c.rank == 1)
        .order_by(ranked.c.wallet_id, ranked.c.device_id)
    )
    keys: dict[str, list[PublicKey]] = {wallet_id: [] for wallet_id in wallet_ids}
    for wallet_id, point in rows:
        keys[wallet_id].append(PublicKey.from_compressed(point))
    return keys


async def owner_of_key(tx: AsyncConnection, key_thumbprint: str) -> KeyOwner | None:
    """Return whose holder key this is; None when no active device has registered it."""
    return (await owners_of_keys(tx, (key_thumbprint,))).get(key_thumbprint)


async def owners_of_keys(tx: AsyncConnection, key_thumbprints: Sequence[str]) -> dict[str, KeyOwner]:
    """Return the owners of those keys that are registered, in one query."""
    rows = await tx.execute(
        select(holder_key_directory).where(holder_key_directory.c.key_thumbprint.in_(key_thumbprints))
    )
    return {row.key_thumbprint: KeyOwner(row.wallet_id, row.device_id) for row in rows}
