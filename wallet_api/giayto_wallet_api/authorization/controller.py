"""`/oauth/par`, and what a citizen's browser meets: `/oauth/authorize`, `/oauth/callback`, `/oauth/consent`."""

from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from litestar import Controller, MediaType, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromQuery, QueryParameter

from giayto_wallet_api.authorization import browser_flow, pages
from giayto_wallet_api.authorization.browser_flow import ConsentQuestion, UnusableLinkError
from giayto_wallet_api.authorization.pushed_requests import push_request
from giayto_wallet_api.authorization.steps import LOGIN_LIFETIME, REQUEST_LIFETIME
from giayto_wallet_api.html_pages import STYLESHEET, language_of
from giayto_wallet_api.identity.citizen_login import CALLBACK_PATH, CitizenLogin
from giayto_wallet_api.identity.sandbox_provider.authorization_request import form_target
from giayto_wallet_api.oauth.controller import OAUTH_ERROR_HANDLERS, require_one_value_each
from giayto_wallet_api.oauth.errors import InvalidClientError, InvalidRequestError
from giayto_wallet_api.openapi import answers, oauth_refusals, page_answer, redirection, refusal
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime, RuntimeDependency, runtime_of

AnyRequest = Request[Any, Any, Any]

_COOKIE: Final = "giayto_login"
_PAGE_EXAMPLE: Final = '<!DOCTYPE html>\n<html lang="vi">…</html>'
_PUSHED_EXAMPLE = {
    "response_type": "code",
    "client_id": "giayto-wallet",
    "redirect_uri": "http://127.0.0.1:53682/callback",
    "scope": "referral.1",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
    "state": "af0ifjsldkj",
}
PushedForm = Annotated[
    dict[str, str],
    BodyKwarg(media_type=RequestEncodingType.URL_ENCODED, examples=[Example(value=_PUSHED_EXAMPLE)]),
]
ConsentForm = Annotated[
    dict[str, str],
    BodyKwarg(
        media_type=RequestEncodingType.URL_ENCODED,
        examples=[Example(value={"consent": "0fNw…", "answer": "allow"})],
    ),
]


_UNUSABLE_ANSWER = {
    **page_answer(HTTPStatus.BAD_REQUEST, "A link that was used, is too old, or came to another browser."),
    NotFoundError.status: refusal(NotFoundError),
}
_PAGE_ANSWERS = {
    **answers(str, _PAGE_EXAMPLE, media_type=MediaType.HTML),
    **redirection("To the identity provider, or back to the wallet."),
    **_UNUSABLE_ANSWER,
}


def _answer_unreadable(request: AnyRequest, _error: HTTPException) -> Response[str]:
    return _unusable(runtime_of(request), _language(request, ""))


class PushedAnswer(msgspec.Struct, frozen=True):
    """RFC 9126 §2.2."""

    request_uri: str
    expires_in: int


class AuthorizationController(Controller):
    """The authorization code flow of wallets, for citizens who log in."""

    path = "/oauth"
    tags = ("OpenID4VCI",)

    @post(
        "/par",
        status_code=HTTPStatus.CREATED,
        summary="Push an authorization request",
        responses={
            **answers(
                PushedAnswer,
                {"request_uri": "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c", "expires_in": 90},
                status=HTTPStatus.CREATED,
            ),
            **oauth_refusals(InvalidRequestError, InvalidClientError),
        },
        exception_handlers=OAUTH_ERROR_HANDLERS,
    )
    async def push(self, request: AnyRequest, runtime: RuntimeDependency, data: PushedForm) -> PushedAnswer:
        """Take the request that the citizen's browser will stand for (RFC 9126). A DPoP proof binds the code."""
        _login(runtime)
        require_one_value_each(await request.form())
        has_proof = "dpop" in request.headers
        proof = await runtime.dpop.prove_possession(request, needs_nonce=False) if has_proof else None
        request_uri = await push_request(runtime, data, proof)
        return PushedAnswer(request_uri, int(REQUEST_LIFETIME.total_seconds()))

    @get(
        "/authorize",
        media_type=MediaType.HTML,
        summary="Begin to log a citizen in for a wallet",
        responses=_PAGE_ANSWERS,
        exception_handlers={HTTPException: _answer_unreadable},
    )
    async def authorize(
        self,
        request: AnyRequest,
        runtime: RuntimeDependency,
        client_id: Annotated[str, QueryParameter(max_length=255)] = "",
        request_uri: Annotated[str, QueryParameter(max_length=255)] = "",
        ui_locales: FromQuery[str] = "",
    ) -> Response[str]:
        """Send the browser to the identity provider; only pushed requests are taken (RFC 9126 §4)."""
        login, language = _login(runtime), _language(request, ui_locales)
        try:
            begun = await browser_flow.begin(runtime, login, client_id, request_uri, language)
        except UnusableLinkError:
            return _unusable(runtime, language)
        answer = _redirect(begun.location)
        answer.cookies.append(_cookie(runtime, begun.browser_secret))
        return answer

    @get(
        CALLBACK_PATH.removeprefix("/oauth"),
        media_type=MediaType.HTML,
        summary="Come back from the login",
        responses=_PAGE_ANSWERS,
        exception_handlers={HTTPException: _answer_unreadable},
    )
    async def come_back(
        self,
        request: AnyRequest,
        runtime: RuntimeDependency,
        login_state: Annotated[str, QueryParameter(name="state", max_length=255)] = "",
        code: Annotated[str | None, QueryParameter(max_length=1024)] = None,
    ) -> Response[str]:
        """Show the citizen what the wallet asks for."""
        login, language = _login(runtime), _language(request, "")
        try:
            question = await browser_flow.return_from_login(
                runtime, login, state=login_state, code=code, browser_secret=request.cookies.get(_COOKIE, "")
            )
        except UnusableLinkError:
            return _unusable(runtime, language)
        if isinstance(question, str):
            return _redirect(question)
        return _consent(runtime, question, language)

    @post(
        "/consent",
        media_type=MediaType.HTML,
        status_code=HTTPStatus.SEE_OTHER,
        summary="Allow or refuse, and go back to the wallet",
        responses={**redirection("Back to the wallet."), **_UNUSABLE_ANSWER},
        exception_handlers={HTTPException: _answer_unreadable},
    )
    async def consent(self, request: AnyRequest, runtime: RuntimeDependency, data: ConsentForm) -> Response[str]:
        """Take the citizen's answer and send the browser back to the wallet."""
        try:
            location = await browser_flow.answer(
                runtime,
                secret=data.get("consent", ""),
                agreed=data.get("answer") == "allow",
                browser_secret=request.cookies.get(_COOKIE, ""),
            )
        except UnusableLinkError:
            return _unusable(runtime, _language(request, ""))
        return _redirect(location)

    @get(
        "/pages.css",
        media_type=MediaType.CSS,
        summary="Stylesheet of the consent page",
        responses=answers(str, "body { font: 1.125rem/1.6 system-ui, sans-serif; }", media_type=MediaType.CSS),
    )
    async def stylesheet(self) -> str:
        """Style the pages; a file of its own, so that they need no inline style."""
        return STYLESHEET


def _login(runtime: Runtime) -> CitizenLogin:
    if runtime.citizen_login is None:
        raise NotFoundError("citizens cannot log in here yet: use a credential offer")
    return runtime.citizen_login


def _cookie(runtime: Runtime, secret: str) -> Cookie:
    base = urlsplit(runtime.settings.base_url)
    return Cookie(
        key=_COOKIE,
        value=secret,
        path=f"{base.path}/oauth",
        max_age=int(LOGIN_LIFETIME.total_seconds()),
        httponly=True,
        secure=base.scheme == "https",
        # Lax: it has to come along when the identity provider sends the browser back.
        samesite="lax",
    )


def _consent(runtime: Runtime, question: ConsentQuestion, language: str) -> Response[str]:
    page = pages.consent_page(question, language=language, base=_base(runtime))
    # Browsers check form-action again when the form's answer redirects, so the wallet's address has to be in it.
    return _page(page, language, HTTPStatus.OK, f"'self' {form_target(question.request.redirect_uri)}")


def _unusable(runtime: Runtime, language: str) -> Response[str]:
    page = pages.unusable_link_page(language=language, base=_base(runtime))
    return _page(page, language, HTTPStatus.BAD_REQUEST, "'none'")


def _page(page: str, language: str, status: HTTPStatus, form_action: str) -> Response[str]:
    policy = f"default-src 'none'; style-src 'self'; form-action {form_action}; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy, "Content-Language": language}
    return Response(page, status_code=status, media_type=MediaType.HTML, headers=headers)


def _redirect(location: str) -> Response[str]:
    return Response("", status_code=HTTPStatus.SEE_OTHER, media_type=MediaType.HTML, headers={"Location": location})


def _base(runtime: Runtime) -> str:
    return urlsplit(runtime.settings.base_url).path


def _language(request: AnyRequest, ui_locales: str) -> str:
    return language_of(ui_locales, request.headers.get("accept-language", ""))
