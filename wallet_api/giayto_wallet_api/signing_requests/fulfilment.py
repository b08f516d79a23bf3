"""What a push does to signing requests: its rows complete them, and copies that were asked for are added or replaced.

A row that was pushed before is normally `unchanged`. Where a device of its holder has an open request for it, the
copies that are bound to keys of that device are taken, if they state the period of the others: they join the version
that is there, with its status, and the copies that this device had before are revoked, so that a device never shows
two copies of one version.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.status_list import StatusValue
from giayto_wallet_api.changes.service import ChangeKind, Happening, record_changes
from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.inbox.delivery import Delivery, store_credentials
from giayto_wallet_api.inbox.tables import wallet_documents
from giayto_wallet_api.signing_requests.retirement import retire_copies
from giayto_wallet_api.signing_requests.tables import (
    ANY_DEVICE,
    COMPLETED,
    DEAD,
    DELIVERED,
    OPEN,
    WAITING,
    preparations,
    signing_requests,
    waiting_documents,
)
from giayto_wallet_api.status.entries import PlaceUse, use_places

_requests = signing_requests.c


@dataclass(frozen=True, slots=True)
class WantedCopies:
    """The devices that have an open request for a version, and the period that all its copies state."""

    device_ids: set[str]
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """Copies of one row that arrived for devices of a wallet."""

    row_key: str
    wallet_id: str
    document_id: str
    device_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Renewal:
    """Copies that join a version which is there already.

    Args:
        row_key: of the version.
        delivery: the version with the new copies alone.
        uses: the status places of the new copies.
        value: the status of the version, which the new copies begin with.
    """

    row_key: str
    delivery: Delivery
    uses: Sequence[PlaceUse]
    value: StatusValue


async def wanted_copies(tx: AsyncConnection, agency_id: str, row_keys: Collection[str]) -> dict[str, WantedCopies]:
    """Return what devices wait for of rows that were pushed before, by row key; most rows have nothing of it."""
    if not row_keys:
        return {}
    versions, documents = document_versions.c, wallet_documents.c
    rows = await tx.execute(
        select(_requests.row_key, _requests.device_id, documents.valid_from, documents.valid_until)
        .join(
            document_versions,
            (versions.agency_id == _requests.agency_id) & (versions.row_key == _requests.row_key),
        )
        .join(
            wallet_documents,
            (documents.wallet_id == versions.wallet_id)
            & (documents.document_id == versions.document_id)
            & (documents.version == versions.version),
        )
        .where(_requests.agency_id == agency_id, _requests.row_key.in_(row_keys), _requests.state.in_((OPEN, DEAD)))
    )
    wanted: dict[str, WantedCopies] = {}
    for row_key, device_id, valid_from, valid_until in rows:
        wanted.setdefault(row_key, WantedCopies(set(), valid_from, valid_until)).device_ids.add(device_id)
    return wanted


async def renew_copies(
    tx: AsyncConnection, *, agency_id: str, base_url: str, renewals: Sequence[Renewal], now: datetime
) -> None:
    """Store added copies in the place of those that their devices had, and tell the phones; the caller audits it."""
    for renewal in renewals:
        delivery = renewal.delivery
        await retire_copies(
            tx,
            delivery.wallet.key,
            wallet_id=delivery.wallet.wallet_id,
            device_ids={copy.device_id for copy in delivery.credentials},
            of_version=(delivery.document_id, delivery.version),
            base_url=base_url,
            now=now,
        )
        await use_places(tx, agency_id=agency_id, uses=renewal.uses, now=now, value=renewal.value)
    await store_credentials(tx, [renewal.delivery for renewal in renewals])
    await record_changes(
        tx,
        [
            Happening(each.delivery.wallet.wallet_id, ChangeKind.DOCUMENT_COPIES_RENEWED, each.delivery.document_id)
            for each in renewals
        ],
        now,
    )


async def settle(tx: AsyncConnection, agency_id: str, arrivals: Sequence[Arrival], now: datetime) -> None:
    """Complete what was waited for or asked for of rows that arrived; most rows were neither."""
    by_row = {arrival.row_key: arrival for arrival in arrivals}
    waiting = await _end_waiting(tx, agency_id, by_row, now)
    completed = await _complete(tx, agency_id, by_row, now)
    concerned = [by_row[row_key] for row_key in sorted(waiting | completed)]
    await _clear_preparations(tx, agency_id, concerned)


async def _end_waiting(tx: AsyncConnection, agency_id: str, arrivals: Mapping[str, Arrival], now: datetime) -> set[str]:
    waiting = waiting_documents.c
    ended = await tx.execute(
        update(waiting_documents)
        .where(waiting.agency_id == agency_id, waiting.row_key.in_(arrivals), waiting.state == WAITING)
        .values(state=DELIVERED, changed_at=now)
        .returning(waiting.row_key)
    )
    return set(ended.scalars())


async def _complete(tx: AsyncConnection, agency_id: str, arrivals: Mapping[str, Arrival], now: datetime) -> set[str]:
    rows = await tx.execute(
        select(_requests.request_id, _requests.row_key, _requests.device_id)
        .where(_requests.agency_id == agency_id, _requests.row_key.in_(arrivals), _requests.state.in_((OPEN, DEAD)))
        .order_by(_requests.request_id)
        .with_for_update()
    )
    met = [row for row in rows if row.device_id in arrivals[row.row_key].device_ids]
    if met:
        await tx.execute(
            update(signing_requests)
            .where(_requests.agency_id == agency_id, _requests.request_id.in_([row.request_id for row in met]))
            .values(state=COMPLETED, lease_id=None, failure=None, changed_at=now)
        )
    return {row.row_key for row in met}


async def _clear_preparations(tx: AsyncConnection, agency_id: str, arrivals: Sequence[Arrival]) -> None:
    """Take what arrived off the list; what other devices still wait for is now of a document that is there."""
    if not arrivals:
        return
    shown = preparations.c
    of_row = (
        (shown.wallet_id == bindparam("of_wallet"))
        & (shown.agency_id == agency_id)
        & (shown.row_key == bindparam("of_row"))
    )
    await tx.execute(
        delete(preparations).where(of_row, shown.device_id == bindparam("of_device")),
        [
            {"of_wallet": each.wallet_id, "of_row": each.row_key, "of_device": device_id}
            for each in arrivals
            for device_id in sorted({ANY_DEVICE, *each.device_ids})
        ],
    )
    await tx.execute(
        update(preparations).where(of_row).values(document_id=bindparam("of_document")),
        [{"of_wallet": each.wallet_id, "of_row": each.row_key, "of_document": each.document_id} for each in arrivals],
    )
