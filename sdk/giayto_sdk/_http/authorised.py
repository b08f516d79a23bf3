"""Calls with an access token that is bound to a key: fetched when needed, renewed before it expires."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import httpx2

from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._http.messages import Answer, Request, text_member
from giayto_sdk.errors import ProtocolError, UnauthorizedError

RENEW_BEFORE_EXPIRY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token of at most five minutes, useless without the key that it is bound to."""

    value: str = field(repr=False)
    expires_at: datetime

    @classmethod
    def from_answer(cls, answer: Answer, now: datetime) -> "AccessToken":
        """Read a token answer (RFC 6749 §5.1, RFC 9449 §5).

        Raises:
            ProtocolError: not a DPoP-bound token with a life time.
        """
        members = answer.json()
        seconds = members.get("expires_in")
        if str(members.get("token_type")).lower() != "dpop" or not isinstance(seconds, int):
            raise ProtocolError("token answer: a DPoP-bound token with expires_in is expected")
        return cls(text_member(members, "access_token"), now + timedelta(seconds=seconds))


class AuthorisedClient:
    """Calls of one agency or one device."""

    def __init__(self, http: HttpClient, dpop: DpopProver, fetch_token: Callable[[], AccessToken]) -> None:
        """Prepare the calls.

        Args:
            http: speaks to the server.
            dpop: proves the key that tokens are bound to.
            fetch_token: gets a new token from the server.
        """
        self._http = http
        self._dpop = dpop
        self._fetch_token = fetch_token
        self._token: AccessToken | None = None

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read something."""
        return self.call("GET", path, params=params)

    def post(self, path: str, json: object, *, repeatable: bool = False) -> Answer:
        """Change something.

        A call that is not `repeatable` by its nature is made so by an Idempotency-Key of its own.
        """
        headers = {} if repeatable else {"Idempotency-Key": str(uuid4())}
        return self.call("POST", path, json=json, headers=headers)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a call that may arrive twice without harm; see `HttpClient.send` for what is raised."""
        request = Request(method, path, params=params or {}, json=json, headers=headers or {})
        try:
            return self._send(request)
        except UnauthorizedError:
            # The server may have forgotten the token (restart, revoked keys): one fresh token, then give up.
            self._token = None
            return self._send(request)

    @contextmanager
    def stream(self, request: Request) -> Iterator[httpx2.Response]:
        """Open one call whose answer is read as it arrives; see `HttpClient.stream`."""
        with ExitStack() as stack:
            try:
                response = stack.enter_context(self._open_stream(request))
            except UnauthorizedError:
                self._token = None
                response = stack.enter_context(self._open_stream(request))
            yield response

    def adopt(self, token: AccessToken) -> None:
        """Use a token that came with another answer."""
        self._token = token

    def _open_stream(self, request: Request) -> AbstractContextManager[httpx2.Response]:
        return self._http.stream(self._with_token(request), dpop=self._dpop)

    def _send(self, request: Request) -> Answer:
        return self._http.send(lambda: self._with_token(request), repeatable=True, dpop=self._dpop)

    def _with_token(self, request: Request) -> Request:
        return request.with_token(self._current_token().value)

    def _current_token(self) -> AccessToken:
        if self._token is None or self._token.expires_at - RENEW_BEFORE_EXPIRY <= self._http.clock():
            self._token = self._fetch_token()
        return self._token
