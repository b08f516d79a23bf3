"""`POST /issuer/v1/status-indexes` and the public status lists."""

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.params import BodyKwarg, FromPath

from giayto_crypto.status_list import TYP
from giayto_wallet_api.agencies.authority import TypeForbiddenError
from giayto_wallet_api.agencies.principal import AgencyClientDependency, requires_agency
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError, TooManyRequestsError
from giayto_wallet_api.publications.published import published
from giayto_wallet_api.runtime import RuntimeDependency
from giayto_wallet_api.status.addresses import status_list_uri
from giayto_wallet_api.status.reservations import reserve
from giayto_wallet_api.status.schemas import Reservation, ReservationRequest, StatusListAggregation
from giayto_wallet_api.status.tokens import current_token, list_ids

STATUS_LIST_MEDIA_TYPE = f"application/{TYP}"
_SHORT_CACHE_SECONDS = 60
"""Caches on the way may keep a list for a minute; the token's own `ttl` governs what verifiers do with it."""
_EXAMPLE_URI = "https://giayto.example/public/v1/status-lists/sl_0f3b6c1d2e4a5f60718293a4b5c6d7e8"


class StatusIndexController(Controller):
    """Reservation of status indexes."""

    path = "/issuer/v1/status-indexes"
    tags = ("agencies: documents",)
    guards = (requires_agency,)

    @post(
        "/",
        status_code=200,
        summary="Reserve status indexes before signing",
        responses=answers(
            Reservation,
            {
                "reservation_id": "res_5f1c8e0d9b7a46f2a1c3e5d7b9f01234",
                "entries": [{"uri": _EXAMPLE_URI, "idx": 730519}, {"uri": _EXAMPLE_URI, "idx": 12}],
            },
            InvalidTokenError,
            TypeForbiddenError,
            MalformedRequestError,
            TooManyRequestsError,
        ),
    )
    async def reserve(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[
            ReservationRequest,
            BodyKwarg(examples=example_of({"document_type": "urn:giayto:type:health-book:1", "count": 2})),
        ],
    ) -> Reservation:
        """Give out indexes that nobody else gets. One that is not used is lost, which does no harm."""
        return await reserve(runtime, client, data)


class StatusListController(Controller):
    """Status lists, for everybody."""

    path = "/public/v1/status-lists"
    tags = ("public",)

    @get(
        "/",
        summary="All status lists",
        responses=answers(StatusListAggregation, {"status_lists": [_EXAMPLE_URI]}),
    )
    async def aggregation(self, runtime: RuntimeDependency) -> StatusListAggregation:
        """Name all status lists of this host (Token Status List §9.3)."""
        async with runtime.database.read() as tx:
            found = await list_ids(tx)
        return StatusListAggregation(tuple(status_list_uri(runtime.settings.base_url, list_id) for list_id in found))

    @get(
        "/{list_id:str}",
        summary="One status list",
        media_type=STATUS_LIST_MEDIA_TYPE,
        responses=answers(str, "eyJ…", NotFoundError, media_type=STATUS_LIST_MEDIA_TYPE),
    )
    async def status_list(
        self, request: Request[Any, Any, Any], runtime: RuntimeDependency, list_id: FromPath[str]
    ) -> Response[bytes]:
        """Return the signed status list token."""
        token = await current_token(runtime, list_id)
        return published(request, token.token.encode(), media_type=STATUS_LIST_MEDIA_TYPE, max_age=_SHORT_CACHE_SECONDS)
