"""Asking agencies for copies: a device has new keys, and documents wait for such, or lack a copy for it.

    wallet_appeared   a row that waited for the wallet
    new_device        a document of the wallet of which this device has no copy
    rotation          a copy whose key serves another copy too: verifiers that see both could link them

Everything happens in the transaction that registers the keys. What is asked for already is not asked for again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.changes.service import ChangeKind, Happening, record_changes
from giayto_wallet_api.documents.tables import ACTIVE, SUSPENDED, document_versions
from giayto_wallet_api.holder_keys.tables import holder_keys
from giayto_wallet_api.inbox.tables import wallet_credentials, wallet_documents
from giayto_wallet_api.outbox.events import AgencyEvent, EventKind, emit
from giayto_wallet_api.signing_requests.tables import (
    ANY_DEVICE,
    DEAD,
    NEW_DEVICE,
    OPEN,
    ROTATION,
    WALLET_APPEARED,
    preparations,
    signing_requests,
)
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.store.statements import insert_for

_HELD = ("offered", "confirmed", "suspended")
"""States in which a citizen holds a document, or may come to."""
_documents, _copies, _preparations = wallet_documents.c, wallet_credentials.c, preparations.c


@dataclass(frozen=True, slots=True)
class WantedCopy:
    """One copy that an agency is to sign for one device of a wallet.

    Args:
        wallet_id: whose.
        device_id: for a key of which device.
        agency_id: who signs.
        row_key: the agency's own name of what is signed.
        document_type: vct.
        document_id: None when the wallet does not have the document yet.
        reason: `wallet_appeared`, `new_device` or `rotation`.
    """

    wallet_id: str
    device_id: str
    agency_id: str
    row_key: str
    document_type: str
    document_id: str | None
    reason: str


async def request_copies(tx: AsyncConnection, wallet_id: str, device_id: str, now: datetime) -> int:
    """Ask for every copy that a device lacks, once it has keys, and return how many were asked for."""
    if not await _has_keys(tx, wallet_id, device_id):
        return 0
    wanted = [
        *await _awaited(tx, wallet_id, device_id),
        *await _missing(tx, wallet_id, device_id, now),
        *await _linkable(tx, wallet_id, device_id, now),
    ]
    return await create_requests(tx, wanted, now)


async def create_requests(tx: AsyncConnection, wanted: Sequence[WantedCopy], now: datetime) -> int:
    """Store those requests that are not unmet already, show them to the citizens, and return how many they are."""
    unmet = await _unmet(tx, wanted)
    new = [each for each in wanted if (each.agency_id, each.row_key, each.device_id) not in unmet]
    if not new:
        return 0
    await tx.execute(insert(signing_requests), [_request_row(each, now) for each in new])
    await prepare(tx, new, now)
    await emit(tx, [_requested_event(*each) for each in sorted(_count_by_type(new).items())], now)
    await audit.record_all(
        tx,
        now=now,
        actor=audit.SYSTEM,
        events=[
            audit.Event(
                "signing_request.created",
                each.device_id,
                {"agency_id": each.agency_id, "document_type": each.document_type, "reason": each.reason},
            )
            for each in new
        ],
    )
    return len(new)


async def prepare(tx: AsyncConnection, wanted: Sequence[WantedCopy], now: datetime) -> None:
    """Show documents as being prepared in their wallets, and tell the phones."""
    rows: list[dict[str, Any]] = [
        {
            "wallet_id": each.wallet_id,
            "agency_id": each.agency_id,
            "row_key": each.row_key,
            "device_id": each.device_id,
            "document_type": each.document_type,
            "preparation_id": new_id("prep"),
            "document_id": each.document_id,
            "reason": each.reason,
            "since": now,
        }
        for each in wanted
    ]
    await tx.execute(insert_for(tx, preparations).on_conflict_do_nothing(), rows)
    happenings = [
        Happening(row["wallet_id"], ChangeKind.DOCUMENT_PREPARING, row["document_id"] or row["preparation_id"])
        for row in rows
    ]
    await record_changes(tx, happenings, now)


def _count_by_type(wanted: Sequence[WantedCopy]) -> Counter[tuple[str, str]]:
    return Counter((each.agency_id, each.document_type) for each in wanted)


def _requested_event(agency_and_type: tuple[str, str], count: int) -> AgencyEvent:
    agency_id, document_type = agency_and_type
    return AgencyEvent(agency_id, EventKind.SIGNING_REQUESTED, {"document_type": document_type, "count": count})


def _request_row(wanted: WantedCopy, now: datetime) -> dict[str, object]:
    return {
        "agency_id": wanted.agency_id,
        "request_id": new_id("sgr"),
        "row_key": wanted.row_key,
        "document_type": wanted.document_type,
        "wallet_id": wanted.wallet_id,
        "device_id": wanted.device_id,
        "reason": wanted.reason,
        "state": OPEN,
        "attempts": 0,
        "available_at": now,
        "created_at": now,
        "changed_at": now,
    }


async def _unmet(tx: AsyncConnection, wanted: Sequence[WantedCopy]) -> set[tuple[str, str, str]]:
    if not wanted:
        return set()
    requests = signing_requests.c
    rows = await tx.execute(
        select(requests.agency_id, requests.row_key, requests.device_id).where(
            requests.agency_id.in_({each.agency_id for each in wanted}),
            requests.row_key.in_({each.row_key for each in wanted}),
            requests.state.in_((OPEN, DEAD)),
        )
    )
    return {(row.agency_id, row.row_key, row.device_id) for row in rows}


async def _has_keys(tx: AsyncConnection, wallet_id: str, device_id: str) -> bool:
    keys = holder_keys.c
    any_key = select(keys.key_thumbprint).where(keys.wallet_id == wallet_id, keys.device_id == device_id).limit(1)
    return (await tx.execute(any_key)).first() is not None


async def _awaited(tx: AsyncConnection, wallet_id: str, device_id: str) -> list[WantedCopy]:
    """Return the rows that wait for a device with keys."""
    rows = await tx.execute(
        select(_preparations.agency_id, _preparations.row_key, _preparations.document_type).where(
            _preparations.wallet_id == wallet_id, _preparations.device_id == ANY_DEVICE
        )
    )
    return [WantedCopy(wallet_id, device_id, *row, document_id=None, reason=WALLET_APPEARED) for row in rows]


async def _missing(tx: AsyncConnection, wallet_id: str, device_id: str, now: datetime) -> list[WantedCopy]:
    """Return the documents of which this device has no copy."""
    has_copy = exists().where(_is_copy_of_document(), _copies.device_id == device_id)
    found = await tx.execute(_held_documents(wallet_id, now).where(~has_copy))
    return await _with_row_keys(tx, wallet_id, device_id, [tuple(row) for row in found], NEW_DEVICE)


async def _linkable(tx: AsyncConnection, wallet_id: str, device_id: str, now: datetime) -> list[WantedCopy]:
    """Return documents whose copies on this device share keys: all but one for each key, no more than keys are free."""
    found = await tx.execute(
        _held_documents(wallet_id, now)
        .add_columns(_copies.key_thumbprint)
        .join(wallet_credentials, _is_copy_of_document())
        .where(_copies.device_id == device_id)
        .order_by(_copies.key_thumbprint, _documents.document_id)
    )
    seen: set[str] = set()
    sharing: list[tuple[object, ...]] = []
    for *document, key_thumbprint in found:
        if key_thumbprint in seen:
            sharing.append(tuple(document))
        seen.add(key_thumbprint)
    if not sharing:
        return []
    free = await _count_free_keys(tx, wallet_id, device_id)
    return await _with_row_keys(tx, wallet_id, device_id, sharing[:free], ROTATION)


async def _count_free_keys(tx: AsyncConnection, wallet_id: str, device_id: str) -> int:
    keys = holder_keys.c
    free = await tx.execute(
        select(keys.key_thumbprint).where(
            keys.wallet_id == wallet_id, keys.device_id == device_id, keys.credential_count == 0
        )
    )
    return len(free.all())


async def _with_row_keys(
    tx: AsyncConnection, wallet_id: str, device_id: str, documents: Sequence[tuple[object, ...]], reason: str
) -> list[WantedCopy]:
    """Find under which row keys their agencies know documents: `(agency_id, document_id, version)`."""
    if not documents:
        return []
    versions = document_versions.c
    rows = await tx.execute(
        select(versions.agency_id, versions.row_key, versions.document_type, versions.document_id).where(
            versions.agency_id.in_({agency_id for agency_id, *_ in documents}),
            versions.document_id.in_({document_id for _, document_id, _ in documents}),  # found through the index
            tuple_(versions.agency_id, versions.document_id, versions.version).in_(documents),
            versions.state.in_((ACTIVE, SUSPENDED)),
        )
    )
    return [
        WantedCopy(wallet_id, device_id, row.agency_id, row.row_key, row.document_type, row.document_id, reason)
        for row in rows
    ]


def _held_documents(wallet_id: str, now: datetime) -> Select[tuple[str, str, int]]:
    return select(_documents.agency_id, _documents.document_id, _documents.version).where(
        _documents.wallet_id == wallet_id, _documents.state.in_(_HELD), _documents.valid_until > now
    )


def _is_copy_of_document() -> ColumnElement[bool]:
    return (
        (_copies.wallet_id == _documents.wallet_id)
        & (_copies.document_id == _documents.document_id)
        & (_copies.version == _documents.version)
    )
