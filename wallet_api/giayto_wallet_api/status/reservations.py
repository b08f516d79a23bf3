"""Giving out status indexes.

A list gives out its indexes in the order of a keyed permutation: unique without asking who has what, and nobody who
sees an index learns which credentials were made before or after it.
"""

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.status_list import DEFAULT_BITS
from giayto_issuers.status_indexes import IndexPermutation
from giayto_wallet_api.agencies.authority import authority_of
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.status.addresses import status_list_uri
from giayto_wallet_api.status.reservation_marks import LISTS_BEING_FILLED
from giayto_wallet_api.status.schemas import Reservation, ReservationRequest, ReservedIndex
from giayto_wallet_api.status.tables import status_lists, status_reservations
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.store.rate_limits import spend
from giayto_wallet_api.store.statements import hold, insert_rows

INDEXES_PER_HOUR = 5_000_000


async def reserve(runtime: Runtime, client: AgencyClient, request: ReservationRequest) -> Reservation:
    """Give an agency indexes for documents of a type that it may issue.

    Raises:
        TypeForbiddenError: the agency may not issue this type now.
        TooManyRequestsError: the agency has taken too many.
    """
    now = runtime.clock()
    reservation_id = new_id("res")
    async with runtime.database.transaction() as tx:
        (await authority_of(tx, client.agency_id)).require_type(request.document_type, now)
        bucket, hour = f"reserve:{client.agency_id}", timedelta(hours=1)
        await spend(tx, bucket=bucket, amount=request.count, limit=INDEXES_PER_HOUR, window=hour, now=now)
        places = await _take(tx, runtime, request.count, now)
        await insert_rows(
            tx,
            status_reservations,
            [
                {
                    "list_id": list_id,
                    "idx": idx,
                    "agency_id": client.agency_id,
                    "document_type": request.document_type,
                    "reservation_id": reservation_id,
                }
                for list_id, idx in places
            ],
        )
        await audit.record(
            tx,
            now=now,
            actor=client.actor,
            action="status_indexes.reserved",
            target=reservation_id,
            facts={"document_type": request.document_type, "count": request.count},
        )
    base_url = runtime.settings.base_url
    entries = tuple(ReservedIndex(status_list_uri(base_url, list_id), idx) for list_id, idx in places)
    return Reservation(reservation_id=reservation_id, entries=entries)


async def _take(tx: AsyncConnection, runtime: Runtime, count: int, now: datetime) -> list[tuple[str, int]]:
    """Take indexes from the list that is being filled, and from new ones when it is full."""
    await hold(tx, LISTS_BEING_FILLED)
    places: list[tuple[str, int]] = []
    reserved: dict[str, int] = {}
    while len(places) < count:
        list_id, size, first = await _list_being_filled(tx, runtime, now)
        taken = min(count - len(places), size - first)
        await tx.execute(update(status_lists).where(status_lists.c.list_id == list_id).values(reserved=first + taken))
        reserved[list_id] = first + taken
        permutation = IndexPermutation(runtime.keys.derive(f"status-indexes {list_id}"), size)
        places += [(list_id, permutation.index(counter)) for counter in range(first, first + taken)]
    if runtime.reservation_marks is not None:
        await runtime.reservation_marks.write(tx, reserved)
    return places


async def _list_being_filled(tx: AsyncConnection, runtime: Runtime, now: datetime) -> tuple[str, int, int]:
    lists = status_lists.c
    row = (
        await tx.execute(
            select(lists.list_id, lists.size, lists.reserved)
            .where(lists.reserved < lists.size)
            .order_by(lists.created_at)
            .limit(1)
        )
    ).first()
    if row is not None:
        return row.list_id, row.size, row.reserved
    list_id, size = new_id("sl"), runtime.settings.status_list_size
    await tx.execute(
        insert(status_lists).values(
            list_id=list_id, size=size, reserved=0, bits=DEFAULT_BITS, revision=0, created_at=now
        )
    )
    await audit.record(tx, now=now, actor=audit.SYSTEM, action="status_list.opened", target=list_id)
    return list_id, size, 0
