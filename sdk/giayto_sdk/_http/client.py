"""One server, spoken to with care: time-outs, bounded answers, retries only where they can do no harm.

A call is retried (with growing pauses, or the pause that the server asks for) when

- nothing reached the server (no connection), or
- the server said "later" (429, 503, and 409 with Retry-After), or
- the answer was lost or a gateway failed, and the call says that it is `repeatable`: reading, or writing
  under a row key, where a second time changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from ipaddress import ip_address
from platform import python_version
from typing import Final, Self
from urllib.parse import urlencode, urlsplit

import httpx2
import stamina

from giayto_sdk._clock import Clock, system_clock
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._http.messages import MAX_JSON_ANSWER_BYTES, Answer, Request
from giayto_sdk._http.problems import MAX_PROBLEM_BYTES, error_from
from giayto_sdk._version import VERSION
from giayto_sdk.errors import (
    ApiError,
    ConfigurationError,
    ConflictError,
    NetworkError,
    OverloadedError,
    ProtocolError,
)

USER_AGENT: Final = f"giayto-sdk/{VERSION} python/{python_version()}"
DEFAULT_TIMEOUT: Final = httpx2.Timeout(connect=5.0, read=30.0, write=30.0, pool=5.0)
DEFAULT_ATTEMPTS: Final = 5
LONGEST_PAUSE: Final = 30.0
"""Seconds. When a server asks for a longer one its error is reported: a caller should not just hang."""
_TOTAL_SECONDS: Final = 90.0
_NOT_MODIFIED: Final = 304
_GATEWAY_FAILURES: Final = frozenset({502, 504})
_NONCE_WANTED: Final = "use_dpop_nonce"
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class HttpClient:
    """Calls below one base URL."""

    def __init__(
        self,
        base_url: str,
        *,
        clock: Clock = system_clock,
        transport: httpx2.BaseTransport | None = None,
        timeout: httpx2.Timeout = DEFAULT_TIMEOUT,
        attempts: int = DEFAULT_ATTEMPTS,
    ) -> None:
        """Prepare the calls; nothing is sent yet.

        Args:
            base_url: https, or http to this machine itself.
            clock: gives the time of proofs and of Retry-After dates.
            transport: in place of the network, for tests.
            timeout: for each step of one attempt.
            attempts: how often one call is tried at most.

        Raises:
            ConfigurationError: the URL is not one that tokens may be sent to.
        """
        require_safe(base_url)
        self.base_url = base_url.rstrip("/")
        self.clock = clock
        self._attempts = attempts
        self._client = httpx2.Client(
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            timeout=timeout,
            transport=transport,
            follow_redirects=False,
            # A proxy between two programs of one machine is never meant.
            trust_env=not is_this_machine(self.base_url),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def url(self, path: str) -> str:
        """Return the whole URL of a path below the base URL; one of the same origin may be given whole."""
        if "://" not in path:
            return f"{self.base_url}{path}"
        if _origin(path) != _origin(self.base_url):
            raise ProtocolError("link: leads to another origin than the server's own")
        return path

    def send(
        self,
        request: Callable[[], Request],
        *,
        repeatable: bool,
        dpop: DpopProver | None = None,
        max_bytes: int = MAX_JSON_ANSWER_BYTES,
    ) -> Answer:
        """Make one call and return its answer.

        Args:
            request: builds the request, anew for each attempt: assertions and proofs are good for one.
            repeatable: a second arrival of the same request changes nothing.
            dpop: proves possession of its key with each attempt.
            max_bytes: longest answer that is read.

        Raises:
            ApiError: the server answered with a problem.
            NetworkError: no answer came.
            ProtocolError: the answer is too long or redirects elsewhere.
        """
        for attempt in self.retrying(repeatable=repeatable):
            with attempt:
                return self._once_with_nonce(request, dpop, max_bytes)
        raise AssertionError("a retry loop ends by returning or raising")

    @contextmanager
    def stream(self, request: Request, *, dpop: DpopProver | None = None) -> Iterator[httpx2.Response]:
        """Open one call whose answer is read as it arrives. Not retried: the caller knows where it got to.

        Raises:
            ApiError, NetworkError, ProtocolError: as `send`, also while the answer is being read.
        """
        with _network_errors(), self._open_with_nonce(request, dpop) as response:
            yield response

    def retrying(self, *, repeatable: bool) -> Iterator[stamina.Attempt]:
        """Yield attempts at something, with pauses between them, until one does not raise.

        for attempt in http.retrying(repeatable=True):
            with attempt:
                ...
        """

        def pause_after(error: Exception) -> bool | float:
            return _pause_after(error, repeatable=repeatable)

        return iter(stamina.retry_context(on=pause_after, attempts=self._attempts, timeout=_TOTAL_SECONDS))

    def _once_with_nonce(self, request: Callable[[], Request], dpop: DpopProver | None, max_bytes: int) -> Answer:
        with _network_errors():
            try:
                return self._once(request(), dpop, max_bytes)
            except ApiError as error:
                if not _wants_nonce(error, dpop):
                    raise
            # The server asked for the nonce before it began anything (RFC 9449 §8), so this is no repetition.
            return self._once(request(), dpop, max_bytes)

    def _once(self, request: Request, dpop: DpopProver | None, max_bytes: int) -> Answer:
        with self._open(request, dpop) as response:
            body = _read(response, max_bytes)
            return Answer(response.status_code, _lower(response.headers), body)

    @contextmanager
    def _open_with_nonce(self, request: Request, dpop: DpopProver | None) -> Iterator[httpx2.Response]:
        with ExitStack() as stack:
            try:
                response = stack.enter_context(self._open(request, dpop))
            except ApiError as error:
                if not _wants_nonce(error, dpop):
                    raise
                response = stack.enter_context(self._open(request, dpop))
            yield response

    @contextmanager
    def _open(self, request: Request, dpop: DpopProver | None) -> Iterator[httpx2.Response]:
        with closing(self._client.send(self._prepare(request, dpop), stream=True)) as response:
            headers = _lower(response.headers)
            if dpop is not None:
                dpop.remember_nonce(headers.get("dpop-nonce"))
            if response.status_code >= 400:
                raise self._problem(response, headers)
            if response.status_code >= 300 and response.status_code not in {_NOT_MODIFIED, request.expected_redirect}:
                raise ProtocolError(f"answer: a redirect ({response.status_code}) is not followed")
            yield response

    def _problem(self, response: httpx2.Response, headers: Mapping[str, str]) -> ApiError:
        error = error_from(response.status_code, headers, _head(response, MAX_PROBLEM_BYTES), self.clock())
        if _NONCE_WANTED in headers.get("www-authenticate", ""):
            # A resource server says it in a header only (RFC 9449 §9).
            return type(error)(replace(error.problem, code=_NONCE_WANTED))
        return error

    def _prepare(self, request: Request, dpop: DpopProver | None) -> httpx2.Request:
        target = self.url(request.path)
        headers = dict(request.headers)
        if request.access_token is not None:
            headers["Authorization"] = f"DPoP {request.access_token}"
        if dpop is not None:
            headers["DPoP"] = dpop.proof(request.method, target.partition("?")[0], request.access_token)
        return self._client.build_request(
            request.method,
            f"{target}?{urlencode(request.params)}" if request.params else target,
            headers=headers,
            json=request.json,
            data=request.form,
            content=request.content,
        )


def require_safe(base_url: str) -> None:
    """Refuse a URL that would carry tokens in clear text over a network; ConfigurationError says why."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment:
        raise ConfigurationError("base_url: an https URL without query is expected")
    if parts.scheme == "http" and not is_this_machine(base_url):
        raise ConfigurationError("base_url: http is only for this machine itself; use https")


def is_this_machine(url: str) -> bool:
    """Whether a URL leads to the machine that the SDK runs on."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _wants_nonce(error: ApiError, dpop: DpopProver | None) -> bool:
    return dpop is not None and error.code == _NONCE_WANTED and error.problem.status in {400, 401}


def _pause_after(error: Exception, *, repeatable: bool) -> bool | float:
    """Whether to try again, and after how many seconds when the server named them."""
    if isinstance(error, NetworkError):
        return repeatable or not error.fields["sent"]
    if not isinstance(error, ApiError):
        return False
    wanted = error.problem.retry_after
    in_flight = isinstance(error, ConflictError) and wanted is not None
    says_later = isinstance(error, OverloadedError) or in_flight
    gateway_failed = repeatable and error.problem.status in _GATEWAY_FAILURES
    if not (says_later or gateway_failed):
        return False
    if wanted is None:
        return True
    return wanted if wanted <= LONGEST_PAUSE else False


@contextmanager
def _network_errors() -> Iterator[None]:
    try:
        yield
    except _NEVER_SENT as error:
        raise NetworkError(f"network: no connection ({type(error).__name__})", sent=False) from error
    except httpx2.TimeoutException as error:
        raise NetworkError(f"network: no answer in time ({type(error).__name__})", sent=True) from error
    except httpx2.TransportError as error:
        raise NetworkError(f"network: the connection broke ({type(error).__name__})", sent=True) from error


def _read(response: httpx2.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise ProtocolError(f"answer: longer than {max_bytes} bytes", limit=max_bytes)
    return bytes(body)


def _head(response: httpx2.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) >= max_bytes:
            break
    return bytes(body[:max_bytes])


def _lower(headers: httpx2.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
