"""Corrections from the side of the agency that owns the data: list, and answer. An answer stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.citizen_text import clean_citizen_text
from giayto_wallet_api.corrections.asker import Asker
from giayto_wallet_api.corrections.problems import AlreadyAnsweredError, TicketNotFoundError
from giayto_wallet_api.corrections.schemas import AnswerRequest, AskerItem, TicketItem, TicketState
from giayto_wallet_api.corrections.sealing import TicketSeal
from giayto_wallet_api.corrections.tables import correction_answers, correction_details, correction_tickets
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.statements import insert_if_absent

_tickets, _details, _answers = correction_tickets.c, correction_details.c, correction_answers.c


async def list_tickets(
    tx: AsyncConnection, runtime: Runtime, agency_id: str, *, state: TicketState | None, before: int, limit: int
) -> Sequence[tuple[int, TicketItem]]:
    """Return an agency's corrections with their numbers, newest first, that were opened before number `before`."""
    query = _query().where(_tickets.agency_id == agency_id, _tickets.opened_sequence < before)
    if state is not None:
        is_open = _answers.ticket_id.is_(None)
        query = query.where(is_open if state == "open" else ~is_open)
    query = query.order_by(_tickets.opened_sequence.desc()).limit(limit)
    return [(row["opened_sequence"], _item(row, runtime)) for row in (await tx.execute(query)).mappings()]


async def answer_ticket(
    tx: AsyncConnection, runtime: Runtime, client: AgencyClient, ticket_id: str, request: AnswerRequest
) -> TicketItem:
    """Answer a correction, and forget whom it was about. The same answer again changes nothing.

    Raises:
        TicketNotFoundError: this agency has no such correction.
        AlreadyAnsweredError: it was answered in another way.
    """
    now = runtime.clock()
    ticket = await _find(tx, client.agency_id, ticket_id)
    text = clean_citizen_text(request.answer, "answer")
    first = await insert_if_absent(
        tx,
        correction_answers,
        {
            "agency_id": client.agency_id,
            "ticket_id": ticket_id,
            "outcome": request.outcome,
            "answer": TicketSeal(runtime.keys).seal_answer(client.agency_id, ticket_id, text),
            "answered_at": now,
        },
    )
    answered = _item(await _find(tx, client.agency_id, ticket_id), runtime)
    if not first:
        if (answered.outcome, answered.answer) != (request.outcome, text):
            raise AlreadyAnsweredError("the first answer stands")
        return answered
    await tx.execute(
        delete(correction_details).where(_details.agency_id == client.agency_id, _details.ticket_id == ticket_id)
    )
    await audit.record(
        tx,
        now=now,
        actor=client.actor,
        action="correction.answered",
        target=ticket_id,
        facts={"outcome": request.outcome, "in_time": now <= ticket["due_at"]},
    )
    return _item(await _find(tx, client.agency_id, ticket_id), runtime)


async def _find(tx: AsyncConnection, agency_id: str, ticket_id: str) -> RowMapping:
    query = _query().where(_tickets.agency_id == agency_id, _tickets.ticket_id == ticket_id)
    row: RowMapping | None = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise TicketNotFoundError("this agency has no such correction")
    return row


def _query() -> Any:
    details = (_details.agency_id == _tickets.agency_id) & (_details.ticket_id == _tickets.ticket_id)
    answered = (_answers.agency_id == _tickets.agency_id) & (_answers.ticket_id == _tickets.ticket_id)
    return (
        select(correction_tickets, _details.details, _answers.outcome, _answers.answer, _answers.answered_at)
        .outerjoin(correction_details, details)
        .outerjoin(correction_answers, answered)
    )


def _item(row: RowMapping, runtime: Runtime) -> TicketItem:
    agency_id, ticket_id, seal = row["agency_id"], row["ticket_id"], TicketSeal(runtime.keys)
    opened = None if row["details"] is None else seal.open_details(agency_id, ticket_id, row["details"])
    answered_at: datetime | None = row["answered_at"]
    return TicketItem(
        ticket_id=ticket_id,
        opened_by=_asker(row["opened_by"]),
        document_type=row["document_type"],
        procedure=row["procedure_code"],
        reason=row["reason"],
        edition=row["edition"],
        opened_at=row["opened_at"],
        due_at=row["due_at"],
        overdue=(answered_at or runtime.clock()) > row["due_at"],
        state="open" if answered_at is None else "answered",
        subject=None if opened is None else opened.subject,
        details=None if opened is None else opened.details,
        outcome=row["outcome"],
        answer=None if row["answer"] is None else seal.open_answer(agency_id, ticket_id, row["answer"]),
        answered_at=answered_at,
    )


def _asker(name: str) -> AskerItem:
    asker = Asker.from_name(name)
    return AskerItem(asker.kind, asker.asker_id)
