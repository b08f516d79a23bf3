"""Access tokens: fetched once, renewed in time, asked for again when the server has forgotten them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx2
import pytest
import stamina

from giayto_crypto.jwt_claims import verify_claims
from giayto_crypto.keys import LocalSigner
from giayto_sdk._http.authorised import AccessToken, AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._http.messages import Answer, Request
from giayto_sdk._issuing.client_assertion import ASSERTION_TYPE, ClientCredentials
from giayto_sdk.errors import ProtocolError, UnauthorizedError

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BASE = "https://wallet.example"


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


class Backend:
    """An API whose tokens a test can make worthless."""

    def __init__(self) -> None:
        self.now = START
        self.issued = 0
        self.good = ""
        self.requests: list[httpx2.Request] = []

    def clock(self) -> datetime:
        return self.now

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if request.headers.get("authorization") != f"DPoP {self.good}":
            return httpx2.Response(401, json={"code": "invalid_token"})
        return httpx2.Response(200, json={"fine": True})

    def fetch(self) -> AccessToken:
        self.issued += 1
        self.good = f"token-{self.issued}"
        return AccessToken(self.good, self.now + timedelta(minutes=5))

    def client(self) -> AuthorisedClient:
        http = HttpClient(BASE, clock=self.clock, transport=httpx2.MockTransport(self))
        return AuthorisedClient(http, DpopProver(LocalSigner.generate(), self.clock), self.fetch)


def test_a_token_is_used_until_shortly_before_its_end() -> None:
    backend = Backend()
    client = backend.client()
    for _ in range(3):
        client.get("/things")
    assert backend.issued == 1
    backend.now += timedelta(minutes=4, seconds=29)
    client.get("/things")
    assert backend.issued == 1
    backend.now += timedelta(seconds=1)
    client.get("/things")
    assert backend.issued == 2


def test_a_token_that_the_server_has_forgotten_is_fetched_anew_once() -> None:
    backend = Backend()
    client = backend.client()
    client.get("/things")
    backend.good = "another"
    client.get("/things")
    assert backend.issued == 2
    backend.good = "another"
    with client.stream(Request("POST", "/bulk", content=b"{}")) as response:
        assert response.status_code == 200
    assert backend.issued == 3


def test_a_server_that_accepts_no_token_is_given_up() -> None:
    backend = Backend()

    def refuse(request: httpx2.Request) -> httpx2.Response:
        backend.requests.append(request)
        return httpx2.Response(401, json={"code": "invalid_token"})

    http = HttpClient(BASE, clock=backend.clock, transport=httpx2.MockTransport(refuse))
    client = AuthorisedClient(http, DpopProver(LocalSigner.generate(), backend.clock), backend.fetch)
    with pytest.raises(UnauthorizedError):
        client.get("/things")
    assert len(backend.requests) == 2


def test_a_change_carries_one_idempotency_key_through_all_its_attempts() -> None:
    backend = Backend()
    failures = [httpx2.Response(503), httpx2.Response(503)]

    def flaky(request: httpx2.Request) -> httpx2.Response:
        answer = backend(request)
        return failures.pop() if failures else answer

    http = HttpClient(BASE, clock=backend.clock, transport=httpx2.MockTransport(flaky))
    client = AuthorisedClient(http, DpopProver(LocalSigner.generate(), backend.clock), backend.fetch)
    client.post("/things/1/revoke", {"reason": "x"})
    client.post("/things/2/revoke", {"reason": "x"})
    keys = [request.headers["idempotency-key"] for request in backend.requests]
    assert len(keys) == 4
    assert keys[0] == keys[1] == keys[2] != keys[3]
    client.post("/lookup", {}, repeatable=True)
    assert "idempotency-key" not in backend.requests[-1].headers


@pytest.mark.parametrize(
    "body",
    [
        b'{"access_token":"t","token_type":"Bearer","expires_in":300}',
        b'{"access_token":"t","token_type":"DPoP"}',
        b'{"token_type":"DPoP","expires_in":300}',
        b'{"access_token":"t","token_type":"DPoP","expires_in":"300"}',
    ],
)
def test_a_token_that_is_not_bound_to_our_key_is_not_used(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        AccessToken.from_answer(Answer(200, {}, body), START)


def test_no_token_is_in_its_text() -> None:
    assert "secret" not in repr(AccessToken("secret", START))


def test_each_attempt_at_a_token_has_an_assertion_of_its_own() -> None:
    forms: list[dict[str, str]] = []

    def endpoint(request: httpx2.Request) -> httpx2.Response:
        forms.append(dict(parse_qsl(request.content.decode())))
        if len(forms) == 1:
            return httpx2.Response(400, json={"error": "use_dpop_nonce"}, headers={"DPoP-Nonce": "n"})
        if len(forms) == 2:
            return httpx2.Response(503)
        return httpx2.Response(200, json={"access_token": "t", "token_type": "DPoP", "expires_in": 300})

    signer = LocalSigner.generate()
    http = HttpClient(BASE, clock=lambda: START, transport=httpx2.MockTransport(endpoint))
    dpop = DpopProver(LocalSigner.generate(), lambda: START)
    token = ClientCredentials(http, dpop, client_id="G18:main", signer=signer, scope="issuer").fetch_token()
    assert token.expires_at == START + timedelta(minutes=5)
    identifiers = set()
    for form in forms:
        assert form["grant_type"] == "client_credentials"
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assert form["scope"] == "issuer"
        claims = verify_claims(
            form["client_assertion"],
            typ=ASSERTION_TYPE,
            key=signer.public_key,
            issuer="G18:main",
            audience=BASE,
            now=START,
            max_age=timedelta(minutes=2),
            required=("iss", "sub", "aud", "jti", "iat", "exp"),
        )
        assert claims["sub"] == "G18:main"
        identifiers.add(claims["jti"])
    assert len(identifiers) == 3
