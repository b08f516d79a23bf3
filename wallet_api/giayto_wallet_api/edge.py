"""What every request and every response passes at the edge, whichever feature answers.

Requests with a JSON body are read strictly first: a reader that keeps the last of two equal member names
would let two parties see different things in the same bytes. Responses get the security headers and a request
identifier, and one line in the log with the route's template (never the address itself, which clients fill
with what they like).
"""

from typing import Any, Final
from uuid import uuid4

import structlog
from litestar import Request, Response
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import RequestEncodingType
from litestar.types import Message, Scope

from giayto_crypto import strict_json

MAX_JSON_BYTES: Final = 256 * 1024
"""Longest JSON body, unless a handler says otherwise with `request_max_body_size`."""
READS_STREAM: Final = "reads_stream"
"""A handler with `opt={READS_STREAM: True}` reads its body itself, piece by piece."""

_REQUEST_ID: Final = "giayto_request_id"
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

log = structlog.get_logger(__name__)


async def read_json_strictly(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Refuse a JSON body that readers could understand in different ways; runs before the handler's own
    decoding.

    Raises:
        MalformedError: duplicate names, too deep, not UTF-8 and the like; see `giayto_crypto.strict_json`.
    """
    handler = request.route_handler
    if handler.opt.get(READS_STREAM) or request.content_type[0] != RequestEncodingType.JSON:
        return None
    limit = handler.resolve_request_max_body_size() or MAX_JSON_BYTES
    body = await request.body()
    if body:
        strict_json.loads(body, max_bytes=limit)
    return None


def request_id(scope: Scope) -> str:
    """Return the identifier of this request, which the response, its problem and the log share."""
    identifier: str = scope["state"].setdefault(_REQUEST_ID, str(uuid4()))
    return identifier


async def finish_response(message: Message, scope: Scope) -> None:
    """Complete the headers of a response and log that it was sent."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers["X-Request-Id"] = request_id(scope)
    log.info(
        "request",
        method=scope.get("method"),
        route=scope.get("path_template") or "unmatched",
        status=int(message["status"]),
        request_id=request_id(scope),
    )
