"""The sandbox identity provider: a code for a login, an ID token for a code, once and soon."""

import asyncio
from html.parser import HTMLParser
from typing import Any

import pytest

from giayto_crypto import jws
from giayto_crypto.keys import PublicKey

pytestmark = pytest.mark.both_databases

HONG, COMPANY = "001199000017", "0100109106"
QUERY = {
    "client_id": "giayto-wallet",
    "redirect_uri": "http://127.0.0.1:53682/callback",
    "response_type": "code",
    "scope": "openid",
    "state": "a-state",
    "nonce": "a-nonce",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


class Form(HTMLParser):
    """Reads the hidden fields and the target of the form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes: dict[str, Any] = dict(attrs)
        if tag == "form":
            self.action = attributes["action"]
        if tag == "input" and attributes.get("type") == "hidden":
            self.fields[attributes["name"]] = attributes["value"]


async def test_the_metadata_leads_to_the_keys(http, new_phone) -> None:
    metadata = (await http.get("/sandbox/idp/.well-known/openid-configuration")).json()
    assert metadata["issuer"] == "http://127.0.0.1:8000/sandbox/idp"
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    (key,) = (await http.get(metadata["jwks_uri"])).json()["keys"]
    token = await new_phone().log_in(HONG)
    claims = jws.parse(token, typ="JWT").verify(PublicKey.from_jwk(key))
    assert (claims["iss"], claims["aud"]) == (metadata["issuer"], "giayto-wallet")
    assert claims["personal_number"] == HONG
    assert HONG not in claims["sub"]


async def test_the_form_of_the_page_leads_back_to_the_app(http) -> None:
    page = await http.get("/sandbox/idp/authorize", params=QUERY)
    assert page.status_code == 200
    assert page.headers["content-language"] == "vi"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; ")
    assert "form-action 'self' http://127.0.0.1:53682;" in policy
    assert "unsafe" not in policy
    form = Form(page.text)
    answer = await http.post(form.action, data={**form.fields, "personal_number": HONG})
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("http://127.0.0.1:53682/callback?code=")
    assert "&state=a-state&iss=http%3A%2F%2F127.0.0.1%3A8000%2Fsandbox%2Fidp" in location
    assert (await http.get("/sandbox/idp/login.css")).headers["content-type"].startswith("text/css")


async def test_a_number_is_typed_with_spaces_and_an_organisation_logs_in_too(new_phone) -> None:
    assert (await new_phone().authorize(" 001 199 000 017 ")).status_code == 303
    assert (await new_phone().authorize(COMPANY)).status_code == 303


async def test_an_unknown_number_gets_the_form_again(new_phone) -> None:
    page = await new_phone().authorize("001199999999", ui_locales="en")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert page.headers["content-language"] == "en"
    assert "001199999999" not in page.text


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nobody_is_sent_to_a_stranger(http, method: str) -> None:
    parameters = {**QUERY, "redirect_uri": "https://evil.example/callback", "personal_number": HONG}
    sent = {"params": parameters} if method == "GET" else {"data": parameters}
    answer = await http.request(method, "/sandbox/idp/authorize", **sent)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "evil" not in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_known_app_is_told_by_a_redirect(http, method: str) -> None:
    parameters = {**QUERY, "code_challenge_method": "plain", "personal_number": HONG}
    sent = {"params": parameters} if method == "GET" else {"data": parameters}
    answer = await http.request(method, "/sandbox/idp/authorize", **sent)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/callback?error=invalid_request&state=a-state")


async def test_of_many_who_race_for_a_code_one_wins(new_phone) -> None:
    phone = new_phone()
    code = await phone.code(HONG)
    answers = await asyncio.gather(*(phone.exchange(code) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK"},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:53683/callback"},
    ],
)
async def test_a_stolen_code_is_of_no_use_and_dies(new_phone, changes: dict[str, str]) -> None:
    phone = new_phone()
    code = await phone.code(HONG)
    assert (await phone.exchange(code, **changes)).json() == {"error": "invalid_grant"}
    assert (await phone.exchange(code)).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "somebody"}, "invalid_client"),
        ({"code": "unknown"}, "invalid_grant"),
    ],
)
async def test_a_wrong_token_request_is_named(new_phone, changes: dict[str, str], error: str) -> None:
    phone = new_phone()
    answer = await phone.exchange(await phone.code(HONG), **changes)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 400)])
async def test_a_code_lives_for_a_minute(new_phone, clock, seconds: int, status: int) -> None:
    phone = new_phone()
    code = await phone.code(HONG)
    clock.advance(seconds=seconds)
    assert (await phone.exchange(code)).status_code == status
