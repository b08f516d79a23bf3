"""Giving requests to workers, and taking them back.

A lease hides requests from other workers until it ends; several workers of one agency never hold the same one. A
request that fails comes back later, each time after a longer pause, and after `MAX_ATTEMPTS` becomes a dead letter,
which only the agency brings back. Completing a request is pushing its row: see `fulfilment`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Row, bindparam, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.keys import PublicKey
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.documents.tables import CONSUMED, REVOKED, SUPERSEDED, document_versions
from giayto_wallet_api.holder_keys.tables import holder_keys
from giayto_wallet_api.inbox.tables import wallet_documents
from giayto_wallet_api.outbox.events import AgencyEvent, EventKind, emit
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.signing_requests.tables import (
    CANCELLED,
    DEAD,
    OPEN,
    WITHDRAWN,
    preparations,
    signing_requests,
    waiting_documents,
)
from giayto_wallet_api.store.ids import new_id

MAX_ATTEMPTS: Final = 8
"""With the pauses between them, about two days."""
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=12)
NO_KEYS_PAUSE: Final = timedelta(minutes=5)
_requests = signing_requests.c
_LAPSED: Final = (SUPERSEDED, REVOKED, CONSUMED)


@dataclass(frozen=True, slots=True)
class Period:
    """`nbf` and `exp` that the copies of a version state."""

    not_before: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """One copy that is to be signed; `period` when the document is there and its copies must agree."""

    request_id: str
    row_key: str
    document_type: str
    reason: str
    holder_key: PublicKey
    attempt: int
    period: Period | None


@dataclass(frozen=True, slots=True)
class Leased:
    """Requests that belong to one worker until `expires_at`."""

    lease_id: str
    expires_at: datetime
    requests: Sequence[SigningRequest]


async def lease(
    tx: AsyncConnection,
    agency_id: str,
    *,
    limit: int,
    visibility: timedelta,
    document_type: str | None,
    now: datetime,
) -> Leased:
    """Take up to `limit` requests, the longest waiting first.

    Args:
        tx: the transaction in which they are taken.
        agency_id: whose requests.
        limit: most requests.
        visibility: for how long nobody else gets them.
        document_type: only of this vct; None: of all.
        now: the moment of the lease.
    """
    taken = Leased(new_id("lease"), now + visibility, [])
    rows = await _take(tx, agency_id, limit, document_type, now)
    periods = await _periods(tx, agency_id, rows)
    lapsed = await _lapsed(tx, agency_id, rows)
    lapsed |= {row.request_id for row in rows if row.row_key in periods and periods[row.row_key].expires_at <= now}
    await cancel(tx, agency_id, [row.request_id for row in rows if row.request_id in lapsed], now)
    exhausted = [row for row in rows if row.request_id not in lapsed and row.attempts >= MAX_ATTEMPTS]
    await _bury(tx, agency_id, [(row.request_id, row.failure or "attempts_exhausted") for row in exhausted], now)
    left_over = lapsed | {row.request_id for row in exhausted}
    live = [row for row in rows if row.request_id not in left_over]
    keys = await _keys_for(tx, live)
    await _hide(tx, agency_id, [row.request_id for row in live if row.request_id in keys], taken, now)
    await _postpone(tx, agency_id, [row.request_id for row in live if row.request_id not in keys], now)
    requests = [
        SigningRequest(
            request_id=row.request_id,
            row_key=row.row_key,
            document_type=row.document_type,
            reason=row.reason,
            holder_key=keys[row.request_id],
            attempt=row.attempts + 1,
            period=periods.get(row.row_key),
        )
        for row in live
        if row.request_id in keys
    ]
    return Leased(taken.lease_id, taken.expires_at, requests)


async def release(
    tx: AsyncConnection,
    agency_id: str,
    lease_id: str,
    failures: Sequence[tuple[str, str, bool]],
    now: datetime,
) -> tuple[int, int]:
    """Give requests back: `(request_id, code, retryable)` each. Returns how many come back later and how many died.

    What the lease no longer holds (it ended, or the row was pushed) is passed over.
    """
    rows = await tx.execute(
        select(_requests.request_id, _requests.attempts)
        .where(
            _requests.agency_id == agency_id,
            _requests.request_id.in_([request_id for request_id, _, _ in failures]),
            _requests.lease_id == lease_id,
            _requests.state == OPEN,
        )
        .order_by(_requests.request_id)
        .with_for_update()
    )
    attempts = {row.request_id: row.attempts for row in rows}
    held = [failure for failure in failures if failure[0] in attempts]
    dead = [(request_id, code) for request_id, code, again in held if not again or attempts[request_id] >= MAX_ATTEMPTS]
    buried = {request_id for request_id, _ in dead}
    later = [(request_id, code) for request_id, code, _ in held if request_id not in buried]
    await _bury(tx, agency_id, dead, now)
    await _delay(tx, agency_id, [(each, code, now + pause_after(attempts[each])) for each, code in later], now)
    return len(later), len(dead)


async def retry_dead(tx: AsyncConnection, agency_id: str, request_id: str, actor: audit.Actor, now: datetime) -> None:
    """Bring a dead letter back, with all its attempts.

    Raises:
        NotFoundError: this agency has no such dead letter.
    """
    revived = await tx.execute(
        update(signing_requests)
        .where(_requests.agency_id == agency_id, _requests.request_id == request_id, _requests.state == DEAD)
        .values(state=OPEN, attempts=0, available_at=now, lease_id=None, failure=None, changed_at=now)
    )
    if revived.rowcount != 1:
        raise NotFoundError("this agency has no such dead letter")
    await audit.record(tx, now=now, actor=actor, action="signing_request.retried", target=request_id)


async def list_requests(
    tx: AsyncConnection, agency_id: str, state: str, *, after: str, limit: int
) -> Sequence[Row[tuple[object, ...]]]:
    """Return requests in a state in the order of their identifiers, from after `after`."""
    rows = await tx.execute(
        select(signing_requests)
        .where(_requests.agency_id == agency_id, _requests.state == state, _requests.request_id > after)
        .order_by(_requests.request_id)
        .limit(limit)
    )
    return rows.all()


async def cancel(tx: AsyncConnection, agency_id: str, request_ids: Sequence[str], now: datetime) -> None:
    """Let requests lapse: there is nothing to deliver any more. Their preparations go with them."""
    if not request_ids:
        return
    lapsed = await tx.execute(
        update(signing_requests)
        .where(
            _requests.agency_id == agency_id, _requests.request_id.in_(request_ids), _requests.state.in_((OPEN, DEAD))
        )
        .values(state=CANCELLED, lease_id=None, changed_at=now)
        .returning(_requests.request_id, _requests.wallet_id, _requests.row_key, _requests.device_id)
    )
    rows = lapsed.all()
    if not rows:
        return
    shown = preparations.c
    await tx.execute(
        delete(preparations).where(
            shown.wallet_id == bindparam("of_wallet"),
            shown.agency_id == agency_id,
            shown.row_key == bindparam("of_row"),
            shown.device_id == bindparam("of_device"),
        ),
        [{"of_wallet": row.wallet_id, "of_row": row.row_key, "of_device": row.device_id} for row in rows],
    )
    await audit.record_all(
        tx,
        now=now,
        actor=audit.SYSTEM,
        events=[audit.Event("signing_request.cancelled", row.request_id, {"agency_id": agency_id}) for row in rows],
    )


def pause_after(attempts: int) -> timedelta:
    """Return how long a request rests after so many attempts: a minute at first, four times as long each time."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << 2 * max(0, attempts - 1)))


async def _take(
    tx: AsyncConnection, agency_id: str, limit: int, document_type: str | None, now: datetime
) -> Sequence[Row[tuple[object, ...]]]:
    query = select(signing_requests).where(
        _requests.agency_id == agency_id, _requests.state == OPEN, _requests.available_at <= now
    )
    if document_type is not None:
        query = query.where(_requests.document_type == document_type)
    # Another worker's rows are stepped over, not waited for; SQLite has one writer at a time and needs no such thing.
    query = query.order_by(_requests.available_at, _requests.request_id).limit(limit).with_for_update(skip_locked=True)
    return (await tx.execute(query)).all()


async def _lapsed(tx: AsyncConnection, agency_id: str, rows: Sequence[Row[tuple[object, ...]]]) -> set[str]:
    """Return the requests whose document was revoked or replaced since, or whose row was withdrawn."""
    row_keys = {row.row_key for row in rows}
    if not row_keys:
        return set()
    versions, waiting = document_versions.c, waiting_documents.c
    gone = await tx.execute(
        select(versions.row_key)
        .where(versions.agency_id == agency_id, versions.row_key.in_(row_keys), versions.state.in_(_LAPSED))
        .union(
            select(waiting.row_key).where(
                waiting.agency_id == agency_id, waiting.row_key.in_(row_keys), waiting.state == WITHDRAWN
            )
        )
    )
    lapsed = set(gone.scalars())
    return {row.request_id for row in rows if row.row_key in lapsed}


async def _periods(tx: AsyncConnection, agency_id: str, rows: Sequence[Row[tuple[object, ...]]]) -> dict[str, Period]:
    """Return the periods of those rows that were pushed before."""
    versions, documents = document_versions.c, wallet_documents.c
    found = await tx.execute(
        select(versions.row_key, documents.valid_from, documents.valid_until)
        .join(
            wallet_documents,
            (documents.wallet_id == versions.wallet_id)
            & (documents.document_id == versions.document_id)
            & (documents.version == versions.version),
        )
        .where(versions.agency_id == agency_id, versions.row_key.in_({row.row_key for row in rows}))
    )
    return {row_key: Period(*period) for row_key, *period in found}


async def _keys_for(tx: AsyncConnection, rows: Sequence[Row[tuple[object, ...]]]) -> dict[str, PublicKey]:
    """Choose a key of its device for each request: the least used first, another for each while they last."""
    if not rows:
        return {}
    keys = holder_keys.c
    found = await tx.execute(
        select(keys.device_id, keys.point)
        .where(
            keys.wallet_id.in_({row.wallet_id for row in rows}),
            tuple_(keys.wallet_id, keys.device_id).in_({(row.wallet_id, row.device_id) for row in rows}),
        )
        .order_by(keys.credential_count, keys.key_thumbprint)
    )
    pools: dict[str, list[bytes]] = {}
    for device_id, point in found:
        pools.setdefault(device_id, []).append(point)
    chosen: dict[str, PublicKey] = {}
    given: dict[str, int] = {}
    for row in rows:
        pool = pools.get(row.device_id)
        if pool:
            turn = given.setdefault(row.device_id, 0)
            chosen[row.request_id] = PublicKey.from_compressed(pool[turn % len(pool)])
            given[row.device_id] = turn + 1
    return chosen


async def _hide(tx: AsyncConnection, agency_id: str, request_ids: Sequence[str], taken: Leased, now: datetime) -> None:
    if request_ids:
        await tx.execute(
            update(signing_requests)
            .where(_requests.agency_id == agency_id, _requests.request_id.in_(request_ids))
            .values(
                attempts=_requests.attempts + 1,
                available_at=taken.expires_at,
                lease_id=taken.lease_id,
                changed_at=now,
            )
        )


async def _postpone(tx: AsyncConnection, agency_id: str, request_ids: Sequence[str], now: datetime) -> None:
    """Let requests rest whose device has no keys at this moment; its next keys do not depend on the agency."""
    if request_ids:
        await tx.execute(
            update(signing_requests)
            .where(_requests.agency_id == agency_id, _requests.request_id.in_(request_ids))
            .values(available_at=now + NO_KEYS_PAUSE, changed_at=now)
        )


async def _delay(
    tx: AsyncConnection, agency_id: str, failures: Sequence[tuple[str, str, datetime]], now: datetime
) -> None:
    if failures:
        await tx.execute(
            update(signing_requests)
            .where(_requests.agency_id == agency_id, _requests.request_id == bindparam("of_request"))
            .values(available_at=bindparam("again_at"), failure=bindparam("code"), lease_id=None, changed_at=now),
            [{"of_request": request_id, "code": code, "again_at": at} for request_id, code, at in failures],
        )


async def _bury(tx: AsyncConnection, agency_id: str, failures: Sequence[tuple[str, str]], now: datetime) -> None:
    if not failures:
        return
    await tx.execute(
        update(signing_requests)
        .where(_requests.agency_id == agency_id, _requests.request_id == bindparam("of_request"))
        .values(state=DEAD, failure=bindparam("code"), lease_id=None, changed_at=now),
        [{"of_request": request_id, "code": code} for request_id, code in failures],
    )
    await emit(
        tx,
        [
            AgencyEvent(agency_id, EventKind.SIGNING_REQUEST_DEAD, {"request_id": request_id, "code": code})
            for request_id, code in failures
        ],
        now,
    )
    await audit.record_all(
        tx,
        now=now,
        actor=audit.SYSTEM,
        events=[
            audit.Event("signing_request.dead", request_id, {"agency_id": agency_id, "code": code})
            for request_id, code in failures
        ],
    )
