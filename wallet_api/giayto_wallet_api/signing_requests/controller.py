"""`/issuer/v1/waiting-documents`, `/issuer/v1/signing-requests`."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final, cast

import msgspec
from litestar import Controller, get, post
from litestar.params import BodyKwarg, FromPath, QueryParameter

from giayto_wallet_api.agencies.authority import TypeForbiddenError, authority_of
from giayto_wallet_api.agencies.principal import AgencyClient, AgencyClientDependency, requires_agency
from giayto_wallet_api.cursors import DEFAULT_PAGE, LimitParameter
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError, TooManyRequestsError
from giayto_wallet_api.runtime import Runtime, RuntimeDependency
from giayto_wallet_api.signing_requests import examples, leasing, schemas, waiting
from giayto_wallet_api.signing_requests.reissue import reissue_type

_TAGS: Final = ("agencies: documents",)
_POLL: Final = timedelta(seconds=1)
_MAX_BODY_BYTES: Final = 1024 * 1024

RowCursor = Annotated[
    str | None, QueryParameter(name="cursor", max_length=128, description="`next_cursor` of the page before.")
]
WaitingStateParameter = Annotated[schemas.WaitingState, QueryParameter(name="state")]
RequestStateParameter = Annotated[schemas.RequestState, QueryParameter(name="state")]


class WaitingDocumentController(Controller):
    """Rows whose subjects have no wallet yet."""

    path = "/issuer/v1/waiting-documents"
    tags = _TAGS
    guards = (requires_agency,)

    @post(
        "/",
        status_code=HTTPStatus.OK,
        summary="Register rows that wait for a wallet",
        request_max_body_size=_MAX_BODY_BYTES,
        responses=answers(
            schemas.WaitingAnswers,
            examples.WAITING_ANSWERS,
            InvalidTokenError,
            TypeForbiddenError,
            MalformedRequestError,
            TooManyRequestsError,
        ),
    )
    async def register(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[schemas.WaitingRegistration, BodyKwarg(examples=example_of(examples.WAITING_ROWS))],
    ) -> schemas.WaitingAnswers:
        """Remember rows without their claims; a signing request follows when the wallet appears."""
        return schemas.WaitingAnswers(tuple(await waiting.register(runtime, client, data.rows)))

    @post(
        "/withdraw",
        status_code=HTTPStatus.OK,
        summary="Withdraw waiting rows",
        responses=answers(schemas.Withdrawn, {"withdrawn": 1}, InvalidTokenError, MalformedRequestError),
    )
    async def withdraw(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[schemas.Withdrawal, BodyKwarg(examples=example_of(examples.WITHDRAWAL))],
    ) -> schemas.Withdrawn:
        """Let rows wait no longer: they are not to be delivered any more."""
        return schemas.Withdrawn(await waiting.withdraw(runtime, client, data.row_keys))

    @get(
        "/",
        summary="List waiting rows",
        responses=answers(schemas.WaitingPage, examples.WAITING_PAGE, InvalidTokenError, MalformedRequestError),
    )
    async def list_waiting(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        row_state: WaitingStateParameter = "waiting",
        cursor: RowCursor = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.WaitingPage:
        """Return registered rows in one state, in the order of their keys."""
        async with runtime.database.read() as tx:
            rows = await waiting.list_waiting(tx, client, row_state, after=cursor or "", limit=limit + 1)
        items = tuple(rows[:limit])
        return schemas.WaitingPage(items, items[-1].row_key if len(rows) > limit else None)


class SigningRequestController(Controller):
    """Copies that the agency is asked to sign."""

    path = "/issuer/v1/signing-requests"
    tags = _TAGS
    guards = (requires_agency,)

    @post(
        "/lease",
        status_code=HTTPStatus.OK,
        summary="Take signing requests",
        responses=answers(schemas.Lease, examples.LEASE, InvalidTokenError, MalformedRequestError),
    )
    async def lease(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[schemas.LeaseRequest, BodyKwarg(examples=example_of(examples.LEASE_REQUEST))],
    ) -> schemas.Lease:
        """Take requests for a time; wait for the first one when there are none. Pushing their rows completes them."""
        leased = await _lease(runtime, client, data)
        for _ in range(data.wait_seconds):
            if leased.requests:
                break
            await asyncio.sleep(_POLL.total_seconds())
            leased = await _lease(runtime, client, data)
        return _lease_answer(leased)

    @post(
        "/release",
        status_code=HTTPStatus.OK,
        summary="Give signing requests back",
        responses=answers(schemas.Released, {"later": 1, "dead": 0}, InvalidTokenError, MalformedRequestError),
    )
    async def release(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[schemas.Release, BodyKwarg(examples=example_of(examples.RELEASE))],
    ) -> schemas.Released:
        """Say why requests could not be met: some come back after a pause, others become dead letters."""
        failures = [(each.request_id, each.code, each.retryable) for each in data.failures]
        async with runtime.database.transaction() as tx:
            later, dead = await leasing.release(tx, client.agency_id, data.lease_id, failures, runtime.clock())
        return schemas.Released(later, dead)

    @post(
        "/reissue",
        status_code=HTTPStatus.OK,
        summary="Ask for fresh copies of a type",
        responses=answers(
            schemas.Reissue,
            {"requested": 500, "next_cursor": "1734"},
            InvalidTokenError,
            TypeForbiddenError,
            MalformedRequestError,
        ),
    )
    async def reissue(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[schemas.ReissueRequest, BodyKwarg(examples=example_of(examples.REISSUE))],
    ) -> schemas.Reissue:
        """Request fresh copies of this agency's documents of a type, a page at a time."""
        now = runtime.clock()
        async with runtime.database.transaction() as tx:
            (await authority_of(tx, client.agency_id)).require_type(data.document_type, now)
            page = await reissue_type(tx, client.agency_id, data.document_type, after=int(data.cursor or 0), now=now)
        return schemas.Reissue(page.requested, None if page.next_sequence is None else str(page.next_sequence))

    @get(
        "/",
        summary="List signing requests",
        responses=answers(schemas.SigningRequestPage, examples.REQUEST_PAGE, InvalidTokenError, MalformedRequestError),
    )
    async def list_requests(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        request_state: RequestStateParameter = "open",
        cursor: RowCursor = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.SigningRequestPage:
        """Return requests in one state; `dead` ones have failed for good until they are retried."""
        async with runtime.database.read() as tx:
            rows = await leasing.list_requests(tx, client.agency_id, request_state, after=cursor or "", limit=limit + 1)
        items = tuple(_item(row) for row in rows[:limit])
        return schemas.SigningRequestPage(items, items[-1].request_id if len(rows) > limit else None)

    @post(
        "/{request_id:str}/retry",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Retry a dead letter",
        responses=answers(
            None, None, InvalidTokenError, NotFoundError, status=HTTPStatus.NO_CONTENT, description="It is open again."
        ),
    )
    async def retry(
        self, runtime: RuntimeDependency, client: AgencyClientDependency, request_id: FromPath[str]
    ) -> None:
        """Bring a dead letter back, with all its attempts."""
        async with runtime.database.transaction() as tx:
            await leasing.retry_dead(tx, client.agency_id, request_id, client.actor, runtime.clock())


async def _lease(runtime: Runtime, client: AgencyClient, wanted: schemas.LeaseRequest) -> leasing.Leased:
    async with runtime.database.transaction() as tx:
        return await leasing.lease(
            tx,
            client.agency_id,
            limit=wanted.limit,
            visibility=timedelta(seconds=wanted.visibility_seconds),
            document_type=wanted.document_type,
            now=runtime.clock(),
        )


def _lease_answer(leased: leasing.Leased) -> schemas.Lease:
    requests = [
        schemas.LeasedRequest(
            request_id=each.request_id,
            row_key=each.row_key,
            document_type=each.document_type,
            reason=cast(schemas.RequestReason, each.reason),
            holder_key=each.holder_key.jwk,
            attempt=each.attempt,
            not_before=None if each.period is None else each.period.not_before,
            expires_at=None if each.period is None else each.period.expires_at,
        )
        for each in leased.requests
    ]
    return schemas.Lease(lease_id=leased.lease_id, expires_at=leased.expires_at, requests=tuple(requests))


def _item(row: Any) -> schemas.SigningRequestItem:
    names = schemas.SigningRequestItem.__struct_fields__
    return msgspec.convert({name: getattr(row, name) for name in names}, schemas.SigningRequestItem)
