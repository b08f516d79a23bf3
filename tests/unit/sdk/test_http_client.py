"""The HTTP layer: what is retried, what is not, how problems become errors, where tokens may go."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest
import stamina

from giayto_crypto import b64url, jws
from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import PROOF_TYPE, DpopProver
from giayto_sdk._http.messages import Request
from giayto_sdk.errors import (
    ApiError,
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    NetworkError,
    NotFoundError,
    OverloadedError,
    ProtocolError,
    RefusedError,
    ServerError,
    UnauthorizedError,
)

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
Handler = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def client(handler: Handler, base_url: str = "https://wallet.example") -> HttpClient:
    return HttpClient(base_url, clock=lambda: NOW, transport=httpx2.MockTransport(handler))


class Scripted:
    """Answers with the given responses in turn, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def problem(status: int, code: str, **headers: str) -> httpx2.Response:
    body = {"code": code, "detail": "why", "message_vi": "vì sao", "message_en": "why"}
    return httpx2.Response(status, json=body, headers=headers)


def ok() -> httpx2.Response:
    return httpx2.Response(200, json={"fine": True})


def get() -> Request:
    return Request("GET", "/things", params={"cursor": "a b"})


def post() -> Request:
    return Request("POST", "/things", json={"name": "Đỗ Thị Ngọc"})


def test_an_answer_is_read_whole() -> None:
    script = Scripted(ok())
    answer = client(script).send(get, repeatable=True)
    assert answer.json() == {"fine": True}
    assert str(script.requests[0].url) == "https://wallet.example/things?cursor=a+b"
    assert script.requests[0].headers["user-agent"].startswith("giayto-sdk/")


@pytest.mark.parametrize("status", [502, 503, 504, 429])
def test_a_repeatable_call_is_tried_again_after_a_passing_failure(status: int) -> None:
    script = Scripted(problem(status, "busy"), problem(status, "busy"), ok())
    assert client(script).send(post, repeatable=True).status == 200
    assert len(script.requests) == 3


def test_a_lost_answer_is_asked_for_again_only_when_that_is_harmless() -> None:
    lost = httpx2.ReadTimeout("too slow")
    assert client(Scripted(lost, ok())).send(post, repeatable=True).status == 200
    script = Scripted(lost, ok())
    with pytest.raises(NetworkError):
        client(script).send(post, repeatable=False)
    assert len(script.requests) == 1


def test_what_never_reached_the_server_is_always_sent_again() -> None:
    script = Scripted(httpx2.ConnectError("refused"), ok())
    assert client(script).send(post, repeatable=False).status == 200


def test_a_gateway_failure_is_not_repeated_when_it_might_do_harm() -> None:
    script = Scripted(problem(504, "late"), ok())
    with pytest.raises(ServerError):
        client(script).send(post, repeatable=False)
    assert len(script.requests) == 1


def test_attempts_end_with_the_last_error() -> None:
    script = Scripted(problem(503, "overloaded"))
    with pytest.raises(OverloadedError):
        client(script).send(get, repeatable=True)
    assert len(script.requests) == 3


def test_a_longer_pause_than_bearable_is_reported_instead_of_waited_for() -> None:
    script = Scripted(problem(503, "closed_for_the_night", **{"Retry-After": "3600"}), ok())
    with pytest.raises(OverloadedError) as caught:
        client(script).send(get, repeatable=True)
    assert caught.value.problem.retry_after == 3600
    assert len(script.requests) == 1


def test_the_pause_that_the_server_names_is_the_one_that_is_made() -> None:
    pauses: list[float] = []

    def note(details: stamina.instrumentation.RetryDetails) -> None:
        pauses.append(details.wait_for)

    stamina.instrumentation.set_on_retry_hooks([note])
    try:
        # Outside the testing mode: the pause is really made, so it is a short one.
        with stamina.set_testing(False):
            script = Scripted(problem(503, "overloaded", **{"Retry-After": "0"}), ok())
            client(script).send(get, repeatable=True)
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    assert pauses == [0.0]


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(NOW + timedelta(minutes=7), usegmt=True)
    with pytest.raises(OverloadedError) as caught:
        client(Scripted(problem(429, "quota", **{"Retry-After": later}))).send(get, repeatable=True)
    assert caught.value.problem.retry_after == 420


def test_a_conflict_is_tried_again_only_when_the_server_says_later() -> None:
    script = Scripted(problem(409, "in_flight", **{"Retry-After": "1"}), ok())
    assert client(script).send(post, repeatable=True).status == 200
    script = Scripted(problem(409, "already_revoked"), ok())
    with pytest.raises(ConflictError):
        client(script).send(post, repeatable=True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RefusedError),
        (401, UnauthorizedError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, RefusedError),
        (500, ServerError),
    ],
)
def test_each_kind_of_problem_has_its_error(status: int, kind: type[ApiError]) -> None:
    with pytest.raises(kind) as caught:
        client(Scripted(problem(status, "some_code", **{"X-Request-Id": "r-1"}))).send(get, repeatable=True)
    error = caught.value
    assert (error.code, error.detail, error.message_vi) == ("some_code", "why", "vì sao")
    assert error.request_id == "r-1"
    assert "r-1" in str(error)


def test_an_oauth_error_is_read_too() -> None:
    body = {"error": "invalid_client", "error_description": "unknown key"}
    with pytest.raises(UnauthorizedError) as caught:
        client(Scripted(httpx2.Response(401, json=body))).send(post, repeatable=True)
    assert (caught.value.code, caught.value.detail) == ("invalid_client", "unknown key")


def test_a_page_of_a_proxy_is_a_server_error() -> None:
    page = httpx2.Response(500, text="<html>" + "x" * 200_000)
    with pytest.raises(ServerError) as caught:
        client(Scripted(page)).send(get, repeatable=True)
    assert caught.value.code == "server_error"
    assert "html" not in str(caught.value)


def test_a_redirect_is_not_followed() -> None:
    elsewhere = httpx2.Response(302, headers={"Location": "https://evil.example/"})
    script = Scripted(elsewhere)
    with pytest.raises(ProtocolError):
        client(script).send(get, repeatable=True)
    assert len(script.requests) == 1


def test_an_endless_answer_is_cut_off() -> None:
    with pytest.raises(ProtocolError):
        client(Scripted(httpx2.Response(200, content=b"x" * 5_000))).send(get, repeatable=True, max_bytes=4_999)


def test_an_answer_that_is_no_json_object_is_not_understood() -> None:
    for body in (b"[]", b'{"a":1,"a":2}', b"\xff", b""):
        answer = client(Scripted(httpx2.Response(200, content=body))).send(get, repeatable=True)
        with pytest.raises(ProtocolError):
            answer.json()


@pytest.mark.parametrize(
    "url", ["http://wallet.example", "http://10.0.0.7:8000", "ftp://x", "wallet.example", "https://x/?a=1"]
)
def test_a_token_is_never_sent_in_clear_over_a_network(url: str) -> None:
    with pytest.raises(ConfigurationError):
        HttpClient(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:8"])
def test_this_machine_itself_may_be_spoken_to_in_clear(url: str) -> None:
    HttpClient(url).close()


def test_a_link_to_another_origin_is_not_followed() -> None:
    with pytest.raises(ProtocolError):
        client(Scripted(ok())).send(lambda: Request("GET", "https://evil.example/x"), repeatable=True)


def read_proof(request: httpx2.Request) -> dict[str, object]:
    parsed = jws.parse(request.headers["dpop"], typ=PROOF_TYPE)
    return parsed.verify(PublicKey.from_jwk(parsed.header["jwk"]))


def test_the_server_nonce_is_used_once_asked_for_and_from_then_on() -> None:
    asks = problem(400, "use_dpop_nonce", **{"DPoP-Nonce": "n-1"})
    script = Scripted(asks, ok(), httpx2.Response(200, json={}, headers={"DPoP-Nonce": "n-2"}), ok())
    http, dpop = client(script), DpopProver(LocalSigner.generate(), lambda: NOW)
    for _ in range(3):
        http.send(post, repeatable=False, dpop=dpop)
    proofs = [read_proof(request) for request in script.requests]
    assert [proof.get("nonce") for proof in proofs] == [None, "n-1", "n-1", "n-2"]
    assert len({str(proof["jti"]) for proof in proofs}) == 4


def test_the_nonce_demand_of_a_resource_server_is_in_its_header() -> None:
    asks = httpx2.Response(401, headers={"WWW-Authenticate": 'DPoP error="use_dpop_nonce"', "DPoP-Nonce": "n-1"})
    script = Scripted(asks, ok())
    assert client(script).send(post, repeatable=False, dpop=DpopProver(LocalSigner.generate(), lambda: NOW)).json() == {
        "fine": True
    }


def test_a_server_that_always_wants_another_nonce_is_given_up() -> None:
    script = Scripted(problem(400, "use_dpop_nonce", **{"DPoP-Nonce": "n"}))
    with pytest.raises(RefusedError):
        client(script).send(post, repeatable=False, dpop=DpopProver(LocalSigner.generate(), lambda: NOW))
    assert len(script.requests) == 2


def test_a_proof_names_method_target_time_and_token() -> None:
    script = Scripted(ok())
    dpop = DpopProver(LocalSigner.generate(), lambda: NOW)
    client(script).send(lambda: get().with_token("abc"), repeatable=True, dpop=dpop)
    proof = read_proof(script.requests[0])
    assert proof["htm"] == "GET"
    assert proof["htu"] == "https://wallet.example/things"
    assert proof["iat"] == int(NOW.timestamp())
    # SHA-256 of "abc" (FIPS 180-2, appendix B.1).
    digest = bytes.fromhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    assert proof["ath"] == b64url.encode(digest)
    assert script.requests[0].headers["authorization"] == "DPoP abc"


def test_text_travels_as_utf8_json() -> None:
    script = Scripted(ok())
    client(script).send(post, repeatable=True)
    assert json.loads(script.requests[0].content) == {"name": "Đỗ Thị Ngọc"}


def test_a_stream_that_breaks_off_is_a_network_error() -> None:
    class Broken(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b'{"row":1}\n'
            raise httpx2.RemoteProtocolError("cut off")

    http = client(Scripted(httpx2.Response(200, stream=Broken())))
    with pytest.raises(NetworkError), http.stream(get()) as response:
        list(response.iter_lines())


def test_nothing_secret_is_in_the_text_of_a_request() -> None:
    assert "abc" not in repr(get().with_token("abc"))
