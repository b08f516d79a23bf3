"""`/issuer/v1/paper-fallbacks` and `/issuer/v1/corrections`."""

from http import HTTPStatus
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import BodyKwarg, FromPath, QueryParameter

from giayto_wallet_api.agencies.principal import AgencyClient, AgencyClientDependency, requires_agency
from giayto_wallet_api.catalogue.problems import DocumentUnknownError
from giayto_wallet_api.corrections import problems, schemas
from giayto_wallet_api.corrections.asker import Asker
from giayto_wallet_api.corrections.fallbacks import page_of_fallbacks, record_fallback
from giayto_wallet_api.corrections.tickets import answer_ticket, list_tickets
from giayto_wallet_api.cursors import DEFAULT_PAGE, FROM_THE_NEWEST, CursorParameter, LimitParameter, read_sequence
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError
from giayto_wallet_api.runtime import RuntimeDependency

StateParameter = Annotated[
    schemas.TicketState | None, QueryParameter(name="state", description="Only open or answered ones.")
]


class CorrectionController(Controller):
    """Paper that is asked for because data is missing or wrong, and what becomes of the data."""

    path = "/issuer/v1"
    tags = ("agencies: corrections",)
    guards = (requires_agency,)

    @post(
        "/paper-fallbacks",
        status_code=HTTPStatus.OK,
        summary="Record that paper is asked for all the same",
        responses=answers(
            schemas.FallbackItem,
            schemas.FALLBACK_EXAMPLE,
            MalformedRequestError,
            InvalidTokenError,
            problems.PaperForbiddenError,
            DocumentUnknownError,
            problems.FallbackNotNeededError,
        ),
    )
    async def record(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[schemas.FallbackRequest, BodyKwarg(examples=example_of(schemas.FALLBACK_REQUEST_EXAMPLE))],
    ) -> schemas.FallbackItem:
        """Say why paper is asked for; the agency that owns the data has ten days to correct it."""
        async with runtime.database.transaction() as tx:
            return await record_fallback(tx, runtime, _desk(client), data)

    @get(
        "/paper-fallbacks",
        summary="List the fallbacks that this agency recorded",
        responses=answers(schemas.FallbackPage, schemas.FALLBACKS_EXAMPLE, MalformedRequestError, InvalidTokenError),
    )
    async def fallbacks(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.FallbackPage:
        """Return what this agency recorded, with the answers, newest first."""
        return await page_of_fallbacks(runtime, _desk(client), cursor, limit)

    @get(
        "/corrections",
        summary="List the corrections that this agency is to make",
        responses=answers(schemas.TicketPage, schemas.TICKETS_EXAMPLE, MalformedRequestError, InvalidTokenError),
    )
    async def corrections(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        only: StateParameter = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.TicketPage:
        """Return whose data is said to be missing or wrong, newest first."""
        before = read_sequence(cursor, default=FROM_THE_NEWEST)
        async with runtime.database.read() as tx:
            found = await list_tickets(tx, runtime, client.agency_id, state=only, before=before, limit=limit + 1)
        next_cursor = str(found[limit - 1][0]) if len(found) > limit else None
        return schemas.TicketPage([item for _, item in found[:limit]], next_cursor)

    @post(
        "/corrections/{ticket_id:str}/answer",
        status_code=HTTPStatus.OK,
        summary="Answer a correction",
        responses=answers(
            schemas.TicketItem,
            {**schemas.TICKET_EXAMPLE, **schemas.ANSWER_REQUEST_EXAMPLE, "state": "answered", "subject": None,
             "details": None, "answered_at": "2026-11-25T03:00:00Z"},
            MalformedRequestError,
            InvalidTokenError,
            problems.TicketNotFoundError,
            problems.AlreadyAnsweredError,
        ),
    )  # fmt: skip
    async def answer(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        ticket_id: FromPath[str],
        data: Annotated[schemas.AnswerRequest, BodyKwarg(examples=example_of(schemas.ANSWER_REQUEST_EXAMPLE))],
    ) -> schemas.TicketItem:
        """Say what became of it. Whom it was about is deleted with the answer."""
        async with runtime.database.transaction() as tx:
            return await answer_ticket(tx, runtime, client, ticket_id, data)


def _desk(client: AgencyClient) -> Asker:
    return Asker("agency", client.agency_id)
