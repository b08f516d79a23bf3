"""The provider's HTTP side: discovery, login page, token, keys (OpenID Connect Core and Discovery 1.0)."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Controller, MediaType, Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromQuery, QueryParameter

from giayto_wallet_api.html_pages import STYLESHEET, language_of
from giayto_wallet_api.identity.citizen_login import CALLBACK_PATH
from giayto_wallet_api.identity.id_token import ID_TOKEN_LIFETIME
from giayto_wallet_api.identity.sandbox_provider import pages
from giayto_wallet_api.identity.sandbox_provider.authorization_request import (
    CLIENT_ID,
    AuthorizationRequest,
    RefusedRequestError,
    UnusableRequestError,
    form_target,
    read_authorization_request,
    redirect_to,
)
from giayto_wallet_api.identity.sandbox_provider.provider import (
    PROVIDER_PATH,
    SandboxProvider,
    TokenRequestError,
)
from giayto_wallet_api.identity.sandbox_provider.schemas import (
    JWKS_EXAMPLE,
    METADATA_EXAMPLE,
    REFUSAL_EXAMPLE,
    TOKEN_EXAMPLE,
    IdTokenAnswer,
    JwkSet,
    ProviderMetadata,
    PublicJwk,
    TokenRefusal,
)
from giayto_wallet_api.openapi import answers, page_answer, redirection
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime, RuntimeDependency

AnyRequest = Request[Any, Any, Any]

_CHALLENGE_EXAMPLE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
_LOGIN_EXAMPLE = {
    "response_type": "code",
    "scope": "openid",
    "client_id": CLIENT_ID,
    "redirect_uri": "http://127.0.0.1:53682/callback",
    "state": "af0ifjsldkj",
    "nonce": "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
    "code_challenge": _CHALLENGE_EXAMPLE,
    "code_challenge_method": "S256",
    "personal_number": "001099000017",
}
_TOKEN_EXAMPLE = {
    "grant_type": "authorization_code",
    "client_id": CLIENT_ID,
    "code": "SplxlOBeZQQYbYS6WxSbIA",
    "redirect_uri": "http://127.0.0.1:53682/callback",
    "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
}
_UNUSABLE_ANSWER = page_answer(HTTPStatus.BAD_REQUEST, "The request does not come from an app that is registered here.")
LoginForm = Annotated[
    dict[str, str],
    BodyKwarg(media_type=RequestEncodingType.URL_ENCODED, examples=[Example(value=_LOGIN_EXAMPLE)]),
]
TokenForm = Annotated[
    dict[str, str],
    BodyKwarg(media_type=RequestEncodingType.URL_ENCODED, examples=[Example(value=_TOKEN_EXAMPLE)]),
]


def _answer_refusal(_request: AnyRequest, refusal: TokenRequestError) -> Response[TokenRefusal]:
    return Response(TokenRefusal(refusal.error), status_code=HTTPStatus.BAD_REQUEST)


def _answer_unreadable_form(_request: AnyRequest, error: HTTPException) -> Response[TokenRefusal]:
    return Response(TokenRefusal("invalid_request"), status_code=error.status_code)


def _answer_unreadable_request(request: AnyRequest, _error: HTTPException) -> Response[str]:
    return _unusable_request_page(_language(request, {}))


class SandboxProviderController(Controller):
    """Endpoints of the sandbox identity provider."""

    path = PROVIDER_PATH
    tags = ("sandbox identity provider",)

    @get(
        "/.well-known/openid-configuration",
        summary="Provider metadata",
        responses=answers(ProviderMetadata, METADATA_EXAMPLE),
    )
    async def metadata(self, runtime: RuntimeDependency) -> ProviderMetadata:
        """Say where the endpoints are and what they understand."""
        issuer = _provider(runtime).issuer
        return ProviderMetadata(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            jwks_uri=f"{issuer}/jwks",
        )

    @get("/jwks", summary="Keys that verify ID tokens", responses=answers(JwkSet, JWKS_EXAMPLE))
    async def jwks(self, runtime: RuntimeDependency) -> JwkSet:
        """Publish the one signing key."""
        key = _provider(runtime).public_key
        return JwkSet((PublicJwk(kid=key.thumbprint, **key.jwk),))

    @get(
        "/login.css",
        media_type=MediaType.CSS,
        summary="Stylesheet of the login page",
        responses=answers(str, "body { font: 1.125rem/1.6 system-ui, sans-serif; }", media_type=MediaType.CSS),
    )
    async def stylesheet(self) -> str:
        """Style the login page; a file of its own, so that the page needs no inline style."""
        return STYLESHEET

    @get(
        "/authorize",
        media_type=MediaType.HTML,
        summary="Login page",
        responses={
            **answers(str, '<!DOCTYPE html>\n<html lang="vi">…</html>', media_type=MediaType.HTML),
            **redirection("Back to the app, which asked for something that is not offered."),
            **_UNUSABLE_ANSWER,
        },
        exception_handlers={HTTPException: _answer_unreadable_request},
    )
    async def ask(
        self,
        request: AnyRequest,
        runtime: RuntimeDependency,
        client_id: Annotated[str, QueryParameter(examples=[Example(value=CLIENT_ID)])] = "",
        redirect_uri: FromQuery[str] = "",
        response_type: Annotated[str, QueryParameter(examples=[Example(value="code")])] = "",
        login_scope: Annotated[str, QueryParameter(name="scope", examples=[Example(value="openid")])] = "",
        login_state: Annotated[str, QueryParameter(name="state")] = "",
        nonce: Annotated[str, QueryParameter(description="Thumbprint of the device key that will enrol.")] = "",
        code_challenge: Annotated[str, QueryParameter(examples=[Example(value=_CHALLENGE_EXAMPLE)])] = "",
        code_challenge_method: Annotated[str, QueryParameter(examples=[Example(value="S256")])] = "",
        ui_locales: Annotated[str, QueryParameter(examples=[Example(value="vi")])] = "",
    ) -> Response[str]:
        """Show the login form to a citizen whom an app has sent here."""
        parameters = {
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "response_type": response_type,
            "scope": login_scope,
            "state": login_state,
            "nonce": nonce,
            "code_challenge": code_challenge,
            "code_challenge_method": code_challenge_method,
            "ui_locales": ui_locales,
        }
        language = _language(request, parameters)
        try:
            return _login_page(_read_request(runtime, parameters), language)
        except UnusableRequestError:
            return _unusable_request_page(language)
        except RefusedRequestError as refusal:
            return _redirect(refusal.location)

    @post(
        "/authorize",
        media_type=MediaType.HTML,
        status_code=HTTPStatus.SEE_OTHER,
        summary="Log in and go back to the app with a code",
        responses={
            **redirection("Back to the app, with a code or with an error."),
            **page_answer(HTTPStatus.UNPROCESSABLE_ENTITY, "Nobody has this number: the form again."),
            **_UNUSABLE_ANSWER,
        },
        exception_handlers={HTTPException: _answer_unreadable_request},
    )
    async def log_in(self, request: AnyRequest, runtime: RuntimeDependency, data: LoginForm) -> Response[str]:
        """Send the citizen back to the app, or show the form again when nobody has this number."""
        language = _language(request, data)
        try:
            authorization = _read_request(runtime, data)
        except UnusableRequestError:
            return _unusable_request_page(language)
        except RefusedRequestError as refusal:
            return _redirect(refusal.location)
        identifier = "".join(data.get("personal_number", "").split())
        provider = _provider(runtime)
        async with runtime.database.transaction() as tx:
            code = await provider.authorize(tx, authorization, identifier, runtime.clock())
        if code is None:
            return _login_page(authorization, language, nobody=True)
        answer = {"code": code, "state": authorization.state, "iss": provider.issuer}
        return _redirect(redirect_to(authorization.redirect_uri, answer))

    @post(
        "/token",
        status_code=HTTPStatus.OK,
        summary="Exchange a code for an ID token",
        responses={
            **answers(IdTokenAnswer, TOKEN_EXAMPLE),
            **answers(
                TokenRefusal,
                REFUSAL_EXAMPLE,
                status=HTTPStatus.BAD_REQUEST,
                description="The code is not good here.",
            ),
        },
        exception_handlers={TokenRequestError: _answer_refusal, HTTPException: _answer_unreadable_form},
    )
    async def token(self, runtime: RuntimeDependency, data: TokenForm) -> IdTokenAnswer:
        """Redeem an authorization code, once, with the PKCE verifier of whoever asked for it."""
        id_token = await _provider(runtime).redeem(runtime.database, data, runtime.clock())
        return IdTokenAnswer(
            id_token=id_token,
            access_token=secrets.token_urlsafe(32),
            token_type="Bearer",  # noqa: S106 - the name of a scheme
            expires_in=int(ID_TOKEN_LIFETIME.total_seconds()),
        )


def _read_request(runtime: Runtime, parameters: Mapping[str, str]) -> AuthorizationRequest:
    own = f"{runtime.settings.base_url}{CALLBACK_PATH}"  # where our own authorization server sends citizens from
    return read_authorization_request(parameters, also_registered=(own,))


def _provider(runtime: Runtime) -> SandboxProvider:
    provider = runtime.sandbox_provider
    if provider is None:
        raise NotFoundError
    return provider


def _login_page(authorization: AuthorizationRequest, language: str, *, nobody: bool = False) -> Response[str]:
    other = {**authorization.form_fields(), "ui_locales": "en" if language == "vi" else "vi"}
    page = pages.login_page(
        authorization,
        language=language,
        provider_path=PROVIDER_PATH,
        other_address=f"{PROVIDER_PATH}/authorize?{urlencode(other)}",
        nobody=nobody,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if nobody else HTTPStatus.OK
    # Browsers check form-action again when the form's answer redirects, so the app's address has to be in it.
    return _page(page, language, status, form_action=f"'self' {form_target(authorization.redirect_uri)}")


def _unusable_request_page(language: str) -> Response[str]:
    page = pages.unusable_request_page(language=language, provider_path=PROVIDER_PATH)
    return _page(page, language, HTTPStatus.BAD_REQUEST, form_action="'none'")


def _page(page: str, language: str, status: HTTPStatus, *, form_action: str) -> Response[str]:
    policy = f"default-src 'none'; style-src 'self'; form-action {form_action}; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy, "Content-Language": language}
    return Response(page, status_code=status, media_type=MediaType.HTML, headers=headers)


def _redirect(location: str) -> Response[str]:
    return Response("", status_code=HTTPStatus.SEE_OTHER, media_type=MediaType.HTML, headers={"Location": location})


def _language(request: AnyRequest, parameters: Mapping[str, str]) -> str:
    return language_of(parameters.get("ui_locales", ""), request.headers.get("accept-language", ""))
