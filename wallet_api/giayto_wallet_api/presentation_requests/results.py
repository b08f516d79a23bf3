"""What the verifier sees of its request: where it stands, live; the result, once; and that it can be cancelled."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final

import msgspec
from litestar.response.sse import ServerSentEventMessage
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.presentation_requests import storage
from giayto_wallet_api.presentation_requests.principal import VerifierClient
from giayto_wallet_api.presentation_requests.problems import NotAnsweredError, RequestOverError, ResponseCodeError
from giayto_wallet_api.presentation_requests.schemas import RequestResult, RequestStatus
from giayto_wallet_api.presentation_requests.storage import RequestSecrets, StoredRequest
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime

_RECONNECT_MS: Final = 1_000


async def status_of(runtime: Runtime, verifier: VerifierClient, request_id: str) -> RequestStatus:
    """Return where a request stands; NotFoundError when it is not the verifier's, or was erased."""
    now = runtime.clock()
    async with runtime.database.read() as tx:
        stored = await _find(tx, verifier, request_id, now)
    row = stored.row
    return RequestStatus(
        request_id=row.request_id,
        state=stored.state(now),
        created_at=row.created_at,
        expires_at=row.expires_at,
        fetched_at=row.fetched_at,
        settled_at=row.settled_at,
        wallet_error=row.wallet_error,
        result_available=row.result is not None,
    )


async def follow(runtime: Runtime, verifier: VerifierClient, request_id: str) -> AsyncIterator[ServerSentEventMessage]:
    """Send the status at once, and whenever it has changed, until the request is settled or its time is over."""
    time = asyncio.get_running_loop().time
    sent: RequestStatus | None = None
    sent_at = time()
    while True:
        try:
            status = await status_of(runtime, verifier, request_id)
        except NotFoundError:
            return
        if status != sent:
            yield ServerSentEventMessage(
                event=status.state, data=msgspec.json.encode(status), retry=None if sent else _RECONNECT_MS
            )
            sent, sent_at = status, time()
        if status.state != "pending":
            return
        if time() - sent_at >= runtime.settings.events_heartbeat.total_seconds():
            yield ServerSentEventMessage(data=None, comment="alive")
            sent_at = time()
        await asyncio.sleep(runtime.settings.events_poll_interval.total_seconds())


async def take_result(
    runtime: Runtime, verifier: VerifierClient, request_id: str, response_code: str | None
) -> RequestResult:
    """Return the verdict, once, and erase it.

    Raises:
        NotAnsweredError: no wallet has answered (yet), or it declined.
        RequestOverError: expired, cancelled, or fetched before.
        ResponseCodeError: the code that the redirect carried is missing or wrong.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        stored = await _find(tx, verifier, request_id, now)
        state = stored.state(now)
        if state in {"expired", "cancelled"}:
            raise RequestOverError(f"the request is {state}")
        if state != "answered":
            raise NotAnsweredError("no wallet has answered" if state == "pending" else "the wallet declined")
        _require_code(stored, response_code)
        result = RequestSecrets(runtime.keys).open(stored, "result")
        if result is None or not await storage.claim_result(tx, stored, now=now, erase_at=stored.row.erase_at):
            raise RequestOverError("the result was fetched before, and is erased")
        await audit.record(tx, now=now, actor=verifier.actor, action="presentation.result_fetched", target=request_id)
    return msgspec.json.decode(result, type=RequestResult)


async def cancel(runtime: Runtime, verifier: VerifierClient, request_id: str) -> RequestStatus:
    """Take a request back; one that is settled already stays as it is."""
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        stored = await _find(tx, verifier, request_id, now)
        if await storage.settle(tx, stored, "cancelled", now=now):
            await audit.record(tx, now=now, actor=verifier.actor, action="presentation.cancelled", target=request_id)
    return await status_of(runtime, verifier, request_id)


async def _find(tx: AsyncConnection, verifier: VerifierClient, request_id: str, now: datetime) -> StoredRequest:
    stored = await storage.find(tx, verifier.verifier_id, request_id)
    if now >= stored.row.erase_at:
        raise NotFoundError("there is no such request")
    return stored


def _require_code(stored: StoredRequest, response_code: str | None) -> None:
    """Only who followed the redirect on the holder's device gets the result (OpenID4VP 1.0 §14.2)."""
    expected: bytes | None = stored.row.response_code_digest
    if expected is None:
        return
    if response_code is None or not compare_digest(expected, sha256(response_code.encode()).digest()):
        raise ResponseCodeError("response_code: as the redirect carried it")
