"""Citizens log in for a wallet by another maker: PAR, PKCE, consent, `iss`, codes that work once."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from foreign_wallet import VERIFIER, CitizensBrowser, ForeignWallet, pushed
from giayto_crypto.keys import LocalSigner
from giayto_wallet_api.authorization.clients import RedirectUriError, register_wallet_client
from giayto_wallet_api.cli import main
from sample_records import PERSON

BASE_URL = "http://127.0.0.1:8000"
DETAILS = json.dumps([{"type": "openid_credential", "credential_configuration_id": "referral.1"}])


@pytest.fixture
async def browser(app) -> CitizensBrowser:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as client:
        yield CitizensBrowser(client, BASE_URL)


async def push(wallet: ForeignWallet, **changes: Any) -> httpx2.Response:
    return await wallet.http.post("/oauth/par", data=pushed(**changes))


async def code_for(wallet: ForeignWallet, browser: CitizensBrowser, **changes: Any) -> str:
    request_uri = (await push(wallet, **changes)).json()["request_uri"]
    client_id = changes.get("client_id", "giayto-wallet")
    return (await browser.follow(client_id, request_uri, PERSON["number"]))["code"]


def code_form(code: str, **changes: Any) -> dict[str, Any]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": "giayto-wallet",
        "redirect_uri": "http://127.0.0.1:53682/callback",
        "code_verifier": VERIFIER,
        **changes,
    }


async def test_a_citizen_logs_in_and_the_wallet_fetches(depositor, wallet, browser) -> None:
    await depositor.deposit()
    answered = await push(wallet)
    assert (answered.status_code, answered.json()["expires_in"]) == (201, 90)
    told = await browser.follow("giayto-wallet", answered.json()["request_uri"], PERSON["number"])
    assert (told["state"], told["iss"]) == ("a-state", BASE_URL)
    token = await wallet.token(code_form(told["code"]))
    assert token.status_code == 200, token.text
    assert (await wallet.credentials()).status_code == 200


async def test_authorization_details_are_answered_with_identifiers(depositor, wallet, browser) -> None:
    first = await depositor.deposit()
    second = await depositor.deposit(MA_LK="LK-2")
    code = await code_for(wallet, browser, scope=None, authorization_details=DETAILS)
    (detail,) = (await wallet.token(code_form(code))).json()["authorization_details"]
    assert detail["credential_configuration_id"] == "referral.1"
    assert sorted(detail["credential_identifiers"]) == sorted([first, second])
    for identifier in detail["credential_identifiers"]:
        answer = await wallet.credentials(configuration=None, credential_identifier=identifier)
        assert answer.status_code == 200, answer.text
    ambiguous = await wallet.credentials()
    assert ambiguous.json()["error"] == "invalid_credential_request"
    refreshed = (await wallet.refresh()).json()["authorization_details"]
    assert refreshed == [detail]


async def test_several_documents_of_one_type_get_identifiers_by_scope_too(depositor, wallet, browser) -> None:
    await depositor.deposit()
    await depositor.deposit(MA_LK="LK-2")
    token = (await wallet.token(code_form(await code_for(wallet, browser)))).json()
    assert len(token["authorization_details"][0]["credential_identifiers"]) == 2


async def test_the_citizen_may_refuse(depositor, wallet, browser) -> None:
    await depositor.deposit()
    request_uri = (await push(wallet)).json()["request_uri"]
    told = await browser.follow("giayto-wallet", request_uri, PERSON["number"], answer="deny")
    assert told == {"error": "access_denied", "state": "a-state", "iss": BASE_URL}


async def test_where_nothing_waits_nothing_is_asked(depositor, wallet, browser) -> None:
    request_uri = (await push(wallet)).json()["request_uri"]
    told = await browser.follow("giayto-wallet", request_uri, PERSON["number"])
    assert told["error"] == "access_denied"


async def test_the_consent_page_says_who_gets_what_and_runs_no_script(depositor, wallet, browser, runtime) -> None:
    await depositor.deposit()
    async with runtime.database.transaction() as tx:
        await register_wallet_client(
            tx,
            client_id="other",
            name="Ví <b>Khác</b>",
            redirect_uris=["https://wallet.example/cb?x=1"],
            now=runtime.clock(),
        )
    request_uri = (await push(wallet, client_id="other", redirect_uri="https://wallet.example/cb?x=1")).json()[
        "request_uri"
    ]
    begun = await browser.http.get("/oauth/authorize", params={"client_id": "other", "request_uri": request_uri})
    page = await browser.log_in(begun.headers["location"], PERSON["number"])
    assert "Ví &lt;b&gt;Khác&lt;/b&gt;" in page.text
    assert "Phiếu chuyển cơ sở khám bệnh, chữa bệnh" in page.text
    assert "Cơ quan G18" in page.text
    assert "wallet.example" in page.text
    assert "<script" not in page.text
    assert page.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; form-action 'self' https://wallet.example; frame-ancestors 'none'"
    )
    assert PERSON["number"] not in page.text
    answered = await browser.consent(page)
    assert answered.headers["location"].startswith("https://wallet.example/cb?x=1&code=")
    assert (await browser.http.get("/oauth/pages.css")).headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        pytest.param({"client_id": "nobody"}, 401, "invalid_client", id="an unknown wallet"),
        pytest.param({"redirect_uri": "https://evil.example/cb"}, 400, "invalid_request", id="another redirect"),
        pytest.param({"redirect_uri": "http://127.0.0.1:1/other"}, 400, "invalid_request", id="another path"),
        pytest.param({"redirect_uri": "http://192.168.1.1/callback"}, 400, "invalid_request", id="not loopback"),
        pytest.param({"response_type": "token"}, 400, "unsupported_response_type", id="another flow"),
        pytest.param({"code_challenge": None}, 400, "invalid_request", id="no challenge"),
        pytest.param({"code_challenge_method": "plain"}, 400, "invalid_request", id="a plain challenge"),
        pytest.param({"scope": "unknown.1"}, 400, "invalid_scope", id="an unknown scope alone"),
        pytest.param({"scope": None}, 400, "invalid_scope", id="nothing asked for"),
        pytest.param({"request_uri": "urn:x"}, 400, "invalid_request", id="a request_uri pushed"),
        pytest.param({"authorization_details": "{"}, 400, "invalid_authorization_details", id="broken details"),
        pytest.param(
            {"authorization_details": '[{"type":"openid_credential","credential_configuration_id":"x"}]'},
            400,
            "invalid_authorization_details",
            id="details of an unknown configuration",
        ),
        pytest.param({"scope": "openid referral.1", "resource": BASE_URL}, 201, None, id="what is unknown is ignored"),
        pytest.param({"redirect_uri": "http://[::1]:9/callback"}, 201, None, id="another loopback port"),
        pytest.param({"redirect_uri": "vn.giayto.wallet:/callback"}, 201, None, id="the app's own scheme"),
    ],
)
async def test_a_pushed_request_is_checked(wallet, changes, status: int, error: str | None) -> None:
    answer = await push(wallet, **changes)
    assert (answer.status_code, answer.json().get("error")) == (status, error)


async def test_a_request_that_was_not_pushed_is_not_taken(wallet, browser) -> None:
    page = await browser.http.get("/oauth/authorize", params=pushed())
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (400, "text/html")


async def test_a_pushed_request_is_taken_once_in_time_and_by_its_wallet(wallet, browser, clock) -> None:
    async def opened(client_id: str, request_uri: str) -> int:
        parameters = {"client_id": client_id, "request_uri": request_uri}
        return (await browser.http.get("/oauth/authorize", params=parameters)).status_code

    request_uri = (await push(wallet)).json()["request_uri"]
    assert await opened("giayto-wallet", request_uri) == 303
    assert await opened("giayto-wallet", request_uri) == 400
    assert await opened("other", (await push(wallet)).json()["request_uri"]) == 400
    late = (await push(wallet)).json()["request_uri"]
    clock.advance(seconds=90)
    assert await opened("giayto-wallet", late) == 400


async def test_a_login_is_finished_in_the_browser_that_began_it(depositor, wallet, browser, app) -> None:
    await depositor.deposit()
    request_uri = (await push(wallet)).json()["request_uri"]
    parameters = {"client_id": "giayto-wallet", "request_uri": request_uri}
    begun = await browser.http.get("/oauth/authorize", params=parameters)
    cookie = begun.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as other:
        page = await CitizensBrowser(other, BASE_URL).log_in(begun.headers["location"], PERSON["number"])
        assert page.status_code == 400


async def test_consent_is_given_in_the_browser_that_logged_in(depositor, wallet, browser, app) -> None:
    await depositor.deposit()
    request_uri = (await push(wallet)).json()["request_uri"]
    parameters = {"client_id": "giayto-wallet", "request_uri": request_uri}
    begun = await browser.http.get("/oauth/authorize", params=parameters)
    page = await browser.log_in(begun.headers["location"], PERSON["number"])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as other:
        assert (await CitizensBrowser(other, BASE_URL).consent(page)).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"code_verifier": "x" * 43}, id="another verifier"),
        pytest.param({"redirect_uri": "http://127.0.0.1:9/callback"}, id="another redirect"),
        pytest.param({"client_id": "other"}, id="another wallet"),
        pytest.param({"client_id": None}, id="no wallet"),
    ],
)
async def test_a_code_belongs_to_one_request(depositor, wallet, browser, changes) -> None:
    await depositor.deposit()
    code = await code_for(wallet, browser)
    refused = await wallet.token(code_form(code, **changes))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_bound_to_the_key_of_the_pushed_request(depositor, wallet, browser) -> None:
    await depositor.deposit()
    code = await code_for(wallet, browser, dpop_jkt=LocalSigner.generate().public_key.thumbprint)
    assert (await wallet.token(code_form(code))).json()["error"] == "invalid_grant"


async def test_a_code_is_bound_to_the_key_that_proved_itself(depositor, wallet, new_wallet, browser) -> None:
    await depositor.deposit()
    await wallet.refresh("x")  # gets a nonce
    proof = wallet.proof_of_possession("POST", f"{BASE_URL}/oauth/par")
    answered = await wallet.http.post("/oauth/par", data=pushed(), headers={"DPoP": proof})
    code = (await browser.follow("giayto-wallet", answered.json()["request_uri"], PERSON["number"]))["code"]
    thief = await new_wallet()
    assert (await thief.token(code_form(code))).json()["error"] == "invalid_grant"


async def test_a_code_that_comes_again_ends_what_came_of_it(depositor, wallet, browser) -> None:
    await depositor.deposit()
    code = await code_for(wallet, browser)
    assert (await wallet.token(code_form(code))).status_code == 200
    assert (await wallet.token(code_form(code))).json()["error"] == "invalid_grant"
    ended = await wallet.credentials()
    assert (ended.status_code, ended.json()["error"]) == (401, "invalid_token")


@pytest.mark.both_databases
async def test_two_race_for_one_authorization_code(depositor, wallet, browser) -> None:
    await depositor.deposit()
    code = await code_for(wallet, browser)
    await wallet.refresh("x")
    answers = await asyncio.gather(*(wallet.token(code_form(code)) for _ in range(2)))
    assert sorted(each.status_code for each in answers) == [200, 400]


async def test_a_code_expires(depositor, wallet, browser, clock) -> None:
    await depositor.deposit()
    code = await code_for(wallet, browser)
    clock.advance(seconds=60)
    assert (await wallet.token(code_form(code))).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "uri", ["http://wallet.example/cb", "https://wallet.example/cb#x", "javascript:alert(1)", "/cb", "wallet:/cb"]
)
async def test_unsafe_redirect_uris_are_not_registered(runtime, uri: str) -> None:
    with pytest.raises(RedirectUriError):
        async with runtime.database.transaction() as tx:
            await register_wallet_client(tx, client_id="x", name="x", redirect_uris=[uri], now=runtime.clock())


def test_an_operator_registers_a_wallet(tmp_path, database_url, monkeypatch, capsys) -> None:
    monkeypatch.setenv("GIAYTO_BASE_URL", BASE_URL)
    monkeypatch.setenv("GIAYTO_MODE", "sandbox")
    monkeypatch.setenv("GIAYTO_DATABASE_URL", database_url)
    monkeypatch.setenv("GIAYTO_KEYS_FOLDER", str(tmp_path))
    arguments = ["register-wallet", "--client-id", "other", "--name", "Other", "--redirect-uri", "https://w.example/cb"]
    assert main(arguments) == 0
    assert main(arguments) == 1
    assert "already_registered" in capsys.readouterr().err
