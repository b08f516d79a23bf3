"""`/openid4vp`: what wallets of any maker call. Errors keep the format of their own specification where it has one."""

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath

from giayto_verifiers.requests import MAX_RESPONSE_BYTES, ResponseError, read_form
from giayto_verifiers.requests.request import MEDIA_TYPE
from giayto_wallet_api.oauth.errors import answer_http_exception_as_oauth_error
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.presentation_requests.answering import fetch_object, take_response
from giayto_wallet_api.presentation_requests.problems import RequestOverError
from giayto_wallet_api.presentation_requests.schemas import WalletError, WalletReply
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError
from giayto_wallet_api.runtime import RuntimeDependency

_MAX_OBJECT_REQUEST_BYTES = 64 * 1024
_OBJECT_ANSWERS = answers(str, "eyJ…", NotFoundError, RequestOverError, MalformedRequestError, media_type=MEDIA_TYPE)
_REFUSAL = {"error": "invalid_request", "error_description": "response: state is missing, or that of another request"}
_RESPONSE_ANSWERS = {
    **answers(
        WalletReply,
        {"redirect_uri": "https://bank-a.example/done#response_code=7Zq0…"},
        NotFoundError,
        RequestOverError,
    ),
    400: ResponseSpec(
        data_container=WalletError,
        generate_examples=False,
        description="What came is no answer to this request, or the presentation was not accepted.",
        examples=[Example(value=_REFUSAL)],
    ),
}


def answer_response_error(_request: Request[Any, Any, Any], error: ResponseError) -> Response[dict[str, str]]:
    """Write a refusal as OAuth does (RFC 6749 §5.2)."""
    return Response({"error": error.code, "error_description": error.detail}, status_code=400)


class WalletEndpointController(Controller):
    """The request URI and the response URI of hosted requests."""

    path = "/openid4vp/{verifier_id:str}/{request_id:str}"
    tags = ("wallets: OpenID4VP",)

    @get("/object", summary="Fetch a request object", media_type=MEDIA_TYPE, responses=_OBJECT_ANSWERS)
    async def get_object(
        self, runtime: RuntimeDependency, verifier_id: FromPath[str], request_id: FromPath[str]
    ) -> Response[bytes]:
        """Return the signed request (RFC 9101 §5.2.3). It may be fetched more than once."""
        token = await fetch_object(runtime, verifier_id, request_id, wallet_nonce=None)
        return Response(token.encode(), media_type=MEDIA_TYPE)

    @post(
        "/object",
        status_code=200,
        summary="Fetch a request object that holds the wallet's nonce",
        media_type=MEDIA_TYPE,
        request_max_body_size=_MAX_OBJECT_REQUEST_BYTES,
        responses=_OBJECT_ANSWERS,
    )
    async def post_object(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        verifier_id: FromPath[str],
        request_id: FromPath[str],
        data: Annotated[
            dict[str, str],
            BodyKwarg(
                media_type=RequestEncodingType.URL_ENCODED,
                examples=example_of({"wallet_nonce": "qPmxiNFCR3QTm19POc8u"}),
            ),
        ],
    ) -> Response[bytes]:
        """Return the signed request with `wallet_nonce` in it (OpenID4VP 1.0 §5.10). Other parameters are ignored."""
        try:
            form = read_form(await request.body())
        except ResponseError as error:
            raise MalformedRequestError(error.detail) from error
        token = await fetch_object(runtime, verifier_id, request_id, wallet_nonce=form.get("wallet_nonce"))
        return Response(token.encode(), media_type=MEDIA_TYPE)

    @post(
        "/response",
        status_code=200,
        summary="Answer a request",
        request_max_body_size=MAX_RESPONSE_BYTES,
        responses=_RESPONSE_ANSWERS,
        exception_handlers={ResponseError: answer_response_error, HTTPException: answer_http_exception_as_oauth_error},
    )
    async def response(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        verifier_id: FromPath[str],
        request_id: FromPath[str],
        data: Annotated[
            dict[str, str],
            BodyKwarg(media_type=RequestEncodingType.URL_ENCODED, examples=example_of({"response": "eyJ…"})),
        ],
    ) -> Response[dict[str, str]]:
        """Take an answer or an error (`direct_post`, `direct_post.jwt`). The same one again gets the same reply."""
        reply = await take_response(runtime, verifier_id, request_id, await request.body())
        return Response(reply.body, status_code=reply.status)
