"""Logging in: code flow with PKCE, and no answer is taken that belongs to another login."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import pytest
import stamina

from giayto_crypto import b64url
from giayto_sdk._http.client import HttpClient
from giayto_sdk._wallet.authentication import SandboxAuthenticator
from giayto_sdk._wallet.login import Login, LoginAttempt
from giayto_sdk.errors import ApiError, LoginError, ProtocolError

ISSUER = "https://login.example/idp"
REDIRECT = "http://127.0.0.1:5000/callback"


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


class Provider:
    """An OpenID provider that checks what it gets."""

    def __init__(self, **metadata: str) -> None:
        self.metadata = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
        } | metadata
        self.login: Mapping[str, str] = {}
        self.token_request: Mapping[str, str] = {}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        match request.url.path:
            case "/idp/.well-known/openid-configuration":
                return httpx2.Response(200, json=self.metadata)
            case "/idp/authorize":
                self.login = dict(parse_qsl(request.content.decode()))
                answer = urlencode({"code": "c-1", "state": self.login["state"]})
                return httpx2.Response(303, headers={"Location": f"{self.login['redirect_uri']}?{answer}"})
            case "/idp/token":
                self.token_request = dict(parse_qsl(request.content.decode()))
                return httpx2.Response(200, json={"id_token": "a.b.c", "access_token": "x", "token_type": "Bearer"})
        raise AssertionError(request.url.path)


def client(provider: Provider) -> HttpClient:
    return HttpClient(ISSUER, transport=httpx2.MockTransport(provider))


def begin(provider: Provider) -> tuple[Login, LoginAttempt]:
    login = Login(client(provider), "giayto-wallet")
    return login, login.begin(REDIRECT, nonce="thumbprint")


def callback(attempt: LoginAttempt, **parameters: str) -> str:
    return f"{REDIRECT}?{urlencode({'code': 'c-1', 'state': attempt.state} | parameters)}"


def test_the_citizen_is_sent_to_a_complete_request() -> None:
    _, attempt = begin(Provider())
    assert attempt.url.startswith(f"{ISSUER}/authorize?")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(attempt.url).query).items()}
    challenge = b64url.encode(sha256(attempt.code_verifier.encode()).digest())
    assert asked == {
        "response_type": "code",
        "client_id": "giayto-wallet",
        "redirect_uri": REDIRECT,
        "scope": "openid",
        "state": attempt.state,
        "nonce": "thumbprint",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


def test_state_and_verifier_are_fresh_and_long() -> None:
    provider = Provider()
    attempts = [begin(provider)[1] for _ in range(10)]
    assert len({attempt.state for attempt in attempts} | {attempt.code_verifier for attempt in attempts}) == 20
    assert all(len(attempt.code_verifier) >= 43 for attempt in attempts)


def test_the_code_is_exchanged_with_its_verifier() -> None:
    provider = Provider()
    login, attempt = begin(provider)
    assert login.finish(attempt, callback(attempt)) == "a.b.c"
    assert provider.token_request == {
        "grant_type": "authorization_code",
        "code": "c-1",
        "redirect_uri": REDIRECT,
        "client_id": "giayto-wallet",
        "code_verifier": attempt.code_verifier,
    }


@pytest.mark.parametrize(
    "answer",
    [
        lambda attempt: callback(attempt, state="another"),
        lambda attempt: f"{REDIRECT}?code=c-1",
        lambda attempt: f"{REDIRECT}?state={attempt.state}",
        lambda attempt: callback(attempt, error="access_denied"),
        lambda attempt: callback(attempt) + "&code=c-2",
        lambda attempt: callback(attempt) + f"&state={attempt.state}",
        lambda attempt: callback(attempt).replace("/callback", "/other"),
        lambda attempt: callback(attempt).replace(":5000", ":5001"),
    ],
    ids=["other-state", "no-state", "no-code", "error", "two-codes", "two-states", "other-path", "other-port"],
)
def test_an_answer_that_does_not_fit_is_refused_before_anything_is_sent(answer) -> None:  # type: ignore[no-untyped-def]
    provider = Provider()
    login, attempt = begin(provider)
    with pytest.raises(LoginError):
        login.finish(attempt, answer(attempt))
    assert not provider.token_request


def test_metadata_of_another_issuer_is_refused() -> None:
    with pytest.raises(LoginError):
        begin(Provider(issuer="https://login.example"))


def test_endpoints_elsewhere_are_refused() -> None:
    with pytest.raises(ProtocolError):
        begin(Provider(authorization_endpoint="https://evil.example/authorize"))
    provider = Provider(token_endpoint="https://evil.example/token")
    login, attempt = begin(provider)
    with pytest.raises(ProtocolError):
        login.finish(attempt, callback(attempt))


def test_the_sandbox_is_answered_in_the_place_of_its_form() -> None:
    provider = Provider()
    login = Login(client(provider), "giayto-wallet")
    with SandboxAuthenticator(client(provider), "001099000017").ready() as (redirect_uri, answer):
        attempt = login.begin(redirect_uri, nonce="thumbprint")
        assert login.finish(attempt, answer(attempt.url)) == "a.b.c"
    assert provider.login["personal_number"] == "001099000017"
    assert provider.login["nonce"] == "thumbprint"


def test_an_unknown_number_is_an_error_of_the_provider() -> None:
    def refuse(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(422, text="<html>")

    http = HttpClient(ISSUER, transport=httpx2.MockTransport(refuse))
    with SandboxAuthenticator(http, "0").ready() as (_, answer), pytest.raises(ApiError):
        answer(f"{ISSUER}/authorize?state=1")


def test_no_secret_is_in_the_text_of_an_attempt() -> None:
    _, attempt = begin(Provider())
    assert attempt.code_verifier not in repr(attempt)
