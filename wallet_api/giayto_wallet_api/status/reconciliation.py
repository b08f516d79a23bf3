"""At start: what the export of revocations knows and the database does not is revoked again.

That is the case after an old backup was restored, or after a power cut between the file and the commit. Then the lists
that are being filled are closed too: a restored database does not know which of their indexes were given out since, and
an index must never serve two credentials (I3).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.status_list import DEFAULT_BITS, StatusValue
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.documents.tables import ACTIVE, CONSUMED, REVOKED, SUSPENDED, document_versions
from giayto_wallet_api.inbox import delivery
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.settings import SettingsError
from giayto_wallet_api.status.reservation_marks import LISTS_BEING_FILLED
from giayto_wallet_api.status.revisions import ALWAYS_VALID, next_revisions
from giayto_wallet_api.status.revocation_export import RevokedCredential
from giayto_wallet_api.status.tables import status_entries, status_lists, status_reservations
from giayto_wallet_api.store.statements import hold, insert_for

_AT_ONCE: Final = 500
_RESERVATION: Final = "res_reconciled"
log = structlog.get_logger(__name__)


async def reconcile_reservations(runtime: Runtime) -> int:
    """Take as given out what the marks beside the export know and the database does not; return how many lists.

    Raises:
        SettingsError: the marks are fewer than the database remembers.
    """
    marks = runtime.reservation_marks
    if marks is None:
        return 0
    async with runtime.database.transaction() as tx:
        await hold(tx, LISTS_BEING_FILLED)
        ahead = await marks.catch_up(tx, list_size=runtime.settings.status_list_size)
        if ahead:
            await audit.record(
                tx,
                now=runtime.clock(),
                actor=audit.SYSTEM,
                action="status_indexes.reconciled",
                target=marks.path.name,
                facts={"lists": ahead},
            )
            log.warning("status_indexes_reconciled", lists=ahead)
    return ahead


async def reconcile_revocations(runtime: Runtime) -> int:
    """Revoke what the export knows and the database lacks, and return how many credentials that concerned.

    Raises:
        SettingsError: the export is shorter than the database remembers: it was cut off, or is another file.
    """
    export = runtime.revocation_export
    if export is None:
        return 0
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        await export.hold(tx)
        known, size = await export.known_position(tx), export.size()
        if size < known:
            raise SettingsError(
                f"GIAYTO_REVOCATIONS_FOLDER: {export.path.name} has {size} bytes, and the database knows of {known}: "
                "put the whole file back before this server starts"
            )
        if size == known:
            return 0
        missing = list(export.lines_after(known))
        for first in range(0, len(missing), _AT_ONCE):
            await _revoke(tx, runtime, missing[first : first + _AT_ONCE], now)
        if missing:
            await close_lists(tx)
            await audit.record(
                tx,
                now=now,
                actor=audit.SYSTEM,
                action="revocations.reconciled",
                target=export.path.name,
                facts={"credentials": len(missing)},
            )
            log.warning("revocations_reconciled", credentials=len(missing))
        await export.remember(tx, size)
    return len(missing)


async def _revoke(tx: AsyncConnection, runtime: Runtime, lines: Sequence[RevokedCredential], now: datetime) -> None:
    await _make_known(tx, runtime, lines, now)
    indexes: dict[str, list[int]] = {}
    for line in lines:
        indexes.setdefault(line.list_id, []).append(line.idx)
    entries = status_entries.c
    for list_id, revision in (await next_revisions(tx, indexes)).items():
        await tx.execute(
            update(status_entries)
            .where(entries.list_id == list_id, entries.idx.in_(indexes[list_id]))
            .values(value=StatusValue.INVALID, revision=revision, changed_at=now)
        )
    await _withdraw_documents(tx, lines, now)


async def _make_known(tx: AsyncConnection, runtime: Runtime, lines: Sequence[RevokedCredential], now: datetime) -> None:
    """Enter lists, places and credentials that are younger than the backup."""
    size = runtime.settings.status_list_size
    for list_id in sorted({line.list_id for line in lines}):
        await _enter(
            tx,
            status_lists,
            [
                {
                    "list_id": list_id,
                    "size": size,
                    "bits": DEFAULT_BITS,
                    "reserved": size,
                    "revision": 0,
                    "created_at": now,
                }
            ],
        )
    await _enter(
        tx,
        status_reservations,
        [
            {
                "list_id": line.list_id,
                "idx": line.idx,
                "agency_id": line.agency_id,
                "document_type": line.document_type,
                "reservation_id": _RESERVATION,
            }
            for line in lines
        ],
    )
    await _enter(
        tx,
        status_entries,
        [
            {
                "list_id": line.list_id,
                "idx": line.idx,
                "agency_id": line.agency_id,
                "document_id": line.document_id,
                "version": line.version,
                "value": StatusValue.INVALID,
                "revision": ALWAYS_VALID,  # the caller sets it with the status of those that are known
                "changed_at": line.at,
            }
            for line in lines
        ],
    )


async def _enter(tx: AsyncConnection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    await tx.execute(insert_for(tx, table).on_conflict_do_nothing(), rows)


async def _withdraw_documents(tx: AsyncConnection, lines: Sequence[RevokedCredential], now: datetime) -> None:
    """Let agency and holder see as revoked what was revoked whole, where it is still the current version."""
    whole = {(line.agency_id, line.document_id, line.version) for line in lines if line.scope == "document"}
    versions = document_versions.c
    for agency_id, document_id, version in sorted(whole):
        found = await tx.execute(
            update(document_versions)
            .where(
                versions.agency_id == agency_id,
                versions.document_id == document_id,
                versions.version == version,
                versions.state.in_((ACTIVE, SUSPENDED, CONSUMED)),
            )
            .values(state=REVOKED, changed_at=now)
            .returning(versions.wallet_id)
        )
        wallet_id = found.scalar_one_or_none()
        newest = select(func.max(versions.version)).where(
            versions.agency_id == agency_id, versions.document_id == document_id
        )
        if wallet_id is not None and (await tx.execute(newest)).scalar_one() == version:
            await delivery.revoke(tx, wallet_id, document_id, now)


async def close_lists(tx: AsyncConnection) -> None:
    """Give no more indexes out of the lists that are being filled; the next reservation opens a new one."""
    lists = status_lists.c
    await tx.execute(update(status_lists).where(lists.reserved < lists.size).values(reserved=lists.size))
