"""Killing copies: those of a device that leaves the wallet, and those that fresh ones replace.

Which status places copies occupy is read from the copies themselves: it is what verifiers go by.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.sdjwt import UnverifiedSdJwt
from giayto_wallet_api.envelope.encryption import WalletKey
from giayto_wallet_api.inbox.delivery import credential_place
from giayto_wallet_api.inbox.tables import wallet_credentials
from giayto_wallet_api.signing_requests.leasing import cancel
from giayto_wallet_api.signing_requests.tables import DEAD, OPEN, preparations, signing_requests
from giayto_wallet_api.status.addresses import list_id_of
from giayto_wallet_api.status.entries import StatusPlace, revoke_places

_copies = wallet_credentials.c


async def retire_copies(
    tx: AsyncConnection,
    key: WalletKey,
    *,
    wallet_id: str,
    device_ids: Collection[str],
    base_url: str,
    now: datetime,
    of_version: tuple[str, int] | None = None,
) -> int:
    """Revoke and forget the copies of devices, and return how many there were.

    Args:
        tx: the transaction.
        key: opens the wallet's data.
        wallet_id: whose copies.
        device_ids: of which devices.
        base_url: of this server, under which its status lists are.
        now: the moment from which they are invalid.
        of_version: only copies of this document and version.
    """
    theirs = (_copies.wallet_id == wallet_id) & _copies.device_id.in_(device_ids)
    if of_version is not None:
        theirs &= (_copies.document_id == of_version[0]) & (_copies.version == of_version[1])
    places = await _places(tx, key, theirs, base_url)
    if places:
        await revoke_places(tx, places, now)
        await tx.execute(delete(wallet_credentials).where(theirs))
    return len(places)


async def forget_device(tx: AsyncConnection, wallet_id: str, device_id: str, now: datetime) -> None:
    """Let everything lapse that was to be signed for a device."""
    shown, requests = preparations.c, signing_requests.c
    agencies = await tx.execute(
        select(shown.agency_id, shown.row_key).where(shown.wallet_id == wallet_id, shown.device_id == device_id)
    )
    rows_of: dict[str, list[str]] = {}
    for agency_id, row_key in agencies:
        rows_of.setdefault(agency_id, []).append(row_key)
    for agency_id, row_keys in sorted(rows_of.items()):
        found = await tx.execute(
            select(requests.request_id).where(
                requests.agency_id == agency_id,
                requests.row_key.in_(row_keys),
                requests.device_id == device_id,
                requests.state.in_((OPEN, DEAD)),
            )
        )
        await cancel(tx, agency_id, list(found.scalars()), now)
    await tx.execute(delete(preparations).where(shown.wallet_id == wallet_id, shown.device_id == device_id))


async def _places(tx: AsyncConnection, key: WalletKey, theirs: ColumnElement[bool], base_url: str) -> list[StatusPlace]:
    rows = await tx.execute(
        select(_copies.document_id, _copies.version, _copies.key_thumbprint, _copies.credential).where(theirs)
    )
    return [
        _place(
            key.decrypt(row.credential, credential_place(row.document_id, row.version, row.key_thumbprint)), base_url
        )
        for row in rows
    ]


def _place(credential: bytes, base_url: str) -> StatusPlace:
    payload = UnverifiedSdJwt.parse_issued(credential.decode()).jws.unverified_payload()
    reference: Any = payload["status"]
    uri, idx = reference["status_list"]["uri"], reference["status_list"]["idx"]
    list_id = list_id_of(base_url, uri)
    if list_id is None:
        raise ValueError("a stored copy points to a status list of another server")
    return StatusPlace(list_id, idx)
