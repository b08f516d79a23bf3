"""Statuses of stored credentials, always inside the caller's transaction and within one agency."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.status_list import StatusValue
from giayto_wallet_api.status.revisions import ALWAYS_VALID, next_revisions
from giayto_wallet_api.status.revocation_export import note_revocations
from giayto_wallet_api.status.tables import status_entries, status_reservations
from giayto_wallet_api.store.statements import insert_rows

_FINAL_BEFORE: Final = {
    StatusValue.VALID: (StatusValue.INVALID, StatusValue.CONSUMED),
    StatusValue.SUSPENDED: (StatusValue.INVALID, StatusValue.CONSUMED),
    StatusValue.CONSUMED: (StatusValue.INVALID,),
    StatusValue.INVALID: (StatusValue.INVALID,),
}
"""What does not change any more to each status: suspension alone is reversible."""


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """A (list, index) of this host."""

    list_id: str
    idx: int


@dataclass(frozen=True, slots=True)
class PlaceState:
    """What is known of a place that is reserved for an agency."""

    document_type: str
    is_used: bool


@dataclass(frozen=True, slots=True)
class PlaceUse:
    """A place and the document version whose credential it stands for."""

    place: StatusPlace
    document_id: str
    version: int


async def reserved_places(
    tx: AsyncConnection, agency_id: str, places: Sequence[StatusPlace]
) -> dict[StatusPlace, PlaceState]:
    """Return those of the places that are reserved for this agency, and whether they are used."""
    # A query for each list, of which a batch has one or two: pairs in one IN would not be found through the index.
    indexes: dict[str, set[int]] = {}
    for place in places:
        indexes.setdefault(place.list_id, set()).add(place.idx)
    found: dict[StatusPlace, PlaceState] = {}
    for list_id, idxs in indexes.items():
        found |= await _reserved_in_list(tx, agency_id, list_id, idxs)
    return found


async def _reserved_in_list(
    tx: AsyncConnection, agency_id: str, list_id: str, idxs: Collection[int]
) -> dict[StatusPlace, PlaceState]:
    # Two look-ups by primary key: over a join, a database that knows little of fresh tables reads one of them whole.
    reservations, entries = status_reservations.c, status_entries.c
    reserved = await tx.execute(
        select(reservations.idx, reservations.document_type).where(
            reservations.list_id == list_id, reservations.idx.in_(idxs), reservations.agency_id == agency_id
        )
    )
    used = await tx.execute(select(entries.idx).where(entries.list_id == list_id, entries.idx.in_(idxs)))
    is_used = set(used.scalars())
    return {StatusPlace(list_id, idx): PlaceState(vct, idx in is_used) for idx, vct in reserved}


async def use_places(
    tx: AsyncConnection,
    *,
    agency_id: str,
    uses: Sequence[PlaceUse],
    now: datetime,
    value: StatusValue = StatusValue.VALID,
) -> None:
    """Bind places to credentials, all with one status. The primary key refuses a second use."""
    begins_valid = value == StatusValue.VALID
    revisions = {} if begins_valid else await next_revisions(tx, {use.place.list_id for use in uses})
    await insert_rows(
        tx,
        status_entries,
        [
            {
                "list_id": use.place.list_id,
                "idx": use.place.idx,
                "agency_id": agency_id,
                "document_id": use.document_id,
                "version": use.version,
                "value": value,
                "revision": revisions.get(use.place.list_id, ALWAYS_VALID),
                "changed_at": now,
            }
            for use in uses
        ],
    )


async def change_status(
    tx: AsyncConnection, *, agency_id: str, document_id: str, version: int, value: StatusValue, now: datetime
) -> None:
    """Set the status of all credentials of one document version; see `change_statuses`."""
    await change_statuses(tx, agency_id=agency_id, versions=[(document_id, version)], value=value, now=now)


async def change_statuses(
    tx: AsyncConnection,
    *,
    agency_id: str,
    versions: Sequence[tuple[str, int]],
    value: StatusValue,
    now: datetime,
) -> None:
    """Set the status of all credentials of some document versions; what is revoked or consumed stays so.

    Args:
        tx: the transaction that makes the change.
        agency_id: whose documents.
        versions: document identifier and version.
        value: the new status.
        now: the moment of the change.
    """
    entries = status_entries.c
    changing = and_(
        entries.agency_id == agency_id,
        entries.document_id.in_([document_id for document_id, _ in versions]),  # found through the index
        tuple_(entries.document_id, entries.version).in_(versions),
        entries.value != value,
        entries.value.not_in(_FINAL_BEFORE[value]),
    )
    concerned = (await tx.execute(select(entries.list_id).where(changing).distinct())).scalars()
    for list_id, revision in (await next_revisions(tx, set(concerned))).items():
        changed = await tx.execute(
            update(status_entries)
            .where(changing, entries.list_id == list_id)
            .values(value=value, revision=revision, changed_at=now)
            .returning(entries.idx)
        )
        if value == StatusValue.INVALID:
            note_revocations(tx, [(list_id, idx) for idx in changed.scalars()], "document")


async def revoke_places(tx: AsyncConnection, places: Sequence[StatusPlace], now: datetime) -> None:
    """Revoke single credentials, as those of a device that left its wallet; the document itself stands."""
    entries = status_entries.c
    indexes: dict[str, list[int]] = {}
    for place in places:
        indexes.setdefault(place.list_id, []).append(place.idx)
    for list_id, revision in (await next_revisions(tx, indexes)).items():
        await tx.execute(
            update(status_entries)
            .where(entries.list_id == list_id, entries.idx.in_(indexes[list_id]), entries.value != StatusValue.INVALID)
            .values(value=StatusValue.INVALID, revision=revision, changed_at=now)
        )
    note_revocations(tx, [(place.list_id, place.idx) for place in places], "copy")
