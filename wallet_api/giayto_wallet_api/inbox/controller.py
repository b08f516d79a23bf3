"""`/wallet/v1/inbox`, `/wallet/v1/documents`."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Literal

from litestar import Controller, get, post
from litestar.params import BodyKwarg, FromPath, QueryParameter
from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_issuers.document_type.model import DocumentTypes
from giayto_wallet_api.citizen_text import clean_citizen_text
from giayto_wallet_api.cursors import DEFAULT_PAGE, CursorParameter, LimitParameter, read_sequence
from giayto_wallet_api.devices.principal import CitizenDependency, requires_citizen
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.inbox import schemas, service
from giayto_wallet_api.inbox.states import StateConflictError, state_name
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError
from giayto_wallet_api.runtime import RuntimeDependency
from giayto_wallet_api.signing_requests.preparing import BEING_PREPARED, Preparation, list_preparations

_OFFERED = ("offered",)
_ANSWERED_AND_KEPT = ("confirmed", "suspended", "revoked", "consumed")

StateParameter = Annotated[
    list[Literal["confirmed", "declined", "suspended", "superseded", "revoked", "consumed"]] | None,
    QueryParameter(
        name="state", description="Only these states; confirmed, suspended, revoked and consumed when absent."
    ),
]


class InboxController(Controller):
    """The documents of the wallet, from the offer on."""

    path = "/wallet/v1"
    tags = ("citizens: documents",)
    guards = (requires_citizen,)

    @get(
        "/inbox",
        summary="List documents that await an answer",
        responses=answers(schemas.InboxPage, schemas.INBOX_EXAMPLE, MalformedRequestError, InvalidTokenError),
    )
    async def inbox(
        self,
        runtime: RuntimeDependency,
        citizen: CitizenDependency,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.InboxPage:
        """Return the documents that agencies offer, newest first, and with the first page what they are preparing."""
        async with runtime.database.read() as tx:
            page = await _page(tx, runtime.document_types, citizen.wallet_id, _OFFERED, cursor, limit)
            preparing = [] if cursor else await list_preparations(tx, citizen)
        return schemas.InboxPage(
            items=page.items,
            next_cursor=page.next_cursor,
            preparing=[_preparing(each, runtime.document_types) for each in preparing],
        )

    @get(
        "/documents",
        summary="List documents",
        responses=answers(schemas.DocumentPage, schemas.DOCUMENTS_EXAMPLE, MalformedRequestError, InvalidTokenError),
    )
    async def documents(
        self,
        runtime: RuntimeDependency,
        citizen: CitizenDependency,
        only: StateParameter = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.DocumentPage:
        """Return the documents of the wallet, newest first."""
        names = only or _ANSWERED_AND_KEPT
        async with runtime.database.read() as tx:
            return await _page(tx, runtime.document_types, citizen.wallet_id, names, cursor, limit)

    @get(
        "/documents/{document_id:str}",
        summary="Look at a document",
        responses=answers(schemas.DocumentDetail, schemas.DETAIL_EXAMPLE, InvalidTokenError, NotFoundError),
    )
    async def detail(
        self, runtime: RuntimeDependency, citizen: CitizenDependency, document_id: FromPath[str]
    ) -> schemas.DocumentDetail:
        """Return what a document says and, once it is confirmed, the copies for the device that asks."""
        async with runtime.database.read() as tx:
            found = await service.document_detail(tx, runtime.wallets, citizen, document_id)
            preparing = () if found.credentials else await list_preparations(tx, citizen)
        is_prepared = any(each.document_id == document_id for each in preparing)
        return _detail(found, runtime.document_types, being_prepared=is_prepared)

    @post(
        "/documents/{document_id:str}/confirm",
        status_code=HTTPStatus.OK,
        summary="Confirm a document",
        responses=answers(
            schemas.DocumentItem,
            schemas.CONFIRMED_EXAMPLE,
            MalformedRequestError,
            InvalidTokenError,
            NotFoundError,
            StateConflictError,
        ),
    )
    async def confirm(
        self,
        runtime: RuntimeDependency,
        citizen: CitizenDependency,
        document_id: FromPath[str],
        data: Annotated[
            schemas.ConfirmRequest | None, BodyKwarg(examples=example_of(schemas.CONFIRM_REQUEST_EXAMPLE))
        ] = None,
    ) -> schemas.DocumentItem:
        """Accept what an agency offers. Confirming again changes nothing; what was declined stays declined."""
        version = None if data is None else data.version
        async with runtime.database.transaction() as tx:
            confirmed = await service.confirm(tx, citizen, document_id, version, runtime.clock())
        return _item(confirmed, runtime.document_types)

    @post(
        "/documents/{document_id:str}/decline",
        status_code=HTTPStatus.OK,
        summary="Decline a document",
        responses=answers(
            schemas.DocumentItem,
            schemas.DECLINED_EXAMPLE,
            MalformedRequestError,
            InvalidTokenError,
            NotFoundError,
            StateConflictError,
        ),
    )
    async def decline(
        self,
        runtime: RuntimeDependency,
        citizen: CitizenDependency,
        document_id: FromPath[str],
        data: Annotated[schemas.DeclineRequest, BodyKwarg(examples=example_of(schemas.DECLINE_REQUEST_EXAMPLE))],
    ) -> schemas.DocumentItem:
        """Refuse what an agency offers; the agency reads the reason. Declining again changes nothing."""
        reason = clean_citizen_text(data.reason, "reason")
        async with runtime.database.transaction() as tx:
            declined = await service.decline(
                tx, runtime.wallets, citizen, document_id, reason, data.version, runtime.clock()
            )
        return _item(declined, runtime.document_types)


async def _page(
    tx: AsyncConnection,
    types: DocumentTypes,
    wallet_id: str,
    state_names: Sequence[str],
    cursor: str | None,
    limit: int,
) -> schemas.DocumentPage:
    before = read_sequence(cursor, default=service.FROM_THE_NEWEST)
    found = await service.list_documents(tx, wallet_id, state_names, before=before, limit=limit + 1)
    shown = found[:limit]
    next_cursor = str(shown[-1].offered_sequence) if len(found) > limit else None
    return schemas.DocumentPage([_item(summary, types) for summary in shown], next_cursor)


def _item(summary: service.DocumentSummary, types: DocumentTypes) -> schemas.DocumentItem:
    known = types.find(summary.document_type)
    return schemas.DocumentItem(
        document_id=summary.document_id,
        version=summary.version,
        state=state_name(summary.state),
        state_since=summary.state.since,
        agency_id=summary.agency_id,
        document_type=summary.document_type,
        titles=None if known is None else known.titles,
        valid_from=summary.valid_from,
        valid_until=summary.valid_until,
        delivered_at=summary.delivered_at,
    )


def _preparing(preparation: Preparation, types: DocumentTypes) -> schemas.PreparingItem:
    known = types.find(preparation.document_type)
    return schemas.PreparingItem(
        preparation_id=preparation.preparation_id,
        document_id=preparation.document_id,
        since=preparation.since,
        agency_id=preparation.agency_id,
        document_type=preparation.document_type,
        titles=None if known is None else known.titles,
        message=BEING_PREPARED,
    )


def _detail(found: service.DocumentDetail, types: DocumentTypes, *, being_prepared: bool) -> schemas.DocumentDetail:
    return schemas.DocumentDetail(
        being_prepared=being_prepared,
        **structs.asdict(_item(found.summary, types)),
        claims=found.claims,
        credentials=[schemas.CredentialItem(copy.key_thumbprint, copy.sd_jwt) for copy in found.credentials],
        earlier_versions=[
            schemas.EarlierVersion(earlier.version, state_name(earlier.state), earlier.state.since)
            for earlier in found.earlier
        ],
    )
