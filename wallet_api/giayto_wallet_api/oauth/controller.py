"""The authorization server: its metadata (RFC 8414) and the token endpoint, for agencies and for wallets."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath

from giayto_wallet_api.agencies.principal import AGENCY_SCOPE
from giayto_wallet_api.authorization import token_grants
from giayto_wallet_api.authorization.token_grants import WalletTokenAnswer
from giayto_wallet_api.dpop.proof import DpopProof
from giayto_wallet_api.issuer_path import require_issuer_path
from giayto_wallet_api.oauth.access_tokens import ACCESS_TOKEN_LIFETIME
from giayto_wallet_api.oauth.client_authentication import ASSERTION_TYPE, authenticate_assertion, authenticate_client
from giayto_wallet_api.oauth.errors import (
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuthError,
    UnsupportedGrantTypeError,
    answer_http_exception_as_oauth_error,
    answer_oauth_error,
    answer_problem_as_oauth_error,
)
from giayto_wallet_api.oauth.metadata import METADATA_EXAMPLE, AuthorizationServerMetadata, server_metadata
from giayto_wallet_api.openapi import answers, oauth_refusals
from giayto_wallet_api.presentation_requests.principal import VERIFIER_SCOPE, keys_of_verifier, token_subject
from giayto_wallet_api.problems import NotFoundError, ProblemError
from giayto_wallet_api.runtime import Runtime, RuntimeDependency
from giayto_wallet_api.security_schemes import PROOF_ALONE

AnyRequest = Request[Any, Any, Any]
Form = Mapping[str, str]

WELL_KNOWN: Final = "/.well-known/oauth-authorization-server"
OAUTH_ERROR_HANDLERS: Final[Any] = {
    OAuthError: answer_oauth_error,
    ProblemError: answer_problem_as_oauth_error,
    HTTPException: answer_http_exception_as_oauth_error,
}
_AGENCY_EXAMPLE = {
    "grant_type": "client_credentials",
    "client_assertion_type": ASSERTION_TYPE,
    "client_assertion": "eyJ…",
    "scope": AGENCY_SCOPE,
}
_WALLET_EXAMPLE = {
    "grant_type": token_grants.PRE_AUTHORIZED_CODE,
    "pre-authorized_code": "SplxlOBeZQQYbYS6WxSbIA",
    "tx_code": "493536",
}
TokenForm = Annotated[
    dict[str, str],
    BodyKwarg(
        media_type=RequestEncodingType.URL_ENCODED,
        examples=[
            Example(summary="An agency", value=_AGENCY_EXAMPLE),
            Example(summary="A wallet", value=_WALLET_EXAMPLE),
        ],
    ),
]


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 6749 §5.1, RFC 9449 §5."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class AuthorizationServerController(Controller):
    """Where agencies and wallets get their access tokens."""

    tags = ("access tokens",)

    @get(
        WELL_KNOWN,
        summary="Metadata of the authorization server",
        responses=answers(AuthorizationServerMetadata, METADATA_EXAMPLE, NotFoundError),
    )
    async def metadata(self, runtime: RuntimeDependency) -> AuthorizationServerMetadata:
        """Say where the endpoints are and what they take (RFC 8414)."""
        require_issuer_path(runtime.settings.base_url, "")
        return server_metadata(runtime)

    @get(
        f"{WELL_KNOWN}/{{issuer_path:path}}",
        summary="Metadata of an authorization server whose identifier has a path",
        responses=answers(AuthorizationServerMetadata, METADATA_EXAMPLE, NotFoundError),
    )
    async def metadata_of_path(
        self, runtime: RuntimeDependency, issuer_path: FromPath[str]
    ) -> AuthorizationServerMetadata:
        """Answer where RFC 8414 §3.1 puts the metadata: between host and path of the identifier."""
        require_issuer_path(runtime.settings.base_url, issuer_path)
        return server_metadata(runtime)

    @post(
        "/oauth/token",
        status_code=200,
        summary="Get an access token",
        responses={
            **answers(
                TokenAnswer | WalletTokenAnswer,
                {"access_token": "eyJ…", "token_type": "DPoP", "expires_in": 300, "scope": AGENCY_SCOPE},
            ),
            **oauth_refusals(InvalidGrantError, InvalidClientError),
        },
        security=(PROOF_ALONE,),
        exception_handlers=OAUTH_ERROR_HANDLERS,
    )
    async def token(
        self, request: AnyRequest, runtime: RuntimeDependency, data: TokenForm
    ) -> TokenAnswer | WalletTokenAnswer:
        """Exchange an assertion, a code or a refresh token for a token bound to the DPoP key of this request.

        Unknown parameters are ignored (RFC 6749 §3.2).
        """
        require_one_value_each(await request.form())
        exchange = _EXCHANGES.get(data.get("grant_type", ""))
        if exchange is None:
            offered = ", ".join(_EXCHANGES)
            error = UnsupportedGrantTypeError if data.get("grant_type") else InvalidRequestError
            raise error(f"grant_type must be one of {offered}")
        if exchange is _token_for_agency:
            _require_agency_form(data)
        # Before anything is used up: a client that has to come back with our nonce must find its code unspent.
        proof = await runtime.dpop.prove_possession(request, needs_nonce=True)
        return await exchange(runtime, data, proof)


def require_one_value_each(form: Any) -> None:
    """Refuse a form that names a parameter twice (RFC 6749 §3.2); InvalidRequestError."""
    names = [name for name, _ in form.multi_items()]
    if len(set(names)) != len(names):
        raise InvalidRequestError("a parameter appears more than once")


def _require_agency_form(form: Form) -> None:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidRequestError(f"client_assertion_type must be {ASSERTION_TYPE}")
    if not form.get("client_assertion"):
        raise InvalidRequestError("client_assertion is missing")
    if form.get("scope", AGENCY_SCOPE) not in (AGENCY_SCOPE, VERIFIER_SCOPE):
        raise InvalidScopeError(f"scope must be {AGENCY_SCOPE} or {VERIFIER_SCOPE}")


async def _token_for_agency(runtime: Runtime, form: Form, proof: DpopProof) -> TokenAnswer:
    now, scope = runtime.clock(), form.get("scope", AGENCY_SCOPE)
    subject = await _subject_of_assertion(runtime, form, scope)
    access_token = runtime.access_tokens.issue(subject=subject, thumbprint=proof.key.thumbprint, scope=scope, now=now)
    return TokenAnswer(
        access_token=access_token,
        token_type="DPoP",  # noqa: S106 - the name of a scheme
        expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
        scope=scope,
    )


async def _subject_of_assertion(runtime: Runtime, form: Form, scope: str) -> str:
    """Authenticate an agency's client, or a verifier; both are not looked for in each other's registers."""
    assertion, client_id, now = form["client_assertion"], form.get("client_id"), runtime.clock()
    issuer = runtime.settings.base_url
    async with runtime.database.transaction() as tx:
        if scope == VERIFIER_SCOPE:
            verifier_id = await authenticate_assertion(
                tx, assertion, issuer=issuer, client_id=client_id, now=now, find_keys=keys_of_verifier
            )
            return token_subject(verifier_id)
        client = await authenticate_client(tx, assertion, issuer=issuer, client_id=client_id, now=now)
        return client.token_subject


_Exchange = Callable[[Runtime, Form, DpopProof], Awaitable[TokenAnswer | WalletTokenAnswer]]
_EXCHANGES: Final[Mapping[str, _Exchange]] = {
    "client_credentials": _token_for_agency,
    token_grants.PRE_AUTHORIZED_CODE: token_grants.token_for_pre_authorized_code,
    token_grants.AUTHORIZATION_CODE: token_grants.token_for_authorization_code,
    token_grants.REFRESH_TOKEN: token_grants.token_for_refresh_token,
}
