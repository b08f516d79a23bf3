"""Every route of citizens against another wallet's things: foreign and missing look the same, and nothing changes."""

import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

HONG, AN = "001199000017", "079085000018"
MISSING = {"device_id": "dev_00000000000000000000000000000000", "document_id": "doc_00000000000000000000000000000000"}

# Routes that name an object, and a body that would be good for one's own.
BY_OBJECT: dict[tuple[str, str], dict[str, Any] | None] = {
    ("DELETE", "/wallet/v1/devices/{device_id}"): None,
    ("GET", "/wallet/v1/documents/{document_id}"): None,
    ("POST", "/wallet/v1/documents/{document_id}/confirm"): {},
    ("POST", "/wallet/v1/documents/{document_id}/decline"): {"reason": "Không phải của tôi"},
}
LISTS = {
    ("GET", "/wallet/v1/changes"),
    ("GET", "/wallet/v1/credential-offers"),
    ("GET", "/wallet/v1/devices"),
    ("GET", "/wallet/v1/documents"),
    ("GET", "/wallet/v1/holder-keys"),
    ("GET", "/wallet/v1/inbox"),
    ("GET", "/wallet/v1/refusal-reports"),
}
# These name no object; what they do with another's things is tested in the files named here.
ELSEWHERE = {
    ("POST", "/wallet/v1/credential-offers/{document_id}"): "test_credential_offers.py",
    ("GET", "/wallet/v1/events"): "test_events.py",
    ("POST", "/wallet/v1/nonces"): "test_holder_keys.py",
    ("POST", "/wallet/v1/holder-keys"): "test_holder_keys.py",
    ("POST", "/wallet/v1/enrolments"): "test_enrolment.py",
    ("POST", "/wallet/v1/sessions"): "test_sessions.py",
    ("POST", "/wallet/v1/refusal-reports"): "test_refusal_reports.py",
}
WITHOUT_TOKEN = {("POST", "/wallet/v1/enrolments"), ("POST", "/wallet/v1/sessions")}


def citizen_routes(app: Litestar) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith("/wallet/"):
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
            found |= {(method, path) for method in route.methods - {"OPTIONS"}}
    return found


async def test_no_route_is_forgotten(app) -> None:
    assert citizen_routes(app) == set(BY_OBJECT) | LISTS | set(ELSEWHERE)


@pytest.fixture
async def things_of_an(an, offer) -> dict[str, str]:
    return {"device_id": an.device_id, "document_id": await offer(AN)}


async def everything(phone) -> list[Any]:
    lists = [await phone.get(path) for _, path in sorted(LISTS)]
    return [*lists, await phone.get("/wallet/v1/documents?state=confirmed&state=declined")]


@pytest.mark.parametrize(("method", "path"), BY_OBJECT)
async def test_a_foreign_thing_is_a_missing_thing(
    hong, an, things_of_an: dict[str, str], method: str, path: str
) -> None:
    before = await everything(an)
    body = BY_OBJECT[method, path]
    foreign = await hong.call(method, path.format(**things_of_an), body)
    missing = await hong.call(method, path.format(**MISSING), body)
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert {**foreign.json(), "instance": ""} == {**missing.json(), "instance": ""}
    assert foreign.json()["code"] == "not_found"
    assert await everything(an) == before


@pytest.mark.parametrize(("method", "path"), BY_OBJECT)
async def test_ones_own_thing_is_there(an, things_of_an: dict[str, str], method: str, path: str) -> None:
    answer = await an.call(method, path.format(**things_of_an), BY_OBJECT[method, path])
    assert answer.status_code in {200, 204}


@pytest.mark.parametrize(("_method", "path"), sorted(LISTS))
async def test_lists_hold_nothing_of_others(hong, an, things_of_an: dict[str, str], _method: str, path: str) -> None:
    answer = await hong.call("GET", path)
    foreign = [an.wallet_id, *things_of_an.values(), *(key.public_key.thumbprint for key in an.holder_keys)]
    assert not [each for each in foreign if each in answer.text]


async def test_nothing_is_answered_without_a_token(http, app, things_of_an: dict[str, str]) -> None:
    for method, path in sorted(citizen_routes(app) - WITHOUT_TOKEN):
        answer = await http.request(method, path.format(**things_of_an), json={"reason": "x", "proofs": ["x"]})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token"), path
