"""What became of the rows of a job, and how many ended how: written in the transaction that makes it so.

A row is named by its number in the agency's source. When it is sent again its newest outcome counts, but a row that was
accepted stays accepted: the answer to a lost reply is `unchanged`, and the document is there once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.documents.push import Bookkeeper
from giayto_wallet_api.documents.schemas import PushAnswer, PushRow
from giayto_wallet_api.documents.storing import Outcome
from giayto_wallet_api.push_jobs.tables import ACCEPTED, REFUSED, WAITING, push_job_counts, push_job_rows, push_jobs
from giayto_wallet_api.store.statements import insert_for

Ending = tuple[str, str]
"""Outcome and problem code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEnding:
    """How one row ended this time."""

    row: int
    row_key: str | None
    outcome: str
    code: str = ""
    document_id: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What a job knows of a row already."""

    ending: Ending
    attempts: int


def bookkeeper_of(agency_id: str, job_id: str) -> Bookkeeper:
    """Return what writes a batch down in a job, inside the transaction that stores it."""

    async def write_down(
        tx: AsyncConnection, rows: Sequence[PushRow | GiaytoError], outcomes: Sequence[Outcome], now: datetime
    ) -> None:
        endings = [
            _ending(row.row, row.row_key, outcome)
            for row, outcome in zip(rows, outcomes, strict=True)
            if isinstance(row, PushRow) and row.row is not None
        ]
        await record_endings(tx, agency_id, job_id, endings, now)

    return write_down


def settler_of(agency_id: str) -> Bookkeeper:
    """Return what settles rows that waited in some job and are now stored by a push that names none."""

    async def settle(
        tx: AsyncConnection, _rows: Sequence[PushRow | GiaytoError], outcomes: Sequence[Outcome], now: datetime
    ) -> None:
        await settle_waiting(tx, agency_id, [each for each in outcomes if isinstance(each, PushAnswer)], now)

    return settle


async def record_endings(
    tx: AsyncConnection, agency_id: str, job_id: str, endings: Sequence[RowEnding], now: datetime
) -> None:
    """Write down how rows ended, and count them anew."""
    if not endings:
        return
    # Held first: two streams of one job must not count the same row twice.
    await tx.execute(_select_job(agency_id, job_id).with_for_update())
    known = await _known_rows(tx, agency_id, job_id, [each.row for each in endings])
    written: dict[int, dict[str, Any]] = {}
    moved: Counter[Ending] = Counter()
    for each in endings:
        before = known.get(each.row)
        if before is not None and before.ending[0] in ACCEPTED:
            continue
        ending, attempts = (each.outcome, each.code), 1 if before is None else before.attempts + 1
        if before is not None:
            moved[before.ending] -= 1
        moved[ending] += 1
        known[each.row] = _Known(ending, attempts)
        written[each.row] = _row(agency_id, job_id, each, attempts, now)
    await _write_rows(tx, list(written.values()))
    await _count(tx, agency_id, job_id, moved)


async def settle_waiting(tx: AsyncConnection, agency_id: str, answers: Sequence[PushAnswer], now: datetime) -> None:
    """Turn rows that waited for a wallet into stored ones, in whichever job they waited."""
    by_key = {answer.row_key: answer for answer in answers}
    if not by_key:
        return
    rows = push_job_rows.c
    waiting = await tx.execute(
        select(rows.job_id, rows.row, rows.row_key)
        .where(rows.agency_id == agency_id, rows.row_key.in_(by_key), rows.outcome == WAITING)
        .order_by(rows.job_id)
    )
    by_job: dict[str, list[RowEnding]] = {}
    for job_id, row, row_key in waiting:
        by_job.setdefault(job_id, []).append(_ending(row, row_key, by_key[row_key]))
    for job_id, endings in by_job.items():
        await record_endings(tx, agency_id, job_id, endings, now)


def _ending(row: int, row_key: str, outcome: Outcome) -> RowEnding:
    if isinstance(outcome, PushAnswer):
        return RowEnding(
            row=row,
            row_key=row_key,
            outcome=outcome.result,
            document_id=outcome.document_id,
            version=outcome.version,
        )
    return RowEnding(row=row, row_key=row_key, outcome=REFUSED, code=outcome.code)


def _select_job(agency_id: str, job_id: str) -> Any:
    return select(push_jobs.c.job_id).where(push_jobs.c.agency_id == agency_id, push_jobs.c.job_id == job_id)


async def _known_rows(tx: AsyncConnection, agency_id: str, job_id: str, numbers: Sequence[int]) -> dict[int, _Known]:
    rows = push_job_rows.c
    found = await tx.execute(
        select(rows.row, rows.outcome, rows.code, rows.attempts).where(
            rows.agency_id == agency_id, rows.job_id == job_id, rows.row.in_(set(numbers))
        )
    )
    return {row: _Known((outcome, code), attempts) for row, outcome, code, attempts in found}


def _row(agency_id: str, job_id: str, each: RowEnding, attempts: int, now: datetime) -> dict[str, Any]:
    return {
        "agency_id": agency_id,
        "job_id": job_id,
        "row": each.row,
        "row_key": each.row_key,
        "outcome": each.outcome,
        "code": each.code,
        "document_id": each.document_id,
        "version": each.version,
        "attempts": attempts,
        "changed_at": now,
    }


async def _write_rows(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    statement = insert_for(tx, push_job_rows)
    changed = ("row_key", "outcome", "code", "document_id", "version", "attempts", "changed_at")
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["agency_id", "job_id", "row"], set_={name: statement.excluded[name] for name in changed}
        ),
        rows,
    )


async def _count(tx: AsyncConnection, agency_id: str, job_id: str, moved: Mapping[Ending, int]) -> None:
    changes = [
        {"agency_id": agency_id, "job_id": job_id, "outcome": outcome, "code": code, "row_count": rows}
        for (outcome, code), rows in sorted(moved.items())
        if rows
    ]
    if not changes:
        return
    statement = insert_for(tx, push_job_counts)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["agency_id", "job_id", "outcome", "code"],
            set_={"row_count": push_job_counts.c.row_count + statement.excluded.row_count},
        ),
        changes,
    )
