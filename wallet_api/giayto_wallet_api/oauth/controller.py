"""The authorization server for agencies: its metadata (RFC 8414) and the token endpoint (RFC 6749 §4.4)."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.params import BodyKwarg

from giayto_wallet_api.agencies.principal import AGENCY_SCOPE
from giayto_wallet_api.dpop.problems import DpopProofError
from giayto_wallet_api.oauth.access_tokens import ACCESS_TOKEN_LIFETIME
from giayto_wallet_api.oauth.client_authentication import ASSERTION_TYPE, authenticate_client
from giayto_wallet_api.oauth.errors import (
    InvalidRequestError,
    InvalidScopeError,
    OAuthError,
    UnsupportedGrantTypeError,
    answer_http_exception_as_oauth_error,
    answer_oauth_error,
    answer_problem_as_oauth_error,
)
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import ProblemError
from giayto_wallet_api.runtime import RuntimeDependency

_GRANT_TYPE: Final = "client_credentials"
_SIGNING_ALGORITHMS: Final = ("ES256",)


class AuthorizationServerMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 8414 §2."""

    issuer: str
    token_endpoint: str
    grant_types_supported: tuple[str, ...] = (_GRANT_TYPE,)
    response_types_supported: tuple[str, ...] = ()
    scopes_supported: tuple[str, ...] = (AGENCY_SCOPE,)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("private_key_jwt",)
    token_endpoint_auth_signing_alg_values_supported: tuple[str, ...] = _SIGNING_ALGORITHMS
    dpop_signing_alg_values_supported: tuple[str, ...] = _SIGNING_ALGORITHMS


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a token request. Unknown parameters are ignored (RFC 6749 §3.2)."""

    grant_type: str
    client_assertion_type: str
    client_assertion: str
    scope: str = AGENCY_SCOPE


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 6749 §5.1, RFC 9449 §5."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class AuthorizationServerController(Controller):
    """Where agencies get their access tokens."""

    tags = ("agencies: access",)

    @get(
        "/.well-known/oauth-authorization-server",
        summary="Metadata of the authorization server",
        responses=answers(
            AuthorizationServerMetadata,
            msgspec.to_builtins(
                AuthorizationServerMetadata(
                    issuer="https://giayto.example",
                    token_endpoint="https://giayto.example/oauth/token",  # noqa: S106
                )
            ),
        ),
    )
    async def metadata(self, runtime: RuntimeDependency) -> AuthorizationServerMetadata:
        """Say where the token endpoint is and what it takes (RFC 8414)."""
        issuer = runtime.settings.base_url
        return AuthorizationServerMetadata(issuer=issuer, token_endpoint=f"{issuer}/oauth/token")

    @post(
        "/oauth/token",
        status_code=200,
        summary="Get an access token",
        responses=answers(
            TokenAnswer,
            {"access_token": "eyJ…", "token_type": "DPoP", "expires_in": 300, "scope": AGENCY_SCOPE},
            DpopProofError,
        ),
        exception_handlers={
            OAuthError: answer_oauth_error,
            ProblemError: answer_problem_as_oauth_error,
            HTTPException: answer_http_exception_as_oauth_error,
        },
    )
    async def token(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        data: Annotated[
            TokenRequest,
            BodyKwarg(
                media_type=RequestEncodingType.URL_ENCODED,
                examples=example_of(
                    {
                        "grant_type": _GRANT_TYPE,
                        "client_assertion_type": ASSERTION_TYPE,
                        "client_assertion": "eyJ…",
                        "scope": AGENCY_SCOPE,
                    }
                ),
            ),
        ],
    ) -> TokenAnswer:
        """Exchange a signed client assertion for an access token that is bound to the DPoP key of this request."""
        _require_one_value_each(await request.form())
        if data.grant_type != _GRANT_TYPE:
            raise UnsupportedGrantTypeError(f"grant_type must be {_GRANT_TYPE}")
        if data.client_assertion_type != ASSERTION_TYPE:
            raise InvalidRequestError(f"client_assertion_type must be {ASSERTION_TYPE}")
        if data.scope != AGENCY_SCOPE:
            raise InvalidScopeError(f"scope must be {AGENCY_SCOPE}")
        proof = await runtime.dpop.prove_possession(request, needs_nonce=True)
        now = runtime.clock()
        async with runtime.database.transaction() as tx:
            client = await authenticate_client(tx, data.client_assertion, issuer=runtime.settings.base_url, now=now)
        access_token = runtime.access_tokens.issue(
            subject=client.token_subject, thumbprint=proof.key.thumbprint, scope=data.scope, now=now
        )
        return TokenAnswer(
            access_token=access_token,
            token_type="DPoP",  # noqa: S106
            expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
            scope=data.scope,
        )


def _require_one_value_each(form: Any) -> None:
    names = [name for name, _ in form.multi_items()]
    if len(set(names)) != len(names):
        raise InvalidRequestError("a parameter appears more than once")
