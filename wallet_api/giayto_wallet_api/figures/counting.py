"""Counting a month: documents, answers of citizens, fallbacks, corrections and reports, by agency and verifier."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Column, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.localised import Localised
from giayto_wallet_api.agencies.tables import agencies
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.corrections.asker import Asker
from giayto_wallet_api.corrections.tables import correction_answers, correction_tickets, paper_fallbacks
from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.figures.schemas import THRESHOLD, AgencyFigures, MonthlyFigures, VerifierFigures
from giayto_wallet_api.refusal_reports.tables import refusal_reports

Counts = Mapping[str, int]
_ANSWERS: Final = {"document.confirmed": "confirmed", "document.declined": "declined"}
_tickets, _answered = correction_tickets.c, correction_answers.c


async def count_month(
    tx: AsyncConnection, month: str, *, start: datetime, end: datetime, now: datetime
) -> MonthlyFigures:
    """Count what happened from `start` until before `end`; of the month that runs, until now."""
    counted: dict[str, Counts] = {
        "pushed": await _by_agency(tx, document_versions.c.agency_id, document_versions.c.pushed_at, start, end),
        "paper_fallbacks": await _fallbacks(tx, start, end),
        **await _citizens_answers(tx, start, end),
        **await _corrections(tx, start, end, min(end, now)),
    }
    names = await _names(tx)
    found = sorted(set[str]().union(*counted.values()))
    reported = await _reported(tx, start, end)
    return MonthlyFigures(
        month=month,
        counted_at=now,
        suppressed_below=THRESHOLD,
        agencies=tuple(_agency(agency_id, names.get(agency_id), counted) for agency_id in found),
        verifiers=tuple(
            VerifierFigures(verifier_id=name, refusal_reports=count)
            for name, count in sorted(reported.items())
            if count >= THRESHOLD
        ),
    )


def shown(count: int) -> int | None:
    """Return a count as it may be published; None where it is so small that somebody might be recognised."""
    return None if 0 < count < THRESHOLD else count


def _agency(agency_id: str, names: Localised | None, counted: Mapping[str, Counts]) -> AgencyFigures:
    def published(name: str) -> int | None:
        return shown(counted[name].get(agency_id, 0))

    late = (counted[name].get(agency_id, 0) for name in ("corrections_late", "corrections_overdue"))
    return AgencyFigures(
        agency_id=agency_id,
        names=names,
        pushed=published("pushed"),
        confirmed=published("confirmed"),
        declined=published("declined"),
        paper_fallbacks=published("paper_fallbacks"),
        corrections_in_time=published("corrections_in_time"),
        corrections_late=published("corrections_late"),
        corrections_overdue=published("corrections_overdue"),
        late=any(late),
    )


async def _by_agency(
    tx: AsyncConnection, name: Column[str], moment: Column[datetime], start: datetime, end: datetime
) -> Counts:
    query = select(name, func.count()).where(moment >= start, moment < end).group_by(name)
    return {str(key): int(count) for key, count in await tx.execute(query)}


async def _fallbacks(tx: AsyncConnection, start: datetime, end: datetime) -> Counts:
    by_asker = await _by_agency(tx, paper_fallbacks.c.asker, paper_fallbacks.c.recorded_at, start, end)
    askers = {Asker.from_name(name): count for name, count in by_asker.items()}
    return {asker.asker_id: count for asker, count in askers.items() if asker.kind == "agency"}


async def _reported(tx: AsyncConnection, start: datetime, end: datetime) -> Counts:
    """Count citizens, not reports: nobody makes a verifier look bad alone, nor has something published alone."""
    reports = refusal_reports.c
    query = (
        select(reports.verifier_id, func.count(reports.wallet_id.distinct()))
        .where(reports.filed_at >= start, reports.filed_at < end, reports.verifier_id.is_not(None))
        .group_by(reports.verifier_id)
    )
    return {str(verifier_id): int(count) for verifier_id, count in await tx.execute(query)}


async def _citizens_answers(tx: AsyncConnection, start: datetime, end: datetime) -> dict[str, Counts]:
    """Count from the audit log: it holds each answer at its moment, whatever became of the document later."""
    entries = audit_entries.c
    query = select(entries.action, entries.facts).where(
        entries.action.in_(_ANSWERS), entries.recorded_at >= start, entries.recorded_at < end
    )
    counters: dict[str, Counter[str]] = {name: Counter() for name in _ANSWERS.values()}
    async for action, facts in await tx.stream(query):
        agency_id = json.loads(facts).get("agency_id")
        if isinstance(agency_id, str):
            counters[_ANSWERS[action]][agency_id] += 1
    return dict(counters)


async def _corrections(tx: AsyncConnection, start: datetime, end: datetime, until: datetime) -> dict[str, Counts]:
    """Corrections by the month in which they were answered, and those that were overdue at its end."""
    same = (_answered.agency_id == _tickets.agency_id) & (_answered.ticket_id == _tickets.ticket_id)
    answered = select(_tickets.agency_id, _answered.answered_at <= _tickets.due_at).join(correction_answers, same)
    in_time: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for agency_id, was_in_time in await tx.execute(
        answered.where(_answered.answered_at >= start, _answered.answered_at < end)
    ):
        (in_time if was_in_time else late)[agency_id] += 1
    still_open = (_answered.answered_at.is_(None)) | (_answered.answered_at >= until)
    overdue = (
        select(_tickets.agency_id, func.count())
        .outerjoin(correction_answers, same)
        .where(_tickets.due_at < until, still_open)
        .group_by(_tickets.agency_id)
    )
    return {
        "corrections_in_time": in_time,
        "corrections_late": late,
        "corrections_overdue": {str(agency_id): int(count) for agency_id, count in await tx.execute(overdue)},
    }


async def _names(tx: AsyncConnection) -> dict[str, Localised]:
    query = select(agencies.c.agency_id, agencies.c.name_vi, agencies.c.name_en)
    return {row.agency_id: Localised(vi=row.name_vi, en=row.name_en) for row in await tx.execute(query)}
