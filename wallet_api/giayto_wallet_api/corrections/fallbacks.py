"""Recording that paper was asked for all the same: with a reason, and with a correction that follows from it."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_issuers.values.times import VIETNAM
from giayto_verifiers.paper_rule import MayAsk
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.catalogue.rule import PaperQuestion, answer
from giayto_wallet_api.citizen_text import clean_citizen_text
from giayto_wallet_api.corrections.asker import Asker
from giayto_wallet_api.corrections.problems import (
    CaseKeyConflictError,
    FallbackNotNeededError,
    PaperForbiddenError,
    SourceAgencyError,
)
from giayto_wallet_api.corrections.schemas import FallbackItem, FallbackPage, FallbackRequest
from giayto_wallet_api.corrections.sealing import SealedDetails, TicketSeal
from giayto_wallet_api.corrections.tables import (
    correction_answers,
    correction_details,
    correction_tickets,
    paper_fallbacks,
)
from giayto_wallet_api.cursors import FROM_THE_NEWEST, read_sequence
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.store.statements import hold

TIME_TO_CORRECT: Final = timedelta(days=10)
"""Within which wrong personal data is corrected (Law 91/2025, Decree 356)."""
_fallbacks, _tickets, _answers = paper_fallbacks.c, correction_tickets.c, correction_answers.c


async def record_fallback(
    tx: AsyncConnection, runtime: Runtime, asker: Asker, request: FallbackRequest
) -> FallbackItem:
    """Record a fallback and open its correction; the same case again changes nothing.

    Raises:
        FallbackNotNeededError: the paper may be asked for anyway.
        PaperForbiddenError: it may not be, whatever the data.
        SourceAgencyError: the named agency does not issue the document.
        CaseKeyConflictError: the key was used for another case.
        DocumentUnknownError, NoEditionError, ProcedureCodeError: see `catalogue.rule`.
    """
    now = runtime.clock()
    await hold(tx, f"paper-fallbacks {asker.name}")
    digest = _digest(runtime, request)
    known = await _find(tx, asker, request.case_key)
    if known is not None:
        if not hmac.compare_digest(known["content_digest"], digest):
            raise CaseKeyConflictError("case_key: it stands for another case")
        return _item(known, TicketSeal(runtime.keys))
    rule = await _require_fallback(tx, runtime, request, now)
    owner = _owner(runtime, rule, request.agency_id)
    ticket_id = new_id("cor")
    sequence = await audit.record(
        tx,
        now=now,
        actor=asker.actor,
        action="paper_fallback.recorded",
        target=ticket_id,
        facts={"owner_agency_id": owner, "document_type": rule.vct, "reason": request.reason},
    )
    await _open_ticket(tx, runtime, asker, request, rule, owner, ticket_id, sequence, now)
    await tx.execute(
        insert(paper_fallbacks).values(
            asker=asker.name,
            case_key=request.case_key,
            content_digest=digest,
            owner_agency_id=owner,
            ticket_id=ticket_id,
            recorded_sequence=sequence,
            recorded_at=now,
        )
    )
    recorded = await _find(tx, asker, request.case_key)
    assert recorded is not None  # noqa: S101 - inserted just above
    return _item(recorded, TicketSeal(runtime.keys))


async def page_of_fallbacks(runtime: Runtime, asker: Asker, cursor: str | None, limit: int) -> FallbackPage:
    """Return a page of what was recorded by who asked; MalformedRequestError for a cursor that was not made here."""
    before = read_sequence(cursor, default=FROM_THE_NEWEST)
    async with runtime.database.read() as tx:
        found = await _list(tx, runtime, asker, before=before, limit=limit + 1)
    next_cursor = str(found[limit - 1][0]) if len(found) > limit else None
    return FallbackPage([item for _, item in found[:limit]], next_cursor)


async def _list(
    tx: AsyncConnection, runtime: Runtime, asker: Asker, *, before: int, limit: int
) -> Sequence[tuple[int, FallbackItem]]:
    query = _query().where(_fallbacks.asker == asker.name, _fallbacks.recorded_sequence < before)
    query = query.order_by(_fallbacks.recorded_sequence.desc()).limit(limit)
    seal = TicketSeal(runtime.keys)
    return [(row["recorded_sequence"], _item(row, seal)) for row in (await tx.execute(query)).mappings()]


async def _require_fallback(tx: AsyncConnection, runtime: Runtime, request: FallbackRequest, now: datetime) -> MayAsk:
    question = PaperQuestion(request.document, now.astimezone(VIETNAM).date(), request.procedure, request.purpose)
    rule = await answer(tx, runtime.keys.anchors, question)
    if rule.may_ask:
        raise FallbackNotNeededError(f"may ask: {rule.reason}")
    if not rule.fallback:
        raise PaperForbiddenError(f"may ask: {rule.reason}")
    return rule


def _owner(runtime: Runtime, rule: MayAsk, named: str | None) -> str:
    document_type = runtime.document_types[rule.vct]
    if named is None:
        return document_type.owner.agency
    if not document_type.may_be_issued_by(named):
        raise SourceAgencyError("agency_id: this agency does not issue the document")
    return named


async def _open_ticket(
    tx: AsyncConnection,
    runtime: Runtime,
    asker: Asker,
    request: FallbackRequest,
    rule: MayAsk,
    owner: str,
    ticket_id: str,
    sequence: int,
    now: datetime,
) -> None:
    await tx.execute(
        insert(correction_tickets).values(
            agency_id=owner,
            ticket_id=ticket_id,
            opened_by=asker.name,
            document_type=rule.vct,
            procedure_code=None if rule.procedure is None else rule.procedure.code,
            reason=request.reason,
            edition=rule.edition,
            opened_sequence=sequence,
            opened_at=now,
            due_at=now + TIME_TO_CORRECT,
        )
    )
    details = SealedDetails(request.subject, clean_citizen_text(request.details, "details"))
    sealed = TicketSeal(runtime.keys).seal_details(owner, ticket_id, details)
    await tx.execute(insert(correction_details).values(agency_id=owner, ticket_id=ticket_id, details=sealed))


def _digest(runtime: Runtime, request: FallbackRequest) -> bytes:
    return hmac.digest(runtime.content_digest_key, msgspec.json.encode(request, order="deterministic"), "sha256")


async def _find(tx: AsyncConnection, asker: Asker, case_key: str) -> RowMapping | None:
    query = _query().where(_fallbacks.asker == asker.name, _fallbacks.case_key == case_key)
    return (await tx.execute(query)).mappings().one_or_none()


def _query() -> Any:
    ticket = (_tickets.agency_id == _fallbacks.owner_agency_id) & (_tickets.ticket_id == _fallbacks.ticket_id)
    answered = (_answers.agency_id == _tickets.agency_id) & (_answers.ticket_id == _tickets.ticket_id)
    return (
        select(
            paper_fallbacks,
            _tickets.document_type,
            _tickets.reason,
            _tickets.due_at,
            _answers.outcome,
            _answers.answer,
        )
        .join(correction_tickets, ticket)
        .outerjoin(correction_answers, answered)
    )


def _item(row: RowMapping, seal: TicketSeal) -> FallbackItem:
    owner, ticket_id, sealed = row["owner_agency_id"], row["ticket_id"], row["answer"]
    return FallbackItem(
        case_key=row["case_key"],
        ticket_id=ticket_id,
        owner_agency_id=owner,
        document_type=row["document_type"],
        reason=row["reason"],
        recorded_at=row["recorded_at"],
        due_at=row["due_at"],
        state="open" if sealed is None else "answered",
        outcome=row["outcome"],
        answer=None if sealed is None else seal.open_answer(owner, ticket_id, sealed),
    )
