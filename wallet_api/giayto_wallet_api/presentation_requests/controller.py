"""`/verifier/v1`: what registered verifiers call."""

from http import HTTPStatus
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import BodyKwarg, FromPath, QueryParameter
from litestar.response import ServerSentEvent

from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.presentation_requests import results, schemas
from giayto_wallet_api.presentation_requests.asking import ask
from giayto_wallet_api.presentation_requests.principal import VerifierDependency, requires_verifier
from giayto_wallet_api.presentation_requests.problems import (
    HostedRequestsOffError,
    NotAnsweredError,
    OverAskingError,
    QueryInvalidError,
    RequestOverError,
    ResponseCodeError,
)
from giayto_wallet_api.presentation_requests.self_hosted import registration_of
from giayto_wallet_api.problems import NotFoundError, TooManyRequestsError
from giayto_wallet_api.runtime import RuntimeDependency

_STATUS_ANSWERS = answers(schemas.RequestStatus, schemas.STATUS_EXAMPLE, InvalidTokenError, NotFoundError)


class VerifierController(Controller):
    """Presentation requests of the calling verifier."""

    path = "/verifier/v1"
    tags = ("verifiers",)
    guards = (requires_verifier,)

    @post(
        "/requests",
        summary="Ask a wallet for documents",
        responses=answers(
            schemas.MadeRequest,
            schemas.MADE_EXAMPLE,
            InvalidTokenError,
            OverAskingError,
            QueryInvalidError,
            TooManyRequestsError,
            HostedRequestsOffError,
            status=HTTPStatus.CREATED,
        ),
    )
    async def ask(
        self,
        runtime: RuntimeDependency,
        verifier: VerifierDependency,
        data: Annotated[schemas.NewRequest, BodyKwarg(examples=example_of(schemas.NEW_REQUEST_EXAMPLE))],
    ) -> schemas.MadeRequest:
        """Make a request that is good for some minutes and for one answer. Over-asking is refused, the rule named."""
        return await ask(runtime, verifier, data)

    @get("/requests/{request_id:str}", summary="Where a request stands", responses=_STATUS_ANSWERS)
    async def status(
        self, runtime: RuntimeDependency, verifier: VerifierDependency, request_id: FromPath[str]
    ) -> schemas.RequestStatus:
        """Return the state, for those who poll."""
        return await results.status_of(runtime, verifier, request_id)

    @get(
        "/requests/{request_id:str}/events",
        summary="Follow a request live",
        responses=answers(
            str,
            schemas.EVENTS_EXAMPLE,
            InvalidTokenError,
            NotFoundError,
            media_type="text/event-stream",
            description="A stream of server-sent events; each carries the status.",
        ),
    )
    async def events(
        self, runtime: RuntimeDependency, verifier: VerifierDependency, request_id: FromPath[str]
    ) -> ServerSentEvent:
        """Send the status now and whenever it changes; the stream ends when nothing more can happen."""
        await results.status_of(runtime, verifier, request_id)
        return ServerSentEvent(results.follow(runtime, verifier, request_id))

    @post(
        "/requests/{request_id:str}/result",
        status_code=200,
        summary="Fetch the verdict, once",
        responses=answers(
            schemas.RequestResult,
            schemas.RESULT_EXAMPLE,
            InvalidTokenError,
            NotFoundError,
            NotAnsweredError,
            RequestOverError,
            ResponseCodeError,
        ),
    )
    async def result(
        self,
        runtime: RuntimeDependency,
        verifier: VerifierDependency,
        request_id: FromPath[str],
        data: Annotated[schemas.ResultRequest, BodyKwarg(examples=example_of({"response_code": None}))],
    ) -> schemas.RequestResult:
        """Return verdict and receipts, and erase them here. They are kept for ten minutes at most."""
        return await results.take_result(runtime, verifier, request_id, data.response_code)

    @post(
        "/requests/{request_id:str}/cancel",
        status_code=200,
        summary="Take a request back",
        responses=_STATUS_ANSWERS,
    )
    async def cancel(
        self, runtime: RuntimeDependency, verifier: VerifierDependency, request_id: FromPath[str]
    ) -> schemas.RequestStatus:
        """End a request before anybody has answered it; one that is settled stays as it is."""
        return await results.cancel(runtime, verifier, request_id)

    @get(
        "/registration",
        summary="The verifier's registration, to be carried by requests that it signs itself",
        responses=answers(
            schemas.Registration,
            schemas.REGISTRATION_EXAMPLE,
            InvalidTokenError,
            NotFoundError,
            HostedRequestsOffError,
        ),
    )
    async def registration(
        self,
        runtime: RuntimeDependency,
        verifier: VerifierDependency,
        client_id: Annotated[str, QueryParameter(name="client_id", max_length=300)],
    ) -> schemas.Registration:
        """Confirm name and domains of the verifier for a client identifier of one of its registered certificates."""
        return await registration_of(runtime, verifier, client_id)
