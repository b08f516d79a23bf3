"""`/issuer/v1/deposits`: leave records, see what became of them, offer them, withdraw them."""

from http import HTTPStatus
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.params import BodyKwarg, FromPath, QueryParameter
from sqlalchemy import select

from giayto_wallet_api.agencies.authority import TypeForbiddenError
from giayto_wallet_api.agencies.principal import AgencyClientDependency, requires_agency
from giayto_wallet_api.authorization.grants import GrantedDocument
from giayto_wallet_api.credential_issuance.offers import make_offer
from giayto_wallet_api.credential_issuance.tables import issuance_events, issuances
from giayto_wallet_api.cursors import DEFAULT_PAGE, CursorParameter, LimitParameter, read_sequence
from giayto_wallet_api.deposits import reading, schemas
from giayto_wallet_api.deposits.depositing import require_depositor
from giayto_wallet_api.deposits.problems import UnknownTypeError
from giayto_wallet_api.deposits.retiring import withdraw_deposit
from giayto_wallet_api.deposits.stream import answer_stream
from giayto_wallet_api.deposits.tables import CURRENT
from giayto_wallet_api.documents.duplex import DuplexResponse
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.edge import READS_STREAM
from giayto_wallet_api.inbox.states import StateConflictError
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError
from giayto_wallet_api.runtime import Runtime, RuntimeDependency

NDJSON_MEDIA_TYPE = "application/x-ndjson"


class DepositController(Controller):
    """Deposits of the calling agency."""

    path = "/issuer/v1/deposits"
    tags = ("agencies: deposits",)
    guards = (requires_agency,)

    @post(
        "/",
        status_code=HTTPStatus.OK,
        summary="Deposit a stream of records",
        description=(
            "Takes records as the agency's system has them, as newline-delimited JSON, one a line, and answers each "
            "with one line in the same order, as soon as it is durable. A record that is refused affects no other. If "
            "the connection breaks, send the records without an answer again: what was stored is answered `unchanged`."
        ),
        opt={READS_STREAM: True},
        request_max_body_size=None,
        responses=answers(
            str,
            schemas.ANSWERS_EXAMPLE,
            InvalidTokenError,
            TypeForbiddenError,
            UnknownTypeError,
            media_type=NDJSON_MEDIA_TYPE,
        ),
    )
    async def deposit(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        document_type: Annotated[str, QueryParameter(name="document_type", min_length=1, max_length=255)],
    ) -> DuplexResponse:
        """Answer records while they come in."""
        found = await require_depositor(runtime, client, document_type)
        answered = answer_stream(runtime, client, found, request.stream())
        return DuplexResponse(iterator=answered, media_type=NDJSON_MEDIA_TYPE, status_code=HTTPStatus.OK)

    @get(
        "/",
        summary="List deposits",
        responses=answers(schemas.DepositPage, schemas.PAGE_EXAMPLE, InvalidTokenError, MalformedRequestError),
    )
    async def list_deposits(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        deposit_state: Annotated[schemas.DepositState | None, QueryParameter(name="state")] = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.DepositPage:
        """Return the versions that this agency deposited, oldest first."""
        after = read_sequence(cursor, default=0)
        return await reading.list_deposits(runtime, client, state=deposit_state, after=after, limit=limit)

    @get(
        "/{document_id:str}",
        summary="Read one deposit",
        responses=answers(schemas.DepositDetail, schemas.DETAIL_EXAMPLE, InvalidTokenError, NotFoundError),
    )
    async def read(
        self, runtime: RuntimeDependency, client: AgencyClientDependency, document_id: FromPath[str]
    ) -> schemas.DepositDetail:
        """Return the newest version and what was issued of the document."""
        return await _detail(runtime, client.agency_id, document_id)

    @post(
        "/{document_id:str}/offers",
        status_code=HTTPStatus.CREATED,
        summary="Offer a deposit to a wallet",
        responses=answers(
            schemas.OfferAnswer,
            schemas.OFFER_EXAMPLE,
            InvalidTokenError,
            MalformedRequestError,
            NotFoundError,
            StateConflictError,
            status=HTTPStatus.CREATED,
        ),
    )
    async def offer(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        document_id: FromPath[str],
        data: Annotated[schemas.OfferRequest, BodyKwarg(examples=example_of({"tx_code": True}))],
    ) -> schemas.OfferAnswer:
        """Make a credential offer: a QR for the citizen, and a transaction code that reaches them another way."""
        now = runtime.clock()
        async with runtime.database.transaction() as tx:
            newest = await reading.newest_row(tx, client.agency_id, document_id)
            if newest.state != CURRENT:
                raise StateConflictError(f"a deposit that is {newest.state} cannot be offered")
            document = GrantedDocument(client.agency_id, document_id, newest.document_type)
            made = await make_offer(tx, runtime, document, with_tx_code=data.tx_code, actor=client.actor, now=now)
        return schemas.OfferAnswer(
            credential_offer=made.content,
            by_value=made.by_value,
            by_reference=made.by_reference,
            expires_at=made.expires_at,
            tx_code=made.tx_code,
        )

    @post(
        "/{document_id:str}/withdraw",
        status_code=HTTPStatus.OK,
        summary="Withdraw a deposit",
        responses=answers(
            schemas.DepositDetail,
            {**schemas.DETAIL_EXAMPLE, "state": "withdrawn"},
            InvalidTokenError,
            MalformedRequestError,
            NotFoundError,
        ),
    )
    async def withdraw(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        document_id: FromPath[str],
        data: Annotated[schemas.WithdrawalRequest, BodyKwarg(examples=example_of({"reason": "Deposited by mistake"}))],
    ) -> schemas.DepositDetail:
        """Let nobody fetch the document any more, and revoke the copies that were issued of it."""
        await withdraw_deposit(runtime, client, document_id, data.reason)
        return await _detail(runtime, client.agency_id, document_id)


async def _detail(runtime: Runtime, agency_id: str, document_id: str) -> schemas.DepositDetail:
    issued, told = issuances.c, issuance_events.c
    async with runtime.database.read() as tx:
        newest = await reading.newest_row(tx, agency_id, document_id)
        rows = await tx.execute(
            select(issued.issuance_id, issued.issued_at, issued.copies, issued.wallet_id)
            .where(issued.agency_id == agency_id, issued.document_id == document_id)
            .order_by(issued.issued_at, issued.issuance_id)
        )
        found = rows.all()
        events = await tx.execute(
            select(told.issuance_id, told.event)
            .where(told.agency_id == agency_id, told.issuance_id.in_([row.issuance_id for row in found]))
            .order_by(told.received_at, told.event)
        )
        by_issuance: dict[str, list[str]] = {}
        for issuance_id, event in events:
            by_issuance.setdefault(issuance_id, []).append(event)
    items = tuple(
        schemas.IssuanceItem(
            issued_at=row.issued_at,
            copies=row.copies,
            own_wallet=row.wallet_id is not None,
            events=tuple(by_issuance.get(row.issuance_id, ())),
        )
        for row in found
    )
    return schemas.DepositDetail(**reading.item_members(newest), issuances=items)
