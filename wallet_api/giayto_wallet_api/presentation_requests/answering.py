"""What wallets do with a hosted request: fetch its object, and answer it once (OpenID4VP 1.0 §5.10 and §8.2)."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from typing import Any, Final

import msgspec

from giayto_crypto.bundle import verify_bundle
from giayto_verifiers import Policy, ReceiptTooLargeError
from giayto_verifiers.requests import (
    AnswerVerdict,
    PresentationRequest,
    RequestError,
    ResponseError,
    VpToken,
    WalletRefusal,
    judge_answer,
    read_form,
    read_response,
    request_object,
)
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.presentation_requests import storage
from giayto_wallet_api.presentation_requests.identity import identity_for
from giayto_wallet_api.presentation_requests.problems import HostedRequestsOffError, RequestOverError
from giayto_wallet_api.presentation_requests.storage import RequestSecrets, StoredRequest
from giayto_wallet_api.problems import MalformedRequestError
from giayto_wallet_api.publications.bundle import current_bundle
from giayto_wallet_api.runtime import Runtime

_CODE_BYTES: Final = 16
_WALLET: Final = audit.Actor("wallet-of-any-maker")
"""Nobody logs in here: whoever answers proves possession of holder keys, and is not known otherwise."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the wallet is answered."""

    status: HTTPStatus
    body: dict[str, str]


async def fetch_object(runtime: Runtime, verifier_id: str, request_id: str, *, wallet_nonce: str | None) -> str:
    """Return the signed request object; as often as it is asked for.

    Raises:
        NotFoundError: no such request.
        RequestOverError: it may no longer be answered.
        MalformedRequestError: a `wallet_nonce` that is none.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        stored = await storage.find(tx, verifier_id, request_id)
        request = _open(runtime, stored, now)
        await storage.mark_fetched(tx, stored, now)
    try:
        identity = identity_for(runtime, request.client_id)
        return request_object(request, identity, now=now, wallet_nonce=wallet_nonce)
    except RequestError as error:
        raise MalformedRequestError(error.detail) from error


async def take_response(runtime: Runtime, verifier_id: str, request_id: str, body: bytes) -> Reply:
    """Take a wallet's answer; an identical one again gets the stored reply, a different one is refused.

    Raises:
        NotFoundError, RequestOverError: there is no such request, or it may no longer be answered.
        ResponseError: what came is no answer to this request, which stays open.
    """
    now, digest = runtime.clock(), sha256(body).digest()
    async with runtime.database.read() as tx:
        stored = await storage.find(tx, verifier_id, request_id)
    if stored.row.response_digest is not None:
        return _stored_reply(runtime, stored, digest)
    request = _open(runtime, stored, now)
    response = read_response(read_form(body), request)
    settlement = (
        _decline(response)
        if isinstance(response, WalletRefusal)
        else await _judge(runtime, stored, request, response, now)
    )
    return await _settle(runtime, stored, settlement, digest, now)


@dataclass(frozen=True, slots=True)
class _Settlement:
    """How a request ends."""

    state: storage.StoredState
    status: HTTPStatus
    facts: dict[str, Any]
    result: bytes | None = None
    wallet_error: str | None = None


def _open(runtime: Runtime, stored: StoredRequest, now: datetime) -> PresentationRequest:
    request = RequestSecrets(runtime.keys).request(stored)
    if request is None or stored.state(now) != "pending":
        raise RequestOverError("the request is expired, answered or cancelled")
    return request


def _decline(refusal: WalletRefusal) -> _Settlement:
    return _Settlement("declined", HTTPStatus.OK, {"error": refusal.error}, wallet_error=refusal.error)


async def _judge(
    runtime: Runtime, stored: StoredRequest, request: PresentationRequest, answer: VpToken, now: datetime
) -> _Settlement:
    token = await current_bundle(runtime)

    def judged() -> tuple[AnswerVerdict, bytes]:
        bundle = verify_bundle(token, runtime.keys.anchors, now)
        verdict = judge_answer(answer, request, bundle=bundle, policy=Policy(), now=now)
        return verdict, _result(runtime, stored, request, verdict)

    verdict, result = await asyncio.to_thread(judged)
    # A wallet learns that its answer was refused; what this verifier cannot tell is no fault of the wallet.
    status = HTTPStatus.BAD_REQUEST if verdict.outcome == "invalid" else HTTPStatus.OK
    facts = {"outcome": verdict.outcome, "reasons": " ".join(verdict.reasons), "presentations": len(verdict.checked)}
    return _Settlement("answered", status, facts, result=result)


def _result(runtime: Runtime, stored: StoredRequest, request: PresentationRequest, verdict: AnswerVerdict) -> bytes:
    members = verdict.to_json()
    receipts = _receipts(runtime, stored, request, verdict)
    credentials = [each | {"receipt": receipt} for each, receipt in zip(members["credentials"], receipts, strict=True)]
    return msgspec.json.encode({"request_id": stored.row.request_id, **members, "credentials": credentials})


def _receipts(
    runtime: Runtime, stored: StoredRequest, request: PresentationRequest, verdict: AnswerVerdict
) -> list[str | None]:
    keys = runtime.keys.presentation_request
    if keys is None:
        raise HostedRequestsOffError("presentation-request.key.pem and .chain.pem are not in the keys folder")
    try:
        receipts = verdict.receipts(
            keys.signer,
            stored.row.transaction_reference,
            verifier=stored.row.verifier_id,
            purpose=f"{request.purpose.code}: {request.purpose.en}",
            x5c=keys.chain,
        )
    except ReceiptTooLargeError:
        return [None] * len(verdict.checked)
    return [receipt.token for receipt in receipts]


async def _settle(
    runtime: Runtime, stored: StoredRequest, settlement: _Settlement, digest: bytes, now: datetime
) -> Reply:
    secrets_of = RequestSecrets(runtime.keys)
    # Nobody is led anywhere by an answer that was refused, so the verifier needs no code to see why.
    leads_on = stored.row.redirect_uri is not None and settlement.status is HTTPStatus.OK
    code = secrets.token_urlsafe(_CODE_BYTES) if leads_on else None
    reply = Reply(settlement.status, _reply_body(settlement, stored, code))
    kept = msgspec.json.encode([reply.status, reply.body])
    async with runtime.database.transaction() as tx:
        won = await storage.settle(
            tx,
            stored,
            settlement.state,
            now=now,
            response_digest=digest,
            reply=secrets_of.seal(stored.name, "reply", kept),
            response_code_digest=sha256(code.encode()).digest() if code else None,
            result=None if settlement.result is None else secrets_of.seal(stored.name, "result", settlement.result),
            wallet_error=settlement.wallet_error,
        )
        if won:
            await audit.record(
                tx,
                now=now,
                actor=_WALLET,
                action=f"presentation.{settlement.state}",
                target=stored.row.request_id,
                # The request is erased soon; for whom it was is counted later.
                facts={**settlement.facts, "verifier_id": stored.row.verifier_id},
            )
            return reply
        stored = await storage.find(tx, stored.row.verifier_id, stored.row.request_id)
    return _stored_reply(runtime, stored, digest)


def _reply_body(settlement: _Settlement, stored: StoredRequest, code: str | None) -> dict[str, str]:
    if settlement.status is not HTTPStatus.OK:
        return {"error": "invalid_request", "error_description": "the presentation was not accepted"}
    return {"redirect_uri": f"{stored.row.redirect_uri}#response_code={code}"} if code else {}


def _stored_reply(runtime: Runtime, stored: StoredRequest, digest: bytes) -> Reply:
    kept = RequestSecrets(runtime.keys).open(stored, "reply")
    if stored.row.response_digest is None or kept is None:
        raise RequestOverError("the request is expired or cancelled")
    if not compare_digest(stored.row.response_digest, digest):
        raise ResponseError("response: the request was answered before, differently")
    status, body = msgspec.json.decode(kept)
    return Reply(HTTPStatus(status), body)
