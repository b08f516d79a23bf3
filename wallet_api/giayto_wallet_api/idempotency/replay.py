"""Answering a repeated call as the first time.

    POST /issuer/v1/…    Idempotency-Key: 6f1c…

The first request with a key is worked on; what it was answered is kept, and given again to whoever sends the same
under the same key. Another body is refused (422), a request that is still being worked on too (409, Retry-After). A
key belongs to one caller and one route. Answers of 500 and more are not kept: the call may be tried again.

An answer is kept after the work of its request is durable. A worker that dies in between leaves its key in flight for
`IN_FLIGHT`; the call is then worked on again, so what must never happen twice has a key of its own in its table.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any, ClassVar, Final

import msgspec
from litestar import Request, Response
from litestar.types import Message, Scope
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.edge import READS_STREAM
from giayto_wallet_api.envelope.encryption import Place, WalletKey
from giayto_wallet_api.idempotency.tables import idempotent_requests
from giayto_wallet_api.problems import MalformedRequestError, ProblemError
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.store.statements import forget_expired, insert_if_absent

KEPT: Final = timedelta(days=14)
"""Longer than any job may be interrupted and go on."""
IN_FLIGHT: Final = timedelta(minutes=1)
MAX_KEY_CHARACTERS: Final = 128
_MAX_BODY_BYTES: Final = 1024 * 1024
_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_HEADER: Final = "idempotency-key"
_STATE_KEY: Final = "giayto_idempotent"
_CALLERS: Final = ("giayto_agency_client", "giayto_citizen")


class IdempotencyKeyReusedError(ProblemError):
    """The key was used for another request."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "idempotency_key_reused"
    message_vi = "Khóa chống lặp đã được dùng cho yêu cầu khác."
    message_en = "The idempotency key was used for another request."


class RequestInFlightError(ProblemError):
    """The same request is being worked on."""

    status = HTTPStatus.CONFLICT
    code = "request_in_flight"
    retryable = True
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}
    message_vi = "Yêu cầu này đang được xử lý."
    message_en = "This request is being worked on."


@dataclass(slots=True)
class _Call:
    """A call under a key, while it is being worked on and answered."""

    owner: str
    route: str
    key_hash: bytes
    attempt: str
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    @property
    def place(self) -> Place:
        """Where the answer is encrypted for."""
        row = f"{self.owner}/{self.route}/{self.key_hash.hex()}"
        return Place(table="idempotent_requests", row=row, column="body", version=1)


async def replay_or_begin(request: Request[Any, Any, Any], runtime: Runtime) -> Response[Any] | None:
    """Return the answer that a call was given before; None when it is to be worked on. Runs behind the guards.

    Raises:
        MalformedRequestError: not one key of at most `MAX_KEY_CHARACTERS` visible ASCII characters.
        IdempotencyKeyReusedError: the key stands for another request.
        RequestInFlightError: the request is being worked on.
    """
    keys = request.headers.getall(_HEADER, [])
    owner = _owner(request)
    if not keys or owner is None or request.method not in _UNSAFE or request.route_handler.opt.get(READS_STREAM):
        return None
    if len(keys) != 1 or not _is_key(keys[0]):
        raise MalformedRequestError(f"Idempotency-Key: one, of 1 to {MAX_KEY_CHARACTERS} visible ASCII characters")
    route = f"{request.method} {request.scope.get('path_template') or request.scope['path']}"
    call = _Call(owner, route[:160], sha256(keys[0].encode()).digest(), new_id("try"))
    async with runtime.database.transaction() as tx:
        kept = await _begin(tx, call, await _digest(request), runtime.clock())
    if kept is None:
        request.scope["state"][_STATE_KEY] = call
        return None
    return _answer(runtime, call, kept)


async def keep_answer(message: Message, scope: Scope, runtime: Runtime) -> None:
    """Keep the answer of a call, before its last part is sent."""
    call: _Call | None = scope["state"].get(_STATE_KEY)
    if call is None:
        return
    if message["type"] == "http.response.start":
        call.status = message["status"]
        call.headers = [(name, value) for name, value in message["headers"] if name.lower() == b"content-type"]
    elif message["type"] == "http.response.body":
        call.body += message.get("body", b"")
        if not message.get("more_body"):
            scope["state"].pop(_STATE_KEY)
            await _end(runtime, call)


def _owner(request: Request[Any, Any, Any]) -> str | None:
    """Return whose call it is, as the guard found out; None where nobody is known."""
    for name in _CALLERS:
        caller = request.scope["state"].get(name)
        if caller is not None:
            return str(caller.actor.name)
    return None


def _is_key(text: str) -> bool:
    return 0 < len(text) <= MAX_KEY_CHARACTERS and text.isascii() and text.isprintable()


async def _digest(request: Request[Any, Any, Any]) -> bytes:
    said = [request.scope["path"].encode(), request.scope["query_string"], await request.body()]
    return sha256(b"".join(sha256(each).digest() for each in said)).digest()


async def _begin(tx: AsyncConnection, call: _Call, digest: bytes, now: datetime) -> Any:
    """Enter a call as being worked on; return the kept row when there is one already."""
    requests = idempotent_requests.c
    await forget_expired(tx, idempotent_requests, requests.expires_at, now)
    entry = {
        "owner": call.owner,
        "route": call.route,
        "key_hash": call.key_hash,
        "request_digest": digest,
        "attempt": call.attempt,
        "expires_at": now + IN_FLIGHT,
    }
    if await insert_if_absent(tx, idempotent_requests, entry):
        return None
    row = (await tx.execute(select(idempotent_requests).where(*_is(call)).with_for_update())).one()
    if row.expires_at <= now:  # the worker that had it is gone
        await tx.execute(update(idempotent_requests).where(*_is(call)).values(**entry, status=None))
        return None
    if row.request_digest != digest:
        raise IdempotencyKeyReusedError("take a new key for another request")
    if row.status is None:
        raise RequestInFlightError("ask again when it is done")
    return row


async def _end(runtime: Runtime, call: _Call) -> None:
    """Keep the answer, or let the call be tried again; nothing when another worker took the call over."""
    is_own = (*_is(call), idempotent_requests.c.attempt == call.attempt)
    async with runtime.database.transaction() as tx:
        if call.status >= HTTPStatus.INTERNAL_SERVER_ERROR or len(call.body) > _MAX_BODY_BYTES:
            await tx.execute(delete(idempotent_requests).where(*is_own))
            return
        sealed = _key(runtime).encrypt(bytes(call.body), call.place)
        await tx.execute(
            update(idempotent_requests)
            .where(*is_own)
            .values(
                status=call.status,
                headers=msgspec.msgpack.encode(call.headers),
                body=sealed,
                expires_at=runtime.clock() + KEPT,
            )
        )


def _answer(runtime: Runtime, call: _Call, row: Any) -> Response[Any]:
    body = _key(runtime).decrypt(row.body, call.place)
    headers = msgspec.msgpack.decode(row.headers, type=list[tuple[bytes, bytes]])
    media_type = next((value.decode("latin-1") for _, value in headers), None)
    replayed = {"Idempotency-Replayed": "true"}
    return Response(body, status_code=row.status, media_type=media_type, headers=replayed)


def _key(runtime: Runtime) -> WalletKey:
    return WalletKey(runtime.keys.derive("idempotent answers"))


def _is(call: _Call) -> tuple[Any, ...]:
    requests = idempotent_requests.c
    return requests.owner == call.owner, requests.route == call.route, requests.key_hash == call.key_hash
