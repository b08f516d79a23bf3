"""Filling the pool of holder keys of a device, against a nonce of this server that works once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.keys import PublicKey
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.devices.principal import Citizen
from giayto_wallet_api.holder_keys.problems import (
    HolderKeyNonceError,
    HolderKeyPoolFullError,
    HolderKeyTakenError,
)
from giayto_wallet_api.holder_keys.service import KeyOwner, owners_of_keys
from giayto_wallet_api.holder_keys.tables import holder_key_directory, holder_key_nonces, holder_keys
from giayto_wallet_api.signing_requests.requesting import request_copies
from giayto_wallet_api.store.statements import insert_if_absent

NONCE_LIFETIME: Final = timedelta(minutes=5)
MAX_POOL: Final = 200
_NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class PoolKey:
    """A key of the pool of a device."""

    key_thumbprint: str
    credential_count: int
    registered_at: datetime


async def issue_nonce(tx: AsyncConnection, citizen: Citizen, now: datetime) -> str:
    """Return a nonce for this device; expired ones of the wallet are forgotten on the way."""
    nonce = secrets.token_urlsafe(_NONCE_BYTES)
    nonces = holder_key_nonces.c
    await tx.execute(delete(holder_key_nonces).where(nonces.wallet_id == citizen.wallet_id, nonces.expires_at <= now))
    await tx.execute(
        insert(holder_key_nonces).values(
            wallet_id=citizen.wallet_id,
            nonce_hash=_hash(nonce),
            device_id=citizen.device_id,
            expires_at=now + NONCE_LIFETIME,
        )
    )
    return nonce


async def register_keys(
    tx: AsyncConnection, citizen: Citizen, keys: Sequence[PublicKey], nonce: str, now: datetime
) -> int:
    """Add proven keys to the pool of this device; all of them or none.

    With them come the documents that this device has no copy of: their agencies are asked to sign some.

    Keys that are in the pool already stay as they are, so that a request whose answer was lost may be repeated (with a
    new nonce).

    Returns:
        How many keys are new.

    Raises:
        HolderKeyNonceError: the nonce is not current for this device.
        HolderKeyTakenError: a key is registered for another device.
        HolderKeyPoolFullError: the pool has no room for all of them.
    """
    await _use_nonce(tx, citizen, nonce, now)
    new_keys = [key for key in keys if await _claim(tx, citizen, key)]
    if not new_keys:
        return 0
    await tx.execute(
        insert(holder_keys),
        [
            {
                "wallet_id": citizen.wallet_id,
                "key_thumbprint": key.thumbprint,
                "device_id": citizen.device_id,
                "point": key.compressed,
                "credential_count": 0,
                "registered_at": now,
            }
            for key in new_keys
        ],
    )
    if await _pool_size(tx, citizen) > MAX_POOL:
        raise HolderKeyPoolFullError(f"a device has at most {MAX_POOL} holder keys")
    # Wallets are held before the audit log, as everywhere: in another order two could wait for each other.
    await request_copies(tx, citizen.wallet_id, citizen.device_id, now)
    await audit.record(
        tx,
        now=now,
        actor=citizen.actor,
        action="holder_keys.registered",
        target=citizen.device_id,
        facts={"count": len(new_keys)},
    )
    return len(new_keys)


async def list_pool(tx: AsyncConnection, citizen: Citizen, *, after: str, limit: int) -> Sequence[PoolKey]:
    """Return keys of this device's pool in the order of their thumbprints, from after `after`."""
    columns = holder_keys.c
    rows = await tx.execute(
        select(columns.key_thumbprint, columns.credential_count, columns.registered_at)
        .where(
            columns.wallet_id == citizen.wallet_id,
            columns.device_id == citizen.device_id,
            columns.key_thumbprint > after,
        )
        .order_by(columns.key_thumbprint)
        .limit(limit)
    )
    return [PoolKey(*row) for row in rows]


async def count_unused(tx: AsyncConnection, citizen: Citizen) -> int:
    """Return how many keys of this device are bound to no credential yet."""
    columns = holder_keys.c
    query = (
        select(func.count())
        .select_from(holder_keys)
        .where(
            columns.wallet_id == citizen.wallet_id,
            columns.device_id == citizen.device_id,
            columns.credential_count == 0,
        )
    )
    unused: int = (await tx.execute(query)).scalar_one()
    return unused


async def _use_nonce(tx: AsyncConnection, citizen: Citizen, nonce: str, now: datetime) -> None:
    nonces = holder_key_nonces.c
    taken = (
        delete(holder_key_nonces)
        .where(
            nonces.wallet_id == citizen.wallet_id,
            nonces.nonce_hash == _hash(nonce),
            nonces.device_id == citizen.device_id,
        )
        .returning(nonces.expires_at)
    )
    expires_at = (await tx.execute(taken)).scalar_one_or_none()
    if expires_at is None or expires_at <= now:
        raise HolderKeyNonceError("nonce: unknown, used, or expired")


async def _claim(tx: AsyncConnection, citizen: Citizen, key: PublicKey) -> bool:
    """Enter a key for this device; False when it is entered already.

    Raises:
        HolderKeyTakenError: it is entered for another device.
    """
    owner = KeyOwner(citizen.wallet_id, citizen.device_id)
    entry = {
        "key_thumbprint": key.thumbprint,
        "wallet_id": owner.wallet_id,
        "device_id": owner.device_id,
    }
    if await insert_if_absent(tx, holder_key_directory, entry):
        return True
    if (await owners_of_keys(tx, (key.thumbprint,))).get(key.thumbprint) != owner:
        raise HolderKeyTakenError("a key of the request is registered for another device")
    return False


async def _pool_size(tx: AsyncConnection, citizen: Citizen) -> int:
    columns = holder_keys.c
    query = (
        select(func.count())
        .select_from(holder_keys)
        .where(columns.wallet_id == citizen.wallet_id, columns.device_id == citizen.device_id)
    )
    size: int = (await tx.execute(query)).scalar_one()
    return size


def _hash(nonce: str) -> bytes:
    return sha256(nonce.encode()).digest()
