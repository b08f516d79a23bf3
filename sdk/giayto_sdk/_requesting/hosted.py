"""`HostedRequests`: ask wallets through the wallet backend, for a verifier that runs no endpoint of its own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, Self

import httpx2
import msgspec

from giayto_crypto.dcql import ClaimPath
from giayto_crypto.keys import LocalSigner
from giayto_sdk._clock import Clock, system_clock
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._http.messages import Request, read_object
from giayto_sdk._issuing.agency_keys import load_signer
from giayto_sdk._issuing.client_assertion import ClientCredentials
from giayto_sdk._wallet.answers import read_answer
from giayto_sdk.config import VerifierConfig, load_verifier_config
from giayto_sdk.errors import NetworkError, RequestNotFoundError, WalletDeclinedError

_SCOPE: Final = "verifier"
_API: Final = "/verifier/v1"
_EVENT_STREAM: Final = "text/event-stream"
_POLL_SECONDS: Final = 2.0


class HostedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that wallets may answer now."""

    request_id: str
    client_id: str
    qr_text: str
    """Draw it as a QR for a wallet on another device."""
    same_device_link: str
    expires_at: datetime


class HostedStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request stands: `pending`, `answered`, `declined`, `cancelled` or `expired`."""

    request_id: str
    state: str
    expires_at: datetime
    fetched_at: datetime | None = None
    wallet_error: str | None = None


@dataclass(frozen=True, slots=True)
class HostedVerdict:
    """The verdict as the backend gives it: the same members as a verdict's `to_json`, for each credential.

    Attributes:
        outcome: `valid`, `invalid` or `unknown`.
        members: all of it, personal data among it.
    """

    outcome: str
    members: Mapping[str, Any] = field(repr=False)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Codes of what keeps the answer from being valid."""
        return tuple(map(str, self.members.get("reasons", ())))

    def claims(self, credential_id: str = "document") -> Mapping[str, Any]:
        """Return what was shown for one credential query; nothing unless the whole answer is valid."""
        if self.outcome != "valid":
            return {}
        found = (each["verdict"]["claims"] for each in self.members["credentials"] if each["id"] == credential_id)
        return next(found, None) or {}

    def receipts(self) -> list[str]:
        """Return the receipts, one for each presentation."""
        return [each["receipt"] for each in self.members["credentials"] if each.get("receipt")]

    def __bool__(self) -> bool:
        raise TypeError("a verdict has three values: compare its outcome, not its truth")


class HostedRequests:
    """Asks, waits, fetches the verdict.

    with HostedRequests.from_file("verifier.toml") as requests:
        asked = requests.ask(document_type=vct, claims=[("full_name",)], purpose="NGAN_HANG")
        draw_qr(asked.qr_text)
        verdict = requests.wait(asked)
    """

    def __init__(
        self, config: VerifierConfig, *, clock: Clock = system_clock, transport: httpx2.BaseTransport | None = None
    ) -> None:
        """Prepare everything; nothing is sent yet.

        Args:
            config: see `giayto_sdk.config`.
            clock: the time of assertions and proofs.
            transport: in place of the network, for tests.
        """
        self._http = HttpClient(config.base_url, clock=clock, transport=transport)
        dpop = DpopProver(LocalSigner.generate(), clock)
        signer = load_signer(config.client_key_file)
        credentials = ClientCredentials(self._http, dpop, client_id=config.verifier_id, signer=signer, scope=_SCOPE)
        self._client = AuthorisedClient(self._http, dpop, credentials.fetch_token)
        self._clock = clock

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read the configuration of a verifier; ConfigurationError says what is wrong with it."""
        return cls(load_verifier_config(Path(path)))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self,
        *,
        purpose: str,
        document_type: str | None = None,
        claims: Iterable[ClaimPath] = (),
        dcql_query: Mapping[str, Any] | None = None,
        transaction: str = "",
        redirect_uri: str | None = None,
        transaction_data: Iterable[Mapping[str, Any]] = (),
        lifetime_seconds: int = 300,
    ) -> HostedRequest:
        """Make a request.

        Args:
            purpose: code of a purpose that the verifier is registered for.
            document_type: `vct`; the claims that it must show are asked for too.
            claims: of that document.
            dcql_query: in place of both: a whole query.
            transaction: the verifier's own name for it; the receipt carries it. No personal data.
            redirect_uri: at one of the verifier's domains; `result` then needs the code that comes with it.
            transaction_data: for the holder to confirm.
            lifetime_seconds: 30 to 900.

        Raises:
            ForbiddenError: over-asking; `code` names the rule.
            GiaytoError: the backend cannot be reached, or refuses it.
        """
        body = {
            "purpose": purpose,
            "document_type": document_type,
            "claims": [list(path) for path in claims],
            "dcql_query": dcql_query,
            "transaction": transaction,
            "redirect_uri": redirect_uri,
            "transaction_data": list(transaction_data),
            "lifetime_seconds": lifetime_seconds,
        }
        return read_answer(self._client.post(f"{_API}/requests", body).json(), HostedRequest)

    def status(self, request_id: str) -> HostedStatus:
        """Return where a request stands; NotFoundError when it is over and erased."""
        return read_answer(self._client.get(f"{_API}/requests/{request_id}").json(), HostedStatus)

    def wait(
        self, asked: HostedRequest, *, on_change: Callable[[HostedStatus], object] = lambda _status: None
    ) -> HostedVerdict:
        """Wait until a wallet has answered, live, and return the verdict.

        Args:
            asked: a request without `redirect_uri`.
            on_change: is told whenever something happened.

        Raises:
            WalletDeclinedError: the holder, or the wallet, said no.
            RequestNotFoundError: it ran out, or was cancelled.
        """
        status = self._settled(asked, on_change)
        if status.state == "declined":
            raise WalletDeclinedError("wallet: it declined", error=status.wallet_error or "other")
        if status.state != "answered":
            raise RequestNotFoundError(f"request: {status.state}")
        return self.result(asked.request_id)

    def result(self, request_id: str, *, response_code: str | None = None) -> HostedVerdict:
        """Fetch the verdict, once: the backend erases it.

        Raises:
            ConflictError: nobody has answered.
            ForbiddenError: the code is missing or wrong.
            RefusedError: it is over, or was fetched before.
        """
        # Not repeated: the first time that reaches the server uses it up.
        members = self._client.post(f"{_API}/requests/{request_id}/result", {"response_code": response_code}).json()
        return HostedVerdict(str(members.get("outcome")), members)

    def cancel(self, request_id: str) -> HostedStatus:
        """Take a request back; one that is settled stays as it is."""
        return read_answer(self._client.post(f"{_API}/requests/{request_id}/cancel", {}).json(), HostedStatus)

    def _settled(self, asked: HostedRequest, on_change: Callable[[HostedStatus], object]) -> HostedStatus:
        deadline = monotonic() + max(0.0, (asked.expires_at - self._clock()).total_seconds()) + 2 * _POLL_SECONDS
        while True:
            status = self._followed(asked.request_id, on_change)
            if status.state != "pending" or monotonic() > deadline:
                return status
            sleep(_POLL_SECONDS)

    def _followed(self, request_id: str, on_change: Callable[[HostedStatus], object]) -> HostedStatus:
        """Follow the live stream to its end; where it breaks, one look is taken instead."""
        request = Request("GET", f"{_API}/requests/{request_id}/events", headers={"Accept": _EVENT_STREAM})
        try:
            with self._client.stream(request) as response:
                for event in httpx2.EventSource(response):
                    if event.data:
                        status = read_answer(read_object(event.data.encode("utf-8")), HostedStatus)
                        on_change(status)
                        if status.state != "pending":
                            return status
        except NetworkError:
            pass
        return self.status(request_id)
