"""Enrolling, listing and removing the devices of a wallet. Every function works in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.keys import PublicKey
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.changes.service import ChangeKind, record_change
from giayto_wallet_api.devices.problems import (
    DeviceKeyTakenError,
    TooManyDevicesError,
    UnknownDeviceError,
)
from giayto_wallet_api.devices.tables import device_access_tokens, device_key_directory, devices
from giayto_wallet_api.envelope.encryption import Place
from giayto_wallet_api.holder_keys.tables import holder_key_directory, holder_key_nonces, holder_keys
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity, IdentityRefusedError
from giayto_wallet_api.identity.id_token import ID_TOKEN_LIFETIME
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.signing_requests.retirement import forget_device, retire_copies
from giayto_wallet_api.signing_requests.waiting import link_wallets
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.store.one_time import use_once
from giayto_wallet_api.store.statements import insert_if_absent
from giayto_wallet_api.wallets.service import Wallet, Wallets

MAX_DEVICES: Final = 5
"""Every document is issued once for each device, so their number has to be small."""


@dataclass(frozen=True, slots=True)
class DeviceDescription:
    """What the phone says about itself."""

    name: str
    platform: str


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device."""

    wallet_id: str
    device_id: str
    name: str
    platform: str
    enrolled_at: datetime


async def use_id_token(tx: AsyncConnection, id_token: str, now: datetime) -> None:
    """Mark a login as used.

    Raises:
        IdentityRefusedError: it was used before.
    """
    first_use = await use_once(
        tx,
        purpose="id_token",
        owner="enrolment",
        value=id_token,
        expires_at=now + 2 * ID_TOKEN_LIFETIME,
        now=now,
    )
    if not first_use:
        raise IdentityRefusedError("id_token: it was used before; log in again")


async def open_wallet(tx: AsyncConnection, runtime: Runtime, identity: CitizenIdentity, now: datetime) -> Wallet:
    """Return the wallet of whoever logged in: an existing one, brought up to date, or a new one.

    What agencies have waiting for the holder of a new wallet is given to it.
    """
    wallets = runtime.wallets
    wallet = await wallets.find_wallet(tx, identity.subject)
    if wallet is None:
        wallet = await wallets.create_wallet(tx, identity, now)
        if wallet is not None:
            await _audit_wallet(tx, wallet, "wallet.created", now)
            asked = runtime.subject_hasher.hash(identity.subject)
            await link_wallets(tx, runtime, set((await wallets.current_hashes(tx, (asked,))).values()), now)
            return wallet
        # Another process created it between the two looks.
        wallet = await wallets.find_wallet(tx, identity.subject)
    if wallet is None:
        raise RuntimeError("a wallet that exists was not found again")
    # A provider may still know somebody by a number that was replaced meanwhile.
    identity = replace(identity, subject=wallet.identity.subject)
    if wallet.identity != identity:
        wallet = await wallets.replace_identity(tx, wallet, identity)
        await _audit_wallet(tx, wallet, "wallet.identity_changed", now)
    return wallet


async def enrol_device(
    tx: AsyncConnection, wallet: Wallet, key: PublicKey, description: DeviceDescription, now: datetime
) -> str:
    """Add a device to a wallet and return its identifier; the wallet's other devices learn of it by an event.

    A device that enrols again with the same key stays the device that it is.

    Raises:
        DeviceKeyTakenError: the key belongs to a device of another wallet.
        TooManyDevicesError: the wallet is full.
    """
    device_id = new_id("dev")
    entry = {"key_thumbprint": key.thumbprint, "wallet_id": wallet.wallet_id, "device_id": device_id}
    if not await insert_if_absent(tx, device_key_directory, entry):
        owner_id, device_id = await _device_of_key(tx, key)
        if owner_id != wallet.wallet_id:
            raise DeviceKeyTakenError("the key of the DPoP proof belongs to a device of another wallet")
        return device_id
    # Counting the change first makes enrolments of one wallet wait for each other, so the limit holds.
    await record_change(tx, wallet.wallet_id, ChangeKind.DEVICE_ENROLLED, device_id, now)
    await _require_room(tx, wallet.wallet_id)
    await tx.execute(
        insert(devices).values(
            wallet_id=wallet.wallet_id,
            device_id=device_id,
            key_thumbprint=key.thumbprint,
            name=wallet.key.encrypt(description.name.encode(), _name_place(device_id)),
            platform=description.platform,
            enrolled_at=now,
        )
    )
    await audit.record(
        tx,
        now=now,
        actor=audit.wallet_actor(wallet.wallet_id),
        action="device.enrolled",
        target=device_id,
        facts={"platform": description.platform},
    )
    return device_id


async def find_own_wallet(tx: AsyncConnection, key: PublicKey, device_id: str) -> str:
    """Return the wallet of an enrolled device that proved its key.

    Raises:
        UnknownDeviceError: no such device, or another key; both look the same.
    """
    directory = device_key_directory.c
    query = select(directory.wallet_id).where(
        directory.key_thumbprint == key.thumbprint, directory.device_id == device_id
    )
    wallet_id: str | None = (await tx.execute(query)).scalar_one_or_none()
    if wallet_id is None:
        raise UnknownDeviceError("no enrolled device has this identifier and this key")
    return wallet_id


async def list_devices(tx: AsyncConnection, wallets: Wallets, wallet_id: str) -> Sequence[Device]:
    """Return the devices of a wallet, oldest first."""
    key = await wallets.wallet_key(tx, wallet_id)
    rows = await tx.execute(
        select(devices).where(devices.c.wallet_id == wallet_id).order_by(devices.c.enrolled_at, devices.c.device_id)
    )
    return [
        Device(
            wallet_id=wallet_id,
            device_id=row["device_id"],
            name=key.decrypt(row["name"], _name_place(row["device_id"])).decode(),
            platform=row["platform"],
            enrolled_at=row["enrolled_at"],
        )
        for row in rows.mappings()
    ]


async def remove_device(tx: AsyncConnection, runtime: Runtime, wallet_id: str, device_id: str, now: datetime) -> None:
    """Remove a device: its sessions end, its keys are gone, and whoever shows a copy of it shows a revoked one.

    Raises:
        NotFoundError: this wallet has no such device.
    """
    await retire_copies(
        tx,
        await runtime.wallets.wallet_key(tx, wallet_id),
        wallet_id=wallet_id,
        device_ids=(device_id,),
        base_url=runtime.settings.base_url,
        now=now,
    )
    tables = (
        device_access_tokens,
        device_key_directory,
        holder_key_nonces,
        holder_key_directory,
        holder_keys,
    )
    for table in tables:
        await tx.execute(delete(table).where(table.c.wallet_id == wallet_id, table.c.device_id == device_id))
    removed = await tx.execute(
        delete(devices).where(devices.c.wallet_id == wallet_id, devices.c.device_id == device_id)
    )
    if removed.rowcount != 1:
        raise NotFoundError("this wallet has no such device")
    await record_change(tx, wallet_id, ChangeKind.DEVICE_REMOVED, device_id, now)
    await forget_device(tx, wallet_id, device_id, now)
    await audit.record(tx, now=now, actor=audit.wallet_actor(wallet_id), action="device.removed", target=device_id)


async def _device_of_key(tx: AsyncConnection, key: PublicKey) -> tuple[str, str]:
    query = select(device_key_directory.c.wallet_id, device_key_directory.c.device_id).where(
        device_key_directory.c.key_thumbprint == key.thumbprint
    )
    row = (await tx.execute(query)).one()
    return row.wallet_id, row.device_id


async def _require_room(tx: AsyncConnection, wallet_id: str) -> None:
    query = select(func.count()).select_from(devices).where(devices.c.wallet_id == wallet_id)
    if (await tx.execute(query)).scalar_one() >= MAX_DEVICES:
        raise TooManyDevicesError(f"a wallet has at most {MAX_DEVICES} devices")


async def _audit_wallet(tx: AsyncConnection, wallet: Wallet, action: str, now: datetime) -> None:
    await audit.record(
        tx,
        now=now,
        actor=audit.wallet_actor(wallet.wallet_id),
        action=action,
        target=wallet.wallet_id,
        facts={"holder_kind": wallet.identity.subject.kind, "identity_version": wallet.identity_version},
    )


def _name_place(device_id: str) -> Place:
    return Place(table="devices", row=device_id, column="name", version=1)
