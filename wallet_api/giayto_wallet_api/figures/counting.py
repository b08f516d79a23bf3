"""A month's figures: by agency, by verifier, and by who owns document types."""

from collections.abc import Mapping
from datetime import datetime

from cryptography import x509
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.localised import Localised
from giayto_wallet_api.agencies.tables import agencies
from giayto_wallet_api.corrections.asker import Asker
from giayto_wallet_api.corrections.tables import correction_answers, correction_tickets
from giayto_wallet_api.figures.integration import integration_on
from giayto_wallet_api.figures.months import end_of, last_day_of, start_of
from giayto_wallet_api.figures.rolling import counts_of
from giayto_wallet_api.figures.schemas import THRESHOLD, AgencyFigures, MonthlyFigures, VerifierFigures
from giayto_wallet_api.presentation_requests.tables import verifier_domains, verifiers
from giayto_wallet_api.refusal_reports.tables import refusal_reports

Counts = Mapping[str, int]
"""By measure."""
Names = Mapping[str, Localised]
_tickets, _answered = correction_tickets.c, correction_answers.c


async def count_month(
    tx: AsyncConnection, month: str, anchors: tuple[x509.Certificate, ...], *, now: datetime
) -> MonthlyFigures:
    """Put together what the counters and the catalogue say of a month; of the month that runs, until now.

    Args:
        tx: reads after `rolling.count_new_entries`.
        month: `YYYY-MM`.
        anchors: pinned roots, for the catalogue.
        now: the present moment.
    """
    counted = await counts_of(tx, month)
    day = min(last_day_of(month), now.astimezone(start_of(month).tzinfo).date())
    return MonthlyFigures(
        month=month,
        counted_at=now,
        suppressed_below=THRESHOLD,
        agencies=await _agencies(tx, _of_kind(counted, "agency"), until=min(end_of(month), now)),
        verifiers=await _verifiers(tx, _of_kind(counted, "verifier"), month),
        integration=tuple(await integration_on(tx, day, anchors)),
    )


def shown(count: int) -> int | None:
    """Return a count as it may be published; None where it is so small that somebody might be recognised."""
    return None if 0 < count < THRESHOLD else count


def _of_kind(counted: Mapping[str, Counts], kind: str) -> dict[str, Counts]:
    """Return the counters of all agencies, or of all verifiers, by their identifiers."""
    askers = {Asker.from_name(name): counts for name, counts in counted.items()}
    return {asker.asker_id: counts for asker, counts in askers.items() if asker.kind == kind}


async def _agencies(
    tx: AsyncConnection, counted: Mapping[str, Counts], *, until: datetime
) -> tuple[AgencyFigures, ...]:
    names, overdue = await _agency_names(tx), await _overdue(tx, until)
    return tuple(
        _agency(agency_id, names.get(agency_id), {**counted.get(agency_id, {}), **overdue.get(agency_id, {})})
        for agency_id in sorted({*counted, *overdue})
    )


def _agency(agency_id: str, names: Localised | None, counts: Counts) -> AgencyFigures:
    def published(measure: str) -> int | None:
        return shown(counts.get(measure, 0))

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
        late=any(counts.get(measure, 0) for measure in ("corrections_late", "corrections_overdue")),
    )


async def _overdue(tx: AsyncConnection, until: datetime) -> dict[str, Counts]:
    """Corrections that were due and not answered at the end of the month, or now."""
    same = (_answered.agency_id == _tickets.agency_id) & (_answered.ticket_id == _tickets.ticket_id)
    still_open = (_answered.answered_at.is_(None)) | (_answered.answered_at >= until)
    query = (
        select(_tickets.agency_id, func.count())
        .outerjoin(correction_answers, same)
        .where(_tickets.due_at < until, still_open)
        .group_by(_tickets.agency_id)
    )
    return {agency_id: {"corrections_overdue": count} for agency_id, count in await tx.execute(query)}


async def _verifiers(tx: AsyncConnection, counted: Mapping[str, Counts], month: str) -> tuple[VerifierFigures, ...]:
    names, reported = await _verifier_names(tx), await _reported(tx, month)
    found = (
        _verifier(
            verifier_id, names.get(verifier_id), {**counted.get(verifier_id, {}), **reported.get(verifier_id, {})}
        )
        for verifier_id in sorted({*(name for name in counted if name in names), *reported})
    )
    return tuple(verifier for verifier in found if verifier.is_named)


def _verifier(verifier_id: str, names: Localised | None, counts: Counts) -> VerifierFigures:
    def published(measure: str) -> int | None:
        return shown(counts.get(measure, 0))

    return VerifierFigures(
        verifier_id=verifier_id,
        names=names,
        checks=published("checks"),
        declined=published("declined"),
        paper_fallbacks=published("paper_fallbacks"),
        refusal_reports=published("refusal_reports"),
    )


async def _reported(tx: AsyncConnection, month: str) -> dict[str, Counts]:
    """Count citizens, not reports: nobody makes a verifier look bad alone, nor has something published alone.

    Who reported a domain of a registered verifier reported that verifier.
    """
    reports, domains = refusal_reports.c, verifier_domains.c
    verifier_id = func.coalesce(domains.verifier_id, reports.verifier_id)
    query = (
        select(verifier_id, func.count(reports.wallet_id.distinct()))
        .select_from(refusal_reports.outerjoin(verifier_domains, domains.domain == reports.verifier_id))
        .where(reports.filed_at >= start_of(month), reports.filed_at < end_of(month), reports.verifier_id.is_not(None))
        .group_by(verifier_id)
    )
    return {str(name): {"refusal_reports": count} for name, count in await tx.execute(query)}


async def _agency_names(tx: AsyncConnection) -> Names:
    query = select(agencies.c.agency_id, agencies.c.name_vi, agencies.c.name_en)
    return {row.agency_id: Localised(vi=row.name_vi, en=row.name_en) for row in await tx.execute(query)}


async def _verifier_names(tx: AsyncConnection) -> Names:
    query = select(verifiers.c.verifier_id, verifiers.c.name_vi, verifiers.c.name_en)
    return {row.verifier_id: Localised(vi=row.name_vi, en=row.name_en) for row in await tx.execute(query)}
