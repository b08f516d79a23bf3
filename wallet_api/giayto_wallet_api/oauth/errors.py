"""Errors of the token endpoint, in the format of its own specification (RFC 6749 §5.2, RFC 9449 §5 and §8)."""

from http import HTTPStatus
from typing import Any, ClassVar, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.problems import ProblemError

_ABOUT_CALLER: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


class OAuthRefusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refusal as it travels (RFC 6749 §5.2)."""

    error: str
    error_description: str = ""


class OAuthError(GiaytoError):
    """A token request that is refused; `code` is the `error` of the answer."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST


class InvalidRequestError(OAuthError):
    """A parameter is missing, repeated or not usable."""

    code = "invalid_request"


class InvalidClientError(OAuthError):
    """The client is unknown, or its assertion does not prove that it is this client."""

    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_client"


class InvalidGrantError(OAuthError):
    """A code, transaction code or refresh token that is wrong, used, expired, or somebody else's."""

    code = "invalid_grant"


class UnsupportedGrantTypeError(OAuthError):
    """A grant type that is not offered here."""

    code = "unsupported_grant_type"


class InvalidScopeError(OAuthError):
    """A scope that this server does not know or the client may not have."""

    code = "invalid_scope"


def answer_oauth_error(_request: Request[Any, Any, Any], error: OAuthError) -> Response[dict[str, str]]:
    """Write a refusal of the token endpoint."""
    return _answer(error.code, error.detail, error.status)


def answer_problem_as_oauth_error(_request: Request[Any, Any, Any], error: ProblemError) -> Response[dict[str, str]]:
    """Write a refusal that other endpoints share in the format of this one.

    What is about the caller, such as a bad DPoP proof, is 400 here (RFC 9449 §5). "Come back later" keeps its status:
    a client that is told 400 would take its code or assertion for refused.
    """
    status = HTTPStatus.BAD_REQUEST if error.status in _ABOUT_CALLER else error.status
    return _answer(error.code, error.detail, status, error.response_headers())


def answer_http_exception_as_oauth_error(
    _request: Request[Any, Any, Any], error: HTTPException
) -> Response[dict[str, str]]:
    """Write a request that the framework could not read in the format of this endpoint."""
    status = HTTPStatus(error.status_code)
    return _answer(InvalidRequestError.code, "the form does not follow its schema", status)


def _answer(
    code: str, detail: str, status: HTTPStatus, headers: dict[str, str] | None = None
) -> Response[dict[str, str]]:
    body = {"error": code}
    if detail:
        body["error_description"] = detail
    kept = {name: value for name, value in (headers or {}).items() if name != "WWW-Authenticate"}
    return Response(body, status_code=status, headers={**kept, "Pragma": "no-cache"})
