"""Storing checked rows: the one transaction in which the rows of a batch become documents.

What a batch refers to is read with one query for each kind; `giayto_wallet_api.documents.ledger` decides over every row
alone; what it accepts is written with one statement for each table. A row that is refused is never written, so that it
leaves nothing behind and takes no other with it.
"""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.errors import GiaytoError
from giayto_crypto.status_list import StatusValue
from giayto_wallet_api.agencies.authority import AgencyAuthority, authority_of
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.documents.credential_checks import CheckedRow
from giayto_wallet_api.documents.ledger import AcceptedRow, Ledger, Version
from giayto_wallet_api.documents.schemas import PushAnswer
from giayto_wallet_api.documents.tables import SUPERSEDED, SUSPENDED, document_versions
from giayto_wallet_api.holder_keys.service import owners_of_keys
from giayto_wallet_api.inbox.delivery import Delivery, deliver_all
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.signing_requests.fulfilment import Arrival, Renewal, renew_copies, settle, wanted_copies
from giayto_wallet_api.status.entries import PlaceUse, change_statuses, reserved_places, use_places
from giayto_wallet_api.store.statements import insert_rows

Outcome = PushAnswer | GiaytoError
AlongWith = Callable[[AsyncConnection, Sequence[Outcome], datetime], Awaitable[None]]
"""What else must become durable together with the rows: called with their outcomes, inside their transaction."""


async def store_rows(
    runtime: Runtime, client: AgencyClient, rows: Sequence[CheckedRow], *, along_with: AlongWith | None = None
) -> list[Outcome]:
    """Store rows in one durable transaction; one outcome for each, in order.

    When the database is lost for a moment they are stored again: a row whose first time counted is `unchanged` then.
    """
    if not rows and along_with is None:
        return []

    async def store_once() -> list[Outcome]:
        now = runtime.clock()
        async with runtime.database.transaction() as tx:
            outcomes = await _store_all(tx, runtime, client, rows, now) if rows else []
            if along_with is not None:
                await along_with(tx, outcomes, now)
            return outcomes

    return await runtime.database.persist(store_once)


async def _store_all(
    tx: AsyncConnection, runtime: Runtime, client: AgencyClient, rows: Sequence[CheckedRow], now: datetime
) -> list[Outcome]:
    try:
        return await _store(tx, runtime, client, rows, now)
    except IntegrityError:
        # Another worker wrote between our reading and our writing. Now its rows are seen, and only what really
        # contradicts them is refused.
        return [outcome for row in rows for outcome in await _store(tx, runtime, client, [row], now)]


async def _store(
    tx: AsyncConnection, runtime: Runtime, client: AgencyClient, rows: Sequence[CheckedRow], now: datetime
) -> list[Outcome]:
    """Store rows within a savepoint; IntegrityError when another worker came between, and nothing is stored then."""
    async with tx.begin_nested():
        # Authority may have been withdrawn while signatures were being checked.
        authority = await authority_of(tx, client.agency_id)
        ledger = await _open_ledger(tx, runtime, client, rows)
        outcomes = [_judge(runtime, authority, ledger, row, now) for row in rows]
        if ledger.accepted:
            await _deliver(tx, client, ledger, now)
        if ledger.renewed:
            await _renew(tx, runtime, client, ledger, now)
        await _write_down(tx, client, ledger, now)
    return outcomes


async def _open_ledger(
    tx: AsyncConnection, runtime: Runtime, client: AgencyClient, rows: Sequence[CheckedRow]
) -> Ledger:
    copies = [copy for row in rows for copy in row.copies]
    versions = await _versions_of_rows(tx, client.agency_id, rows)
    return Ledger(
        wallets=await runtime.wallets.find_wallets(tx, list({row.subject for row in rows})),
        owners=await owners_of_keys(tx, [copy.holder_key.thumbprint for copy in copies]),
        places=await reserved_places(tx, client.agency_id, [copy.place for copy in copies]),
        versions=versions,
        wanted=await wanted_copies(tx, client.agency_id, {row.row_key for row in rows} & versions.keys()),
    )


async def _versions_of_rows(tx: AsyncConnection, agency_id: str, rows: Sequence[CheckedRow]) -> dict[str, Version]:
    """Read what the rows name as their own or as replaced, and hold it: no decision may come between."""
    row_keys = {row.row_key for row in rows} | {row.replaces for row in rows if row.replaces is not None}
    versions = document_versions.c
    found = await tx.execute(
        select(
            versions.row_key,
            versions.document_id,
            versions.version,
            versions.document_type,
            versions.wallet_id,
            versions.content_digest,
            versions.state,
        )
        .where(versions.agency_id == agency_id, versions.row_key.in_(row_keys))
        .order_by(versions.row_key)  # all workers in one order, so that none waits for one that waits for it
        .with_for_update()
    )
    return {row_key: Version(*known) for row_key, *known in found}


def _judge(runtime: Runtime, authority: AgencyAuthority, ledger: Ledger, row: CheckedRow, now: datetime) -> Outcome:
    try:
        for copy in row.copies:
            authority.require_entry(copy.leaf_sha256, copy.iss, row.document_type, now)
        return ledger.enter(row, _content_digest(runtime, row))
    except GiaytoError as refusal:
        return refusal


def _content_digest(runtime: Runtime, row: CheckedRow) -> bytes:
    """Return what tells whether a row sent again says the same: not its copies, which are signed anew each time."""
    content = [row.document_type, row.subject.kind, row.subject.id, row.replaces, dict(row.claims)]
    return hmac.digest(runtime.content_digest_key, msgspec.json.encode(content, order="deterministic"), "sha256")


async def _deliver(tx: AsyncConnection, client: AgencyClient, ledger: Ledger, now: datetime) -> None:
    accepted, superseded = ledger.accepted, ledger.superseded
    uses = [PlaceUse(copy.place, each.document_id, each.number) for each in accepted for copy in each.row.copies]
    await use_places(tx, agency_id=client.agency_id, uses=uses, now=now)
    if superseded:
        await _supersede(tx, client, superseded, now)
    await settle(tx, client.agency_id, [_arrival(each) for each in accepted], now)
    await deliver_all(tx, [_delivery(client, each) for each in accepted], now)


async def _write_down(tx: AsyncConnection, client: AgencyClient, ledger: Ledger, now: datetime) -> None:
    # The end of the audit log is what all batches of all agencies wait for: it is held last, and as shortly as can be.
    events = [_stored_event(each) for each in ledger.accepted] + [_renewed_event(each) for each in ledger.renewed]
    if not events:
        return
    sequences = await audit.record_all(tx, now=now, actor=client.actor, events=events)
    if ledger.accepted:
        await _insert_versions(tx, client, ledger, sequences[: len(ledger.accepted)], now)


async def _renew(tx: AsyncConnection, runtime: Runtime, client: AgencyClient, ledger: Ledger, now: datetime) -> None:
    renewals = [_renewal(client, ledger, each) for each in ledger.renewed]
    await settle(tx, client.agency_id, [_arrival(each) for each in ledger.renewed], now)
    await renew_copies(tx, agency_id=client.agency_id, base_url=runtime.settings.base_url, renewals=renewals, now=now)


def _renewal(client: AgencyClient, ledger: Ledger, renewed: AcceptedRow) -> Renewal:
    row_key = renewed.row.row_key
    is_suspended = ledger.versions[row_key].state == SUSPENDED
    taken = {copy.key_thumbprint for copy in renewed.copies}
    uses = [
        PlaceUse(copy.place, renewed.document_id, renewed.number)
        for copy in renewed.row.copies
        if copy.holder_key.thumbprint in taken
    ]
    value = StatusValue.SUSPENDED if is_suspended else StatusValue.VALID
    return Renewal(row_key, _delivery(client, renewed), uses, value)


def _arrival(accepted: AcceptedRow) -> Arrival:
    devices = frozenset(copy.device_id for copy in accepted.copies)
    return Arrival(accepted.row.row_key, accepted.wallet.wallet_id, accepted.document_id, devices)


def _stored_event(accepted: AcceptedRow) -> audit.Event:
    return audit.Event(
        action="document.stored",
        target=accepted.document_id,
        facts={
            "version": accepted.number,
            "document_type": accepted.row.document_type,
            "copies": len(accepted.copies),
        },
    )


def _renewed_event(renewed: AcceptedRow) -> audit.Event:
    return audit.Event(
        action="document.copies_renewed",
        target=renewed.document_id,
        facts={"version": renewed.number, "copies": len(renewed.copies)},
    )


async def _insert_versions(
    tx: AsyncConnection, client: AgencyClient, ledger: Ledger, sequences: Sequence[int], now: datetime
) -> None:
    entered = ((each.row.row_key, ledger.versions[each.row.row_key]) for each in ledger.accepted)
    await insert_rows(
        tx,
        document_versions,
        [
            {
                "agency_id": client.agency_id,
                "row_key": row_key,
                "document_id": version.document_id,
                "version": version.number,
                "document_type": version.document_type,
                "wallet_id": version.wallet_id,
                "content_digest": version.content_digest,
                "state": version.state,
                "pushed_sequence": sequence,
                "pushed_at": now,
                "changed_at": now,
            }
            for (row_key, version), sequence in zip(entered, sequences, strict=True)
        ],
    )


async def _supersede(tx: AsyncConnection, client: AgencyClient, superseded: dict[str, Version], now: datetime) -> None:
    """Take the validity from the versions that were replaced, here and now."""
    versions = document_versions.c
    await tx.execute(
        update(document_versions)
        .where(versions.agency_id == client.agency_id, versions.row_key.in_(superseded))
        .values(state=SUPERSEDED, changed_at=now)
    )
    await change_statuses(
        tx,
        agency_id=client.agency_id,
        versions=[(version.document_id, version.number) for version in superseded.values()],
        value=StatusValue.INVALID,
        now=now,
    )


def _delivery(client: AgencyClient, accepted: AcceptedRow) -> Delivery:
    row = accepted.row
    return Delivery(
        wallet=accepted.wallet,
        document_id=accepted.document_id,
        version=accepted.number,
        agency_id=client.agency_id,
        document_type=row.document_type,
        claims=row.claims,
        credentials=accepted.copies,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
