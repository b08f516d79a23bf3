"""The endpoints of the credential issuer (OpenID4VCI 1.0 §4.1.3, §7, §8, §9, §11, §12.2)."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.authorization.grants import Grant, grant_of_token
from giayto_wallet_api.credential_issuance import errors, metadata
from giayto_wallet_api.credential_issuance.fetching import (
    DEFERRED_INTERVAL,
    Deferred,
    fetch_credentials,
    fetch_deferred,
    take_notification,
)
from giayto_wallet_api.credential_issuance.issuing import IssuedCopies
from giayto_wallet_api.credential_issuance.offers import OFFER_PATH, fetch_offer
from giayto_wallet_api.credential_issuance.requests import (
    JSON_MEDIA_TYPE,
    JWT_MEDIA_TYPE,
    MAX_REQUEST_BYTES,
    ReceivedRequest,
    read_request,
    write_answer,
)
from giayto_wallet_api.deposits.schemas import OFFER_EXAMPLE
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.edge import READS_STREAM
from giayto_wallet_api.issuer_path import require_issuer_path
from giayto_wallet_api.oauth.errors import OAuthRefusal
from giayto_wallet_api.openapi import answers, oauth_refusals
from giayto_wallet_api.problems import NotFoundError, ProblemError
from giayto_wallet_api.publications.published import published
from giayto_wallet_api.runtime import Runtime, RuntimeDependency
from giayto_wallet_api.security_schemes import WALLET, bound_token

AnyRequest = Request[Any, Any, Any]

WELL_KNOWN: Final = "/.well-known/openid-credential-issuer"
_METADATA_SECONDS: Final = 300
_ERROR_HANDLERS: Final[Any] = {
    errors.CredentialError: errors.answer_credential_error,
    ProblemError: errors.answer_problem,
    GiaytoError: errors.answer_other_error,
    HTTPException: errors.answer_http_exception,
}
_METADATA_EXAMPLE = {
    "credential_issuer": "https://giayto.example",
    "credential_endpoint": f"https://giayto.example{metadata.CREDENTIAL_PATH}",
    "nonce_endpoint": f"https://giayto.example{metadata.NONCE_PATH}",
    "credential_configurations_supported": {"referral.1": {"format": "dc+sd-jwt", "vct": "urn:giayto:type:referral:1"}},
}
_CREDENTIALS_EXAMPLE = {"credentials": [{"credential": "eyJ…~WyJ…~"}], "notification_id": "iss_3fwe98js"}
_DEFERRED_EXAMPLE = {"transaction_id": "8xLOxBtZp8", "interval": 30}


def _taking(example: dict[str, Any]) -> type[Operation]:
    """Describe the body of an operation that reads it itself, as JSON or encrypted."""

    @dataclass
    class Described(Operation):
        request_body: Any = field(
            default_factory=lambda: RequestBody(
                content={
                    JSON_MEDIA_TYPE: OpenAPIMediaType(
                        schema=Schema(type=OpenAPIType.OBJECT), examples={"plain": Example(value=example)}
                    ),
                    JWT_MEDIA_TYPE: OpenAPIMediaType(
                        schema=Schema(type=OpenAPIType.STRING), examples={"encrypted": Example(value="eyJ…")}
                    ),
                },
                required=True,
            )
        )

    return Described


class NonceAnswer(msgspec.Struct, frozen=True):
    """A nonce for key proofs."""

    c_nonce: str


class IssuerMetadataController(Controller):
    """What wallets read before anything else."""

    tags = ("OpenID4VCI",)

    @get(
        WELL_KNOWN,
        summary="Metadata of the credential issuer",
        responses=answers(dict[str, Any], _METADATA_EXAMPLE, NotFoundError),
    )
    async def metadata(self, request: AnyRequest, runtime: RuntimeDependency) -> Response[bytes]:
        """Say what can be fetched and how; signed when the request accepts `application/jwt` only."""
        return _metadata(request, runtime, "")

    @get(
        f"{WELL_KNOWN}/{{issuer_path:path}}",
        summary="Metadata of a credential issuer whose identifier has a path",
        responses=answers(dict[str, Any], _METADATA_EXAMPLE, NotFoundError),
    )
    async def metadata_of_path(
        self, request: AnyRequest, runtime: RuntimeDependency, issuer_path: FromPath[str]
    ) -> Response[bytes]:
        """Answer where §12.2.2 puts the metadata: between host and path of the identifier."""
        return _metadata(request, runtime, issuer_path)

    @get(
        f"{OFFER_PATH}/{{secret:str}}",
        summary="Fetch a credential offer, once",
        responses=answers(dict[str, Any], OFFER_EXAMPLE["credential_offer"], NotFoundError),
    )
    async def offer(self, runtime: RuntimeDependency, secret: FromPath[str]) -> dict[str, Any]:
        """Return what a `credential_offer_uri` stands for."""
        return await fetch_offer(runtime, secret)


class CredentialController(Controller):
    """From a token to credentials. Every request with a token carries a DPoP proof."""

    tags = ("OpenID4VCI",)
    exception_handlers = _ERROR_HANDLERS

    @post(
        metadata.NONCE_PATH,
        status_code=HTTPStatus.OK,
        summary="Get a nonce for key proofs",
        responses=answers(NonceAnswer, {"c_nonce": "wKI4LT17ac15ES9bw8ac4"}),
    )
    async def nonce(self, runtime: RuntimeDependency) -> NonceAnswer:
        """Return a nonce that is good for five minutes. Nobody has to say who they are."""
        return NonceAnswer(runtime.issuance.nonces.issue(runtime.clock()))

    @post(
        metadata.CREDENTIAL_PATH,
        status_code=HTTPStatus.OK,
        summary="Fetch copies of a document",
        opt={READS_STREAM: True},
        request_max_body_size=MAX_REQUEST_BYTES,
        security=(bound_token(WALLET),),
        operation_class=_taking(
            {
                "credential_configuration_id": "referral.1",
                "proofs": {"jwt": ["eyJ0eXAiOiJvcGVuaWQ0dmNpLXByb29mK2p3dCI…"]},
            }
        ),
        responses={
            **answers(dict[str, Any], _CREDENTIALS_EXAMPLE),
            **answers(dict[str, Any], _DEFERRED_EXAMPLE, status=HTTPStatus.ACCEPTED, description="Ask again later."),
            **answers(
                OAuthRefusal,
                {"error": "invalid_proof"},
                status=HTTPStatus.BAD_REQUEST,
                description="OpenID4VCI 1.0 §8.3.1.2.",
            ),
            **oauth_refusals(InvalidTokenError),
        },
    )
    async def credential(self, request: AnyRequest, runtime: RuntimeDependency) -> Response[Any]:
        """Issue one copy for each proven key."""
        grant, received = await _authorised(request, runtime)
        return _answer(await fetch_credentials(runtime, grant, received.members), received)

    @post(
        metadata.DEFERRED_PATH,
        status_code=HTTPStatus.OK,
        summary="Fetch copies that could not be issued at once",
        opt={READS_STREAM: True},
        request_max_body_size=MAX_REQUEST_BYTES,
        security=(bound_token(WALLET),),
        operation_class=_taking({"transaction_id": "8xLOxBtZp8"}),
        responses={
            **answers(dict[str, Any], _CREDENTIALS_EXAMPLE),
            **answers(dict[str, Any], _DEFERRED_EXAMPLE, status=HTTPStatus.ACCEPTED, description="Ask again later."),
            **answers(
                OAuthRefusal,
                {"error": "invalid_transaction_id"},
                status=HTTPStatus.BAD_REQUEST,
                description="OpenID4VCI 1.0 §9.3.",
            ),
            **oauth_refusals(InvalidTokenError),
        },
    )
    async def deferred(self, request: AnyRequest, runtime: RuntimeDependency) -> Response[Any]:
        """Try again to issue what was deferred."""
        grant, received = await _authorised(request, runtime)
        return _answer(await fetch_deferred(runtime, grant, received.members), received)

    @post(
        metadata.NOTIFICATION_PATH,
        status_code=HTTPStatus.NO_CONTENT,
        summary="Tell what became of issued copies",
        opt={READS_STREAM: True},
        security=(bound_token(WALLET),),
        operation_class=_taking({"notification_id": "iss_3fwe98js", "event": "credential_accepted"}),
        responses={
            **answers(None, None, status=HTTPStatus.NO_CONTENT, description="Noted."),
            **answers(
                OAuthRefusal,
                {"error": "invalid_notification_id"},
                status=HTTPStatus.BAD_REQUEST,
                description="OpenID4VCI 1.0 §11.3.",
            ),
            **oauth_refusals(InvalidTokenError),
        },
    )
    async def notification(self, request: AnyRequest, runtime: RuntimeDependency) -> None:
        """Note an event; the same event again changes nothing."""
        grant = await _grant(request, runtime)
        try:
            received = await read_request(request, runtime.issuance.request_key)
        except errors.CredentialError as error:
            raise errors.InvalidNotificationRequestError(error.detail) from error
        await take_notification(runtime, grant, received.members)


def _metadata(request: AnyRequest, runtime: Runtime, path: str) -> Response[bytes]:
    require_issuer_path(runtime.settings.base_url, path)
    # A client that takes anything gets JSON, which it must be able to read (§12.2.2).
    wanted = [each.partition(";")[0].strip().lower() for each in request.headers.get("accept", "").split(",")]
    if JWT_MEDIA_TYPE in wanted and JSON_MEDIA_TYPE not in wanted[: wanted.index(JWT_MEDIA_TYPE)]:
        signed = metadata.signed_metadata(runtime, runtime.clock())
        if signed is not None:
            return _published(request, signed.encode(), JWT_MEDIA_TYPE)
    return _published(request, metadata.plain_metadata(runtime), JSON_MEDIA_TYPE)


def _published(request: AnyRequest, content: bytes, media_type: str) -> Response[bytes]:
    answer = published(request, content, media_type=media_type, max_age=_METADATA_SECONDS)
    answer.headers["Vary"] = "Accept, Accept-Encoding"
    return answer


async def _authorised(request: AnyRequest, runtime: Runtime) -> tuple[Grant, ReceivedRequest]:
    # The token first: who may not ask learns nothing about the request.
    grant = await _grant(request, runtime)
    return grant, await read_request(request, runtime.issuance.request_key)


async def _grant(request: AnyRequest, runtime: Runtime) -> Grant:
    token = await runtime.dpop.authenticate(request)
    async with runtime.database.read() as tx:
        return await grant_of_token(tx, token, runtime.clock())


def _answer(result: IssuedCopies | Deferred, received: ReceivedRequest) -> Response[Any]:
    if isinstance(result, Deferred):
        waiting = {"transaction_id": result.transaction_id, "interval": int(DEFERRED_INTERVAL.total_seconds())}
        return write_answer(waiting, HTTPStatus.ACCEPTED, received.encryption)
    issued = {
        "credentials": [{"credential": credential} for credential in result.credentials],
        "notification_id": result.notification_id,
    }
    return write_answer(issued, HTTPStatus.OK, received.encryption)
