"""The gate in front of all handlers: the size of a body, its pace, and whether there is room.

A body is taken in before its request takes a place among those that run: whoever sends slowly keeps nobody waiting but
itself. Streams of rows are read by their handler, which has a patience of its own.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, ReceiveMessage, Scope, Send

from giayto_wallet_api.edge import READS_STREAM
from giayto_wallet_api.limits.admission import Admission
from giayto_wallet_api.limits.priorities import priority_of
from giayto_wallet_api.limits.problems import SlowBodyError
from giayto_wallet_api.problems import RequestTooLargeError

BODY_SECONDS: Final = 10.0
"""How long a whole body may take that is not a stream of rows."""
_MOST_BYTES: Final = 4 * 1024 * 1024
"""No handler takes more in one piece; each has its own limit below this."""


class AdmissionMiddleware(ASGIMiddleware):
    """Admits requests; raises problems for those that are not."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, admission: Admission, *, body_seconds: float = BODY_SECONDS) -> None:
        self._admission = admission
        self._body_seconds = body_seconds

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let a request pass as soon as it is whole and there is room.

        Raises:
            RequestTooLargeError: the body is announced, or turns out, to be longer than any handler reads.
            SlowBodyError: the body did not arrive in time.
            OverloadedError: there is no room.
        """
        priority = priority_of(scope["path"])
        if priority is None:
            await next_app(scope, receive, send)
            return
        if not _reads_stream(scope):
            receive = await self._whole_body(scope, receive)
        async with self._admission.admitted(priority):
            await next_app(scope, receive, send)

    async def _whole_body(self, scope: Scope, receive: Receive) -> Receive:
        headers = Headers.from_scope(scope)
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced) > _MOST_BYTES:
            raise RequestTooLargeError(f"a body has at most {_MOST_BYTES} bytes here")
        if announced == "0" and "transfer-encoding" not in headers:
            return receive
        try:
            async with asyncio.timeout(self._body_seconds):
                return _replaying(await _take_in(receive), receive)
        except TimeoutError as error:
            raise SlowBodyError(f"a body arrives within {self._body_seconds:g} seconds") from error


async def _take_in(receive: Receive) -> Sequence[ReceiveMessage]:
    messages: list[ReceiveMessage] = []
    size, more = 0, True
    while more:
        message = await receive()
        messages.append(message)
        more = message["type"] == "http.request" and message.get("more_body", False)
        size += len(message.get("body", b"")) if message["type"] == "http.request" else 0
        if size > _MOST_BYTES:
            raise RequestTooLargeError(f"a body has at most {_MOST_BYTES} bytes here")
    return messages


def _replaying(messages: Sequence[ReceiveMessage], receive: Receive) -> Receive:
    """Return a `receive` that gives what was taken in, and then what follows."""
    taken_in = iter(messages)

    async def replay() -> ReceiveMessage:
        message = next(taken_in, None)
        return await receive() if message is None else message

    return replay


def _reads_stream(scope: Scope) -> bool:
    handler: BaseRouteHandler | None = scope.get("route_handler")
    return handler is not None and bool(handler.opt.get(READS_STREAM))
