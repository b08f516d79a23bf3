"""`PresentationRequests`: ask wallets from an endpoint of the verifier's own, with no third party in between.

It opens no port and knows no web framework. The verifier's server hands it three kinds of requests:

    GET, POST <base_url>/<request_id>/object      -> handle(method, path, body)
    POST      <base_url>/<request_id>/response    -> handle(method, path, body)
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from re import compile as compile_pattern
from secrets import token_hex, token_urlsafe
from threading import Lock
from typing import Any, Final, Protocol

from giayto_crypto.dcql import ClaimPath, DcqlQuery, parse_query
from giayto_sdk._checking.verifier import Verifier
from giayto_sdk._clock import Clock, system_clock
from giayto_sdk._http.client import require_safe
from giayto_sdk.errors import RequestNotFoundError, WalletDeclinedError
from giayto_verifiers import Policy
from giayto_verifiers.requests import (
    AnswerVerdict,
    PresentationRequest,
    Purpose,
    RequestError,
    ResponseError,
    VerifierIdentity,
    WalletRefusal,
    authorization_link,
    judge_answer,
    new_request,
    read_form,
    read_response,
    request_object,
    require_askable,
    simple_query,
)
from giayto_verifiers.requests.request import DEFAULT_LIFETIME, MEDIA_TYPE, ResponseMode

_ID_BYTES: Final = 16
_CODE_BYTES: Final = 16
_JSON: Final = "application/json"
_KEPT_AFTER: Final = timedelta(minutes=10)
_PATH: Final = compile_pattern(r"/([0-9a-f]{32})/(object|response)")


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What the verifier's server answers."""

    status: int
    content_type: str
    body: bytes = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Content type, and that nothing of it is kept on its way."""
        return {"Content-Type": self.content_type, "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that wallets may answer now."""

    request_id: str
    link: str = field(repr=False)
    """For the QR, and for the same-device link."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """One request as a store keeps it; secret, and personal once it is answered.

    Attributes:
        request: with its private key.
        redirect_uri: where the holder's phone goes afterwards.
        response_digest: of the answer that was taken.
        reply: what the wallet was told.
        response_code: came with the redirect; used up by `result`.
        verdict: on the answer; None also when the wallet declined.
        wallet_error: why it declined.
    """

    request: PresentationRequest
    redirect_uri: str | None = None
    response_digest: bytes | None = None
    reply: HttpReply | None = None
    response_code: str | None = field(default=None, repr=False)
    verdict: AnswerVerdict | None = None
    wallet_error: str | None = None


class RequestStore(Protocol):
    """Keeps open requests, for as long as they may matter."""

    def put(self, request_id: str, kept: KeptRequest, until: datetime) -> None:
        """Keep a request until then."""
        ...

    def get(self, request_id: str, now: datetime) -> KeptRequest | None:
        """Return a request, or None when it is not (or no longer) kept."""
        ...

    def replace(self, request_id: str, old: KeptRequest, new: KeptRequest) -> bool:
        """Exchange one for another, atomically; False when it was changed by somebody else meanwhile."""
        ...

    def remove(self, request_id: str, kept: KeptRequest) -> bool:
        """Forget a request, atomically; False when somebody else was first."""
        ...


class InMemoryRequestStore:
    """For one process; safe for threads."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = Lock()
        self._kept: dict[str, tuple[KeptRequest, datetime]] = {}

    def put(self, request_id: str, kept: KeptRequest, until: datetime) -> None:
        """Keep a request until then."""
        with self._lock:
            self._kept[request_id] = (kept, until)

    def get(self, request_id: str, now: datetime) -> KeptRequest | None:
        """Return a request; what is outdated is forgotten."""
        with self._lock:
            self._kept = {name: entry for name, entry in self._kept.items() if now < entry[1]}
            entry = self._kept.get(request_id)
            return None if entry is None else entry[0]

    def replace(self, request_id: str, old: KeptRequest, new: KeptRequest) -> bool:
        """Exchange one for another if nobody else has."""
        with self._lock:
            entry = self._kept.get(request_id)
            if entry is None or entry[0] is not old:
                return False
            self._kept[request_id] = (new, entry[1])
            return True

    def remove(self, request_id: str, kept: KeptRequest) -> bool:
        """Forget a request if nobody else has."""
        with self._lock:
            entry = self._kept.get(request_id)
            if entry is None or entry[0] is not kept:
                return False
            del self._kept[request_id]
            return True


class PresentationRequests:
    """Asks wallets, takes their answers and judges them, with the verifier's own certificate.

    requests = PresentationRequests(verifier, identity, base_url="https://bank-a.example/openid4vp")
    opened = requests.open(document_type=vct, claims=[("full_name",)], purpose=Purpose(code="NGAN_HANG", vi=…, en=…))
    draw_qr(opened.link)
    reply = requests.handle("POST", f"/{opened.request_id}/response", body)   # from the verifier's web server
    verdict = requests.result(opened.request_id)
    """

    def __init__(
        self,
        verifier: Verifier,
        identity: VerifierIdentity,
        *,
        base_url: str,
        policy: Policy | None = None,
        registration: str | None = None,
        store: RequestStore | None = None,
        clock: Clock = system_clock,
    ) -> None:
        """Take what requests are made and judged with.

        Args:
            verifier: its bundle is what answers are checked against.
            identity: the verifier's certificate, by hash or by DNS name.
            base_url: where the verifier's server hands requests to `handle`; https, or http to this machine.
            policy: demands beside those of each request.
            registration: from `GET /verifier/v1/registration`: lets wallets show the registered name.
            store: keeps open requests; by default the memory of this process.
            clock: the time of requests and checks.

        Raises:
            ConfigurationError: the URL is not one that answers may be sent to.
        """
        require_safe(base_url)
        self._verifier = verifier
        self._identity = identity
        self._base_url = base_url.rstrip("/")
        self._policy = policy or Policy()
        self._registration = registration
        self._store: RequestStore = InMemoryRequestStore() if store is None else store
        self._clock = clock

    def open(
        self,
        *,
        purpose: Purpose,
        document_type: str | None = None,
        claims: Iterable[ClaimPath] = (),
        dcql_query: Any = None,
        redirect_uri: str | None = None,
        transaction_data: Sequence[str] = (),
        lifetime: timedelta = DEFAULT_LIFETIME,
        response_mode: ResponseMode = "direct_post.jwt",
    ) -> OpenRequest:
        """Make a request that is good for one answer.

        Args:
            purpose: what the holder reads before consent.
            document_type: `vct`; the claims that it must show are asked for too.
            claims: of that document.
            dcql_query: in place of both: a whole query.
            redirect_uri: where the holder's phone goes afterwards; `result` then needs the code that comes with it.
            transaction_data: from `encode_transaction_data`, for the holder to confirm.
            lifetime: 15 minutes at most.
            response_mode: encrypted unless said otherwise.

        Raises:
            DcqlError, RequestError, TransactionDataError: it cannot be asked in this way.
        """
        now, request_id = self._clock(), token_hex(_ID_BYTES)
        query = self._query(document_type, claims, dcql_query)
        require_askable(query, purpose.code, self._verifier.bundle.catalogue)
        request = new_request(
            self._identity,
            query=query,
            response_uri=f"{self._base_url}/{request_id}/response",
            purpose=purpose,
            now=now,
            lifetime=lifetime,
            response_mode=response_mode,
            transaction_data=transaction_data,
            registration=self._registration,
        )
        self._store.put(request_id, KeptRequest(request, redirect_uri), request.expires_at + _KEPT_AFTER)
        link = authorization_link(self._identity.client_id, f"{self._base_url}/{request_id}/object")
        return OpenRequest(request_id, link, request.expires_at)

    def handle(self, method: str, path: str, body: bytes = b"") -> HttpReply:
        """Answer one HTTP request of a wallet.

        Args:
            method: in upper case.
            path: below `base_url`, without query: `/<request_id>/object` or `/<request_id>/response`.
            body: as received; refuse what is longer than `MAX_RESPONSE_BYTES` before.
        """
        match = _PATH.fullmatch(path)
        try:
            if match is None:
                raise RequestNotFoundError("path: neither a request object nor a response")
            if match[2] == "object" and method in {"GET", "POST"}:
                nonce = read_form(body).get("wallet_nonce") if method == "POST" else None
                return HttpReply(200, MEDIA_TYPE, self._object(match[1], nonce).encode("ascii"))
            if match[2] == "response" and method == "POST":
                return self._take(match[1], body)
            return _error(405, "invalid_request", "this method is not offered here")
        except RequestNotFoundError as error:
            return _error(404, "invalid_request", error.detail)
        except (ResponseError, RequestError) as error:
            return _error(400, "invalid_request", error.detail)

    def result(self, request_id: str, *, response_code: str | None = None) -> AnswerVerdict | None:
        """Return the verdict, once, and forget the request; None as long as no wallet has answered.

        Args:
            request_id: of `open`.
            response_code: from the redirect, where the request had a `redirect_uri`.

        Raises:
            RequestNotFoundError: expired, answered and fetched before, or the code is missing or wrong.
            WalletDeclinedError: the wallet, or its holder, said no.
        """
        now = self._clock()
        kept = self._kept(request_id)
        if kept.reply is None:
            if now >= kept.request.expires_at:
                raise RequestNotFoundError("request: nobody answered in time")
            return None
        if kept.response_code is not None and not compare_digest(kept.response_code, response_code or ""):
            raise RequestNotFoundError("response_code: as the redirect carried it")
        if not self._store.remove(request_id, kept):
            raise RequestNotFoundError("request: its result was fetched before")
        if kept.verdict is None:
            raise WalletDeclinedError("wallet: it declined", error=kept.wallet_error or "other")
        return kept.verdict

    def cancel(self, request_id: str) -> None:
        """Take a request back; RequestNotFoundError when it is not open any more."""
        self._store.remove(request_id, self._kept(request_id))

    def _query(self, document_type: str | None, claims: Iterable[ClaimPath], dcql_query: Any) -> DcqlQuery:
        if (document_type is None) == (dcql_query is None):
            raise RequestError("request: either document_type with claims, or dcql_query")
        if document_type is None:
            return parse_query(dcql_query)
        entry = self._verifier.bundle.catalogue.find(document_type)
        return simple_query(document_type, claims, required=entry.required_claims if entry else ())

    def _object(self, request_id: str, wallet_nonce: str | None) -> str:
        kept, now = self._kept(request_id), self._clock()
        if kept.reply is not None or now >= kept.request.expires_at:
            raise RequestNotFoundError("request: it may no longer be answered")
        return request_object(kept.request, self._identity, now=now, wallet_nonce=wallet_nonce)

    def _take(self, request_id: str, body: bytes) -> HttpReply:
        kept, now, digest = self._kept(request_id), self._clock(), sha256(body).digest()
        if kept.reply is not None:
            return _same(kept, digest)
        if now >= kept.request.expires_at:
            raise RequestNotFoundError("request: it may no longer be answered")
        response = read_response(read_form(body), kept.request)
        code = token_urlsafe(_CODE_BYTES) if kept.redirect_uri else None
        if isinstance(response, WalletRefusal):
            settled = replace(kept, wallet_error=response.error, reply=_accepted(kept, code))
        else:
            bundle = self._verifier.bundle
            verdict = judge_answer(response, kept.request, bundle=bundle, policy=self._policy, now=now)
            reply = _NOT_ACCEPTED if verdict.outcome == "invalid" else _accepted(kept, code)
            settled = replace(kept, verdict=verdict, reply=reply)
        reached_holder = settled.reply is not _NOT_ACCEPTED
        settled = replace(settled, response_digest=digest, response_code=code if reached_holder else None)
        if self._store.replace(request_id, kept, settled) and settled.reply is not None:
            return settled.reply
        return _same(self._kept(request_id), digest)

    def _kept(self, request_id: str) -> KeptRequest:
        kept = self._store.get(request_id, self._clock())
        if kept is None:
            raise RequestNotFoundError("request: there is none of this name (any more)")
        return kept


def _same(kept: KeptRequest, digest: bytes) -> HttpReply:
    if kept.reply is None or kept.response_digest is None or not compare_digest(kept.response_digest, digest):
        raise ResponseError("response: the request was answered before, differently")
    return kept.reply


def _accepted(kept: KeptRequest, code: str | None) -> HttpReply:
    members = {} if code is None else {"redirect_uri": f"{kept.redirect_uri}#response_code={code}"}
    return HttpReply(200, _JSON, json.dumps(members).encode())


def _error(status: int, code: str, description: str) -> HttpReply:
    return HttpReply(status, _JSON, json.dumps({"error": code, "error_description": description}).encode())


_NOT_ACCEPTED: Final = _error(400, "invalid_request", "the presentation was not accepted")
