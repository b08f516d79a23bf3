"""Revoking or superseding all documents of a job, portion by portion.

Each portion is one transaction: it takes the next rows, changes their documents, statuses and wallets, writes one audit
entry for each document, and moves the operation's position. Whatever stops the server, the next portion begins where
the last one that is durable ended. Several workers may carry out one operation: the operation's row is held while a
portion is done.

A revocation touches what the job itself stored and what is still in force: a row that was `unchanged` belongs to the
job that stored it. A supersession goes through the rows of the later job and withdraws, of the same holder and type,
what the earlier job stored; holders for whom the later job has nothing keep what they have.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.documents.tables import ACTIVE, REVOKED, SUPERSEDED, SUSPENDED, document_versions
from giayto_wallet_api.inbox.tables import wallet_documents
from giayto_wallet_api.push_jobs.problems import SupersedeError
from giayto_wallet_api.push_jobs.schemas import JobOperation
from giayto_wallet_api.push_jobs.service import job_record
from giayto_wallet_api.push_jobs.tables import (
    DONE,
    REVOKE,
    RUNNING,
    STORED,
    SUPERSEDE,
    push_job_operations,
    push_job_rows,
)
from giayto_wallet_api.push_jobs.withdrawing import Withdrawn, withdraw
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.ids import new_id

PORTION_ROWS: Final = 500
"""Documents of one transaction: nobody waits long for the write lock between two of them."""
_IN_FORCE: Final = (ACTIVE, SUSPENDED)
Operation = Row[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Portion:
    """What one transaction dealt with."""

    rows: int
    last_row: int
    documents: tuple[Withdrawn, ...]


async def revoke_job(runtime: Runtime, client: AgencyClient, job_id: str, reason: str) -> JobOperation:
    """Decide that all documents of a job are revoked; a revocation that is running is returned as it is.

    Raises:
        NotFoundError: this agency has no such job.
    """
    async with runtime.database.transaction() as tx:
        await job_record(tx, client.agency_id, job_id)
        return await _start(tx, client, REVOKE, job_id, None, reason, runtime.clock())


async def supersede_job(
    runtime: Runtime, client: AgencyClient, job_id: str, by_job_id: str, reason: str
) -> JobOperation:
    """Decide that the documents of one job give way to those of a later one.

    Raises:
        NotFoundError: this agency has no such job.
        SupersedeError: the same job, or one of another document type.
    """
    async with runtime.database.transaction() as tx:
        job = await job_record(tx, client.agency_id, job_id)
        by = await job_record(tx, client.agency_id, by_job_id)
        if job_id == by_job_id or job.document_type != by.document_type:
            raise SupersedeError("by_job_id: another job of the same document type is needed")
        return await _start(tx, client, SUPERSEDE, job_id, by_job_id, reason, runtime.clock())


async def advance(database: Database, now: datetime) -> bool:
    """Do one portion of the oldest operation that nobody else is at; False when there is nothing to do."""
    operations = push_job_operations.c
    async with database.transaction() as tx:
        operation = (
            await tx.execute(
                select(push_job_operations)
                .where(operations.state == RUNNING)
                .order_by(operations.started_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
        ).first()
        if operation is None:
            return False
        portion = await _portion(tx, operation)
        if portion.documents:
            await withdraw(tx, operation.agency_id, portion.documents, _new_state(operation), now)
            await _write_down(tx, operation, portion, now)
        await _move(tx, operation, portion, now)
        return True


async def _start(
    tx: AsyncConnection,
    client: AgencyClient,
    kind: str,
    job_id: str,
    by_job_id: str | None,
    reason: str,
    now: datetime,
) -> JobOperation:
    running = await _running(tx, client.agency_id, kind, job_id, by_job_id)
    if running is not None:
        return running
    operation = JobOperation(
        operation_id=new_id("op"),
        kind=kind,  # type: ignore[arg-type]
        by_job_id=by_job_id,
        state=RUNNING,  # type: ignore[arg-type]
        rows_done=0,
        rows_total=await _rows_stored(tx, client.agency_id, by_job_id or job_id),
        documents_changed=0,
        started_at=now,
        finished_at=None,
    )
    members = {name: getattr(operation, name) for name in JobOperation.__struct_fields__}
    await tx.execute(
        insert(push_job_operations).values(
            **members, agency_id=client.agency_id, job_id=job_id, reason=reason, position=0
        )
    )
    facts = {"kind": kind, "operation": operation.operation_id, "by_job": by_job_id, "reason": reason}
    action = "push_job.operation_started"
    await audit.record(tx, now=now, actor=client.actor, action=action, target=job_id, facts=facts)
    return operation


async def _running(
    tx: AsyncConnection, agency_id: str, kind: str, job_id: str, by_job_id: str | None
) -> JobOperation | None:
    operations = push_job_operations.c
    found = await tx.execute(
        select(*(operations[name] for name in JobOperation.__struct_fields__)).where(
            operations.agency_id == agency_id,
            operations.job_id == job_id,
            operations.kind == kind,
            operations.by_job_id.is_(None) if by_job_id is None else operations.by_job_id == by_job_id,
            operations.state == RUNNING,
        )
    )
    row = found.mappings().first()
    return None if row is None else JobOperation(**row)


async def _rows_stored(tx: AsyncConnection, agency_id: str, job_id: str) -> int:
    rows = push_job_rows.c
    query = select(func.count()).where(rows.agency_id == agency_id, rows.job_id == job_id, rows.outcome == STORED)
    total: int = (await tx.execute(query)).scalar_one()
    return total


async def _portion(tx: AsyncConnection, operation: Operation) -> Portion:
    rows = push_job_rows.c
    walked = operation.by_job_id or operation.job_id
    found = (
        await tx.execute(
            select(rows.row, rows.row_key)
            .where(
                rows.agency_id == operation.agency_id,
                rows.job_id == walked,
                rows.outcome == STORED,
                rows.row > operation.position,
            )
            .order_by(rows.row)
            .limit(PORTION_ROWS)
        )
    ).all()
    if not found:
        return Portion(0, operation.position, ())
    row_keys = [each.row_key for each in found]
    if operation.kind == REVOKE:
        documents = await _stored_by_rows(tx, operation.agency_id, row_keys)
    else:
        documents = await _given_way(tx, operation, row_keys)
    return Portion(len(found), found[-1].row, documents)


async def _stored_by_rows(tx: AsyncConnection, agency_id: str, row_keys: list[str]) -> tuple[Withdrawn, ...]:
    versions = document_versions.c
    found = await tx.execute(
        select(versions.row_key, versions.document_id, versions.version, versions.wallet_id)
        .where(versions.agency_id == agency_id, versions.row_key.in_(row_keys), versions.state.in_(_IN_FORCE))
        .order_by(versions.row_key)  # all workers in one order, so that none waits for one that waits for it
        .with_for_update()
    )
    return tuple(Withdrawn(*row) for row in found)


async def _given_way(tx: AsyncConnection, operation: Operation, row_keys: list[str]) -> tuple[Withdrawn, ...]:
    """Return what the earlier job stored for the holders of these rows of the later job."""
    new = document_versions.alias("new")
    held = wallet_documents.alias("held")
    old = document_versions.alias("old")
    rows = push_job_rows.c
    found = await tx.execute(
        select(old.c.row_key, old.c.document_id, old.c.version, old.c.wallet_id)
        .select_from(
            new.join(
                held,
                (held.c.wallet_id == new.c.wallet_id)
                & (held.c.agency_id == new.c.agency_id)
                & (held.c.document_type == new.c.document_type)
                & (held.c.document_id != new.c.document_id),
            )
            .join(
                old,
                (old.c.agency_id == held.c.agency_id)
                & (old.c.document_id == held.c.document_id)
                & (old.c.version == held.c.version),
            )
            .join(push_job_rows, (rows.agency_id == old.c.agency_id) & (rows.row_key == old.c.row_key))
        )
        .where(
            new.c.agency_id == operation.agency_id,
            new.c.row_key.in_(row_keys),
            # What takes the place must itself stand: otherwise its holder would be left with nothing.
            new.c.state == ACTIVE,
            old.c.state.in_(_IN_FORCE),
            rows.job_id == operation.job_id,
            rows.outcome == STORED,
        )
        .order_by(old.c.row_key)
        .with_for_update(of=old)
    )
    return tuple(dict.fromkeys(Withdrawn(*row) for row in found))


def _new_state(operation: Operation) -> str:
    return REVOKED if operation.kind == REVOKE else SUPERSEDED


async def _write_down(tx: AsyncConnection, operation: Operation, portion: Portion, now: datetime) -> None:
    events = [
        audit.Event(
            action=f"document.{_new_state(operation)}",
            target=document.document_id,
            facts={"version": document.version, "job": operation.job_id, "operation": operation.operation_id},
        )
        for document in portion.documents
    ]
    await audit.record_all(tx, now=now, actor=audit.agency_actor(operation.agency_id), events=events)


async def _move(tx: AsyncConnection, operation: Operation, portion: Portion, now: datetime) -> None:
    operations = push_job_operations.c
    is_done = portion.rows < PORTION_ROWS
    await tx.execute(
        update(push_job_operations)
        .where(operations.agency_id == operation.agency_id, operations.operation_id == operation.operation_id)
        .values(
            position=portion.last_row,
            rows_done=operations.rows_done + portion.rows,
            documents_changed=operations.documents_changed + len(portion.documents),
            state=DONE if is_done else RUNNING,
            finished_at=now if is_done else None,
        )
    )
    if is_done:
        facts = {
            "operation": operation.operation_id,
            "documents": operation.documents_changed + len(portion.documents),
        }
        actor = audit.agency_actor(operation.agency_id)
        action = "push_job.operation_done"
        await audit.record(tx, now=now, actor=actor, action=action, target=operation.job_id, facts=facts)
