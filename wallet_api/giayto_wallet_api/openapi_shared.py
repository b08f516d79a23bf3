"""What operations have in common in the API's description, whatever their feature says of itself.

Who must be authenticated follows from the guard that sees to it, and what everybody may be refused with follows from
what the edge, the guards, the store and the replay of answers do. So no feature can forget to say it, and none has to
repeat it. What a feature says of a status itself stands.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import Guard

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.agencies.principal import requires_agency
from giayto_wallet_api.devices.principal import requires_citizen
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.edge import READS_STREAM
from giayto_wallet_api.idempotency.replay import IdempotencyKeyReusedError, RequestInFlightError
from giayto_wallet_api.limits.problems import OverloadedError, SlowBodyError
from giayto_wallet_api.openapi import oauth_refusals, page_answer, refusal
from giayto_wallet_api.presentation_requests.principal import requires_verifier
from giayto_wallet_api.problems import (
    ForbiddenError,
    MalformedRequestError,
    ProblemError,
    RequestTooLargeError,
    TooManyRequestsError,
    UnsupportedMediaTypeError,
    answer_giayto_error,
    answer_http_exception,
)
from giayto_wallet_api.security_schemes import AGENCY, CITIZEN, SCHEMES, VERIFIER, bound_token
from giayto_wallet_api.store.errors import StoreFullError

Problems = Iterator[type[ProblemError]]

_SCHEME_OF_GUARD: Final[Mapping[Guard, str]] = {
    requires_agency: AGENCY,
    requires_citizen: CITIZEN,
    requires_verifier: VERIFIER,
}
_REPLAYED: Final = frozenset({AGENCY, CITIZEN})
"""Whose calls are answered again when they come again under the same Idempotency-Key."""
_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def shared_components() -> Components:
    """Return how callers prove who they are."""
    return Components(security_schemes={name: _scheme(name) for name in SCHEMES})


class SharedAnswers(ReceiveRoutePlugin):
    """Completes the description of each operation as its route is registered."""

    def receive_route(self, route: BaseRoute) -> None:
        """Add what the operations of a route have in common with others."""
        if isinstance(route, HTTPRoute):
            for handler, _ in route.route_handler_map.values():
                if handler.resolve_include_in_schema():
                    _complete(handler)


def _complete(handler: HTTPRouteHandler) -> None:
    scheme = _scheme_of(handler)
    if scheme is not None:
        handler.security = [bound_token(scheme)]
    described = dict(handler.responses or {})
    for problem in _problems(handler, scheme):
        described.setdefault(problem.status, _answer(handler, problem))
    handler.responses = described


def _problems(handler: HTTPRouteHandler, scheme: str | None) -> Problems:
    yield OverloadedError
    if handler.http_methods & _UNSAFE:
        yield StoreFullError
    if _takes_something(handler):
        yield MalformedRequestError
    if _takes_body(handler):
        yield from (RequestTooLargeError, SlowBodyError, UnsupportedMediaTypeError)
    if scheme is None:
        return
    yield from (InvalidTokenError, TooManyRequestsError)
    if scheme != CITIZEN:
        yield ForbiddenError
    if scheme in _REPLAYED and handler.http_methods & _UNSAFE and not handler.opt.get(READS_STREAM):
        yield from (MalformedRequestError, RequestInFlightError, IdempotencyKeyReusedError)


def _scheme_of(handler: HTTPRouteHandler) -> str | None:
    guards = handler.resolve_guards()
    return next((scheme for guard, scheme in _SCHEME_OF_GUARD.items() if guard in guards), None)


def _takes_something(handler: HTTPRouteHandler) -> bool:
    return bool(set(handler.parsed_fn_signature.parameters) - set(handler.resolve_dependencies()) - {"request"})


def _takes_body(handler: HTTPRouteHandler) -> bool:
    return "data" in handler.parsed_fn_signature.parameters or bool(handler.opt.get(READS_STREAM))


def _answer(handler: HTTPRouteHandler, problem: type[ProblemError]) -> ResponseSpec:
    """Describe a refusal as the handler's own way of answering errors writes it."""
    answerers = handler.resolve_exception_handlers()
    if ProblemError in answerers:
        return oauth_refusals(problem)[problem.status]
    if _is_shown_as_page(handler, problem.status, answerers):
        return page_answer(problem.status, problem.message_en)[problem.status]
    return refusal(problem)


def _is_shown_as_page(handler: HTTPRouteHandler, status: HTTPStatus, answerers: Mapping[Any, Any]) -> bool:
    if not str(handler.media_type).startswith("text/html"):
        return False
    unreadable = status == HTTPStatus.BAD_REQUEST and answerers[HTTPException] is not answer_http_exception
    return unreadable or answerers[GiaytoError] is not answer_giayto_error


def _scheme(name: str) -> SecurityScheme:
    members: dict[str, Any] = dict(SCHEMES[name])
    return SecurityScheme(**members)
