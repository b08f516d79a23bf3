"""Every route of agencies and verifiers: closed without a token, and another agency's things are missing things."""

import re
import secrets
from hashlib import sha256
from typing import Any

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

HEALTH_BOOK = "urn:giayto:type:health-book:1"
MISSING = {
    "document_id": "doc_00000000000000000000000000000000",
    "job_id": "job_00000000000000000000000000000000",
    "leaf_sha256": "0" * 64,
}
# Routes that name a document, a job or a certificate, and a body that would be good for one's own.
BY_OBJECT: dict[tuple[str, str], dict[str, Any] | None] = {
    ("GET", "/issuer/v1/documents/{document_id}"): None,
    ("POST", "/issuer/v1/documents/{document_id}/consume"): {},
    ("POST", "/issuer/v1/documents/{document_id}/resume"): {"reason": "x"},
    ("POST", "/issuer/v1/documents/{document_id}/revoke"): {"reason": "x"},
    ("POST", "/issuer/v1/documents/{document_id}/suspend"): {"reason": "x"},
    ("GET", "/issuer/v1/push-jobs/{job_id}"): None,
    ("POST", "/issuer/v1/push-jobs/{job_id}/finish"): {},
    ("POST", "/issuer/v1/push-jobs/{job_id}/revoke"): {"reason": "x"},
    ("GET", "/issuer/v1/push-jobs/{job_id}/rows"): None,
    ("DELETE", "/issuer/v1/hosted-signing/{leaf_sha256}"): None,
}
# What these name is tested beside what makes it.
ELSEWHERE = {
    ("POST", "/issuer/v1/corrections/{ticket_id}/answer"): "test_corrections.py",
    ("GET", "/issuer/v1/deposits/{document_id}"): "test_deposits.py",
    ("POST", "/issuer/v1/deposits/{document_id}/offers"): "test_deposits.py",
    ("POST", "/issuer/v1/deposits/{document_id}/withdraw"): "test_deposits.py",
    ("POST", "/issuer/v1/events/{event_id}/redeliver"): "test_webhooks.py",
    ("POST", "/issuer/v1/push-jobs/{job_id}/rows"): "test_push_jobs.py",
    ("POST", "/issuer/v1/push-jobs/{job_id}/supersede"): "test_push_jobs.py",
    ("POST", "/issuer/v1/signing-requests/{request_id}/retry"): "test_waiting.py",
    ("GET", "/verifier/v1/requests/{request_id}"): "test_hosted_requests.py",
    ("POST", "/verifier/v1/requests/{request_id}/cancel"): "test_hosted_requests.py",
    ("GET", "/verifier/v1/requests/{request_id}/events"): "test_hosted_requests.py",
    ("POST", "/verifier/v1/requests/{request_id}/result"): "test_hosted_requests.py",
}

WITHOUT_TOKEN = {("POST", "/wallet/v1/enrolments"), ("POST", "/wallet/v1/sessions")}


def routes_below(app: Litestar, *beginnings: str) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith(beginnings):
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
            found |= {(method, path) for method in route.methods - {"OPTIONS"}}
    return found


async def test_no_route_that_names_something_is_forgotten(app) -> None:
    naming = {(method, path) for method, path in routes_below(app, "/issuer/", "/verifier/") if "{" in path}
    assert naming == set(BY_OBJECT) | set(ELSEWHERE)


@pytest.fixture
async def things(desk, an) -> dict[str, str]:
    """A document, a job and a certificate of the ministry of health."""
    document = await desk.push(await desk.row(an, "row-1"))
    body = {"job_key": secrets.token_urlsafe(24), "document_type": HEALTH_BOOK}
    job = await desk.agency.call("POST", "/issuer/v1/push-jobs", json=body)
    return {
        "document_id": document.json()["document_id"],
        "job_id": job.json()["job_id"],
        "leaf_sha256": sha256(desk.agency.chain[0]).hexdigest(),
    }


async def test_a_foreign_thing_is_a_missing_thing(desk, things, new_agency) -> None:
    other = await new_agency("H26", (HEALTH_BOOK,))
    for (method, path), body in BY_OBJECT.items():
        body_of_call = {} if body is None else {"json": body}
        foreign = await other.call(method, path.format(**things), **body_of_call)
        missing = await other.call(method, path.format(**MISSING), **body_of_call)
        assert (foreign.status_code, missing.status_code) == (404, 404), (path, foreign.text)
        assert {**foreign.json(), "instance": ""} == {**missing.json(), "instance": ""}, path
    for path in ("/issuer/v1/documents", "/issuer/v1/push-jobs"):
        assert (await other.call("GET", path)).json()["items"] == []
    own = await desk.agency.call("GET", f"/issuer/v1/documents/{things['document_id']}")
    assert own.json()["state"] == "active"


async def test_nothing_is_answered_without_a_token_or_with_that_of_somebody_else(app, http, health) -> None:
    values = {name: "x" for _, path in routes_below(app, "/") for name in re.findall(r"\{(\w+)", path)}
    for method, path in sorted(routes_below(app, "/issuer/", "/verifier/")):
        answer = await http.request(method, path.format(**values), json={})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token"), path
    for method, path in sorted(routes_below(app, "/verifier/", "/wallet/") - WITHOUT_TOKEN):
        answer = await health.call(method, path.format(**values), json={})
        assert answer.status_code in (401, 403), (path, answer.text)
