"""Access tokens of citizens: opaque, stored as a hash, bound to the device key, good for a quarter of an hour.

Unlike the agencies' signed tokens they live in the store, so that removing a device ends its session at once. A token
begins with the wallet it belongs to: the look-up then names the owner, in the key that the table is distributed by.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.devices.tables import device_access_tokens, devices
from giayto_wallet_api.dpop.problems import InvalidTokenError

ACCESS_TOKEN_LIFETIME: Final = timedelta(minutes=15)
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class DeviceSession:
    """A token that is stored and current, and the device it was given to."""

    wallet_id: str
    device_id: str
    key_thumbprint: str
    expires_at: datetime


async def issue_access_token(tx: AsyncConnection, wallet_id: str, device_id: str, now: datetime) -> str:
    """Return a new token for a device; expired ones of the same wallet are forgotten on the way."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    tokens = device_access_tokens.c
    await tx.execute(delete(device_access_tokens).where(tokens.wallet_id == wallet_id, tokens.expires_at <= now))
    await tx.execute(
        insert(device_access_tokens).values(
            wallet_id=wallet_id,
            token_hash=_hash(secret),
            device_id=device_id,
            expires_at=now + ACCESS_TOKEN_LIFETIME,
        )
    )
    return f"{wallet_id}.{secret}"


async def find_session(tx: AsyncConnection, token: str, now: datetime) -> DeviceSession:
    """Return whose token this is.

    Raises:
        InvalidTokenError: unknown, expired, or of a device that was removed.
    """
    wallet_id, _, secret = token.partition(".")
    tokens = device_access_tokens.c
    query = (
        select(devices.c.wallet_id, devices.c.device_id, devices.c.key_thumbprint, tokens.expires_at)
        .join(devices, (devices.c.wallet_id == tokens.wallet_id) & (devices.c.device_id == tokens.device_id))
        .where(tokens.wallet_id == wallet_id, tokens.token_hash == _hash(secret), tokens.expires_at > now)
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise InvalidTokenError("the access token is unknown or has expired; open a new session")
    return DeviceSession(*row)


def _hash(secret: str) -> bytes:
    # 256 random bits need no slow hash.
    return sha256(secret.encode()).digest()
