"""Jobs of an agency: open, report, finish, list, read."""

from collections.abc import Sequence

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.agencies.authority import authority_of
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.documents.push import Bookkeeper
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.push_jobs.counting import RowEnding, bookkeeper_of, record_endings, settler_of
from giayto_wallet_api.push_jobs.problems import JobKeyConflictError
from giayto_wallet_api.push_jobs.schemas import (
    JobOperation,
    JobRequest,
    JobRow,
    JobRowPage,
    OutcomeCount,
    PushJob,
    PushJobPage,
    ReportedRow,
    RowOutcome,
)
from giayto_wallet_api.push_jobs.tables import push_job_counts, push_job_operations, push_job_rows, push_jobs
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.ids import new_id

JobRecord = Row[tuple[object, ...]]


async def bookkeeper_for(runtime: Runtime, client: AgencyClient, job_id: str | None) -> Bookkeeper:
    """Return what writes a stream's rows down: in their job, or, without one, in those where they waited.

    Raises:
        NotFoundError: this agency has no such job.
    """
    if job_id is None:
        return settler_of(client.agency_id)
    async with runtime.database.read() as tx:
        await job_record(tx, client.agency_id, job_id)
    return bookkeeper_of(client.agency_id, job_id)


async def open_job(runtime: Runtime, client: AgencyClient, request: JobRequest) -> tuple[PushJob, bool]:
    """Open a job, or return the one that has this key; the second says whether it is new.

    A finished job is open again: corrected rows go into the job that they came from.

    Raises:
        TypeForbiddenError: the agency may not issue this document type now.
        JobKeyConflictError: the key is that of a job of another type.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        (await authority_of(tx, client.agency_id)).require_type(request.document_type, now)
        known = await _job_with_key(tx, client.agency_id, request.job_key)
        if known is None:
            job_id = new_id("job")
            facts = {"document_type": request.document_type}
            sequence = await audit.record(
                tx, now=now, actor=client.actor, action="push_job.opened", target=job_id, facts=facts
            )
            await tx.execute(
                insert(push_jobs).values(
                    agency_id=client.agency_id,
                    job_id=job_id,
                    job_key=request.job_key,
                    document_type=request.document_type,
                    opened_sequence=sequence,
                    opened_at=now,
                )
            )
        elif known.document_type != request.document_type:
            raise JobKeyConflictError("open a new job, under a key of its own, for another document type")
        elif known.finished_at is not None:
            await _set_finished(tx, client, known.job_id, None)
            await audit.record(tx, now=now, actor=client.actor, action="push_job.reopened", target=known.job_id)
        job_id = known.job_id if known is not None else job_id
        return await _job(tx, client.agency_id, job_id), known is None


async def report_rows(runtime: Runtime, client: AgencyClient, job_id: str, rows: Sequence[ReportedRow]) -> PushJob:
    """Write down rows of which nothing was signed.

    Raises:
        NotFoundError: this agency has no such job.
    """
    now = runtime.clock()
    endings = [RowEnding(row=each.row, row_key=each.row_key, outcome=each.outcome, code=each.code) for each in rows]
    async with runtime.database.transaction() as tx:
        await job_record(tx, client.agency_id, job_id)
        facts = {"rows": len(rows)}
        # First the log, then the job, as pushes hold them: none waits for one that waits for it.
        await audit.record(tx, now=now, actor=client.actor, action="push_job.rows_reported", target=job_id, facts=facts)
        await record_endings(tx, client.agency_id, job_id, endings, now)
        return await _job(tx, client.agency_id, job_id)


async def finish_job(runtime: Runtime, client: AgencyClient, job_id: str) -> PushJob:
    """Note that the agency's system is through with a job. Finishing twice is finishing once.

    Raises:
        NotFoundError: this agency has no such job.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        record = await job_record(tx, client.agency_id, job_id)
        if record.finished_at is None:
            await _set_finished(tx, client, job_id, now)
            await audit.record(tx, now=now, actor=client.actor, action="push_job.finished", target=job_id)
        return await _job(tx, client.agency_id, job_id)


async def read_job(runtime: Runtime, client: AgencyClient, job_id: str) -> PushJob:
    """Return a job; NotFoundError when this agency has no such."""
    async with runtime.database.read() as tx:
        return await _job(tx, client.agency_id, job_id)


async def list_jobs(runtime: Runtime, client: AgencyClient, *, before: int, limit: int) -> PushJobPage:
    """Return the jobs of an agency that were opened before number `before`, newest first."""
    jobs = push_jobs.c
    query = (
        select(push_jobs)
        .where(jobs.agency_id == client.agency_id, jobs.opened_sequence < before)
        .order_by(jobs.opened_sequence.desc())
        .limit(limit + 1)
    )
    async with runtime.database.read() as tx:
        records = (await tx.execute(query)).all()
        items = [await _with_counts(tx, record) for record in records[:limit]]
    next_cursor = str(records[limit - 1].opened_sequence) if len(records) > limit else None
    return PushJobPage(tuple(items), next_cursor)


async def list_rows(
    runtime: Runtime, client: AgencyClient, job_id: str, *, outcome: RowOutcome | None, after: int, limit: int
) -> JobRowPage:
    """Return rows of a job that follow number `after`.

    Raises:
        NotFoundError: this agency has no such job.
    """
    rows = push_job_rows.c
    query = select(*(rows[name] for name in JobRow.__struct_fields__)).where(
        rows.agency_id == client.agency_id, rows.job_id == job_id, rows.row > after
    )
    if outcome is not None:
        query = query.where(rows.outcome == outcome)
    async with runtime.database.read() as tx:
        await job_record(tx, client.agency_id, job_id)
        found = (await tx.execute(query.order_by(rows.row).limit(limit + 1))).mappings().all()
    shown = found[:limit]
    next_cursor = str(shown[-1]["row"]) if len(found) > limit else None
    return JobRowPage(tuple(JobRow(**row) for row in shown), next_cursor)


async def job_record(tx: AsyncConnection, agency_id: str, job_id: str) -> JobRecord:
    """Return a job as it is stored; NotFoundError when this agency has no such."""
    jobs = push_jobs.c
    record = (await tx.execute(select(push_jobs).where(jobs.agency_id == agency_id, jobs.job_id == job_id))).first()
    if record is None:
        raise NotFoundError("this agency has no such job")
    return record


async def _job_with_key(tx: AsyncConnection, agency_id: str, job_key: str) -> JobRecord | None:
    jobs = push_jobs.c
    return (await tx.execute(select(push_jobs).where(jobs.agency_id == agency_id, jobs.job_key == job_key))).first()


async def _set_finished(tx: AsyncConnection, client: AgencyClient, job_id: str, finished_at: object) -> None:
    jobs = push_jobs.c
    await tx.execute(
        update(push_jobs)
        .where(jobs.agency_id == client.agency_id, jobs.job_id == job_id)
        .values(finished_at=finished_at)
    )


async def _job(tx: AsyncConnection, agency_id: str, job_id: str) -> PushJob:
    return await _with_counts(tx, await job_record(tx, agency_id, job_id))


async def _with_counts(tx: AsyncConnection, record: JobRecord) -> PushJob:
    counts, operations = push_job_counts.c, push_job_operations.c
    counted = await tx.execute(
        select(counts.outcome, counts.code, counts.row_count)
        .where(counts.agency_id == record.agency_id, counts.job_id == record.job_id, counts.row_count > 0)
        .order_by(counts.outcome, counts.code)
    )
    decided = await tx.execute(
        select(*(operations[name] for name in JobOperation.__struct_fields__))
        .where(operations.agency_id == record.agency_id, operations.job_id == record.job_id)
        .order_by(operations.started_at, operations.operation_id)
    )
    return PushJob(
        job_id=record.job_id,
        job_key=record.job_key,
        document_type=record.document_type,
        opened_at=record.opened_at,
        finished_at=record.finished_at,
        counts=tuple(OutcomeCount(*each) for each in counted),
        operations=tuple(JobOperation(**each) for each in decided.mappings()),
    )
