"""Quotas in the shared store; bodies that are too large or too slow; room for what is urgent."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from giayto_wallet_api.limits.admission import SHARES
from giayto_wallet_api.limits.middleware import AdmissionMiddleware
from giayto_wallet_api.limits.priorities import Priority
from giayto_wallet_api.limits.quotas import AgencyLimits, set_limits

pytestmark = pytest.mark.both_databases
LOOKUP = "/issuer/v1/holder-keys/lookup"
TRUST_LIST = "/public/v1/trust-list"


async def limit(runtime, agency, **limits: int) -> None:
    async with runtime.database.transaction() as tx:
        await set_limits(tx, agency.agency_id, AgencyLimits(**limits), runtime.clock())


async def ask(agency):
    return await agency.call("POST", LOOKUP, json=agency.no_questions())


async def test_an_agency_asks_so_often_a_minute_and_no_other_is_held_up(health, police, runtime, clock) -> None:
    await limit(runtime, health, requests_per_minute=3)
    assert [(await ask(health)).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = await ask(health)
    assert refused.json()["code"] == "too_many_requests"
    assert 0 < int(refused.headers["retry-after"]) <= 61
    body = {"document_type": "urn:giayto:type:criminal-record-1:1", "subjects": []}
    assert (await police.call("POST", LOOKUP, json=body)).status_code == 200
    clock.advance(minutes=1)
    assert (await ask(health)).status_code == 200


async def test_a_proof_that_was_refused_for_its_number_is_not_used_up(health, runtime, clock) -> None:
    await limit(runtime, health, requests_per_minute=1)
    clock.advance(seconds=50)
    await ask(health)
    token = await health.token()
    headers = {
        "authorization": f"DPoP {token}",
        "dpop": health.proof("POST", LOOKUP, access_token=token),
    }
    for status in (429, 200):
        response = await health.http.post(LOOKUP, json=health.no_questions(), headers=headers)
        assert response.status_code == status
        clock.advance(seconds=10)


async def test_an_agency_pushes_so_many_rows_a_day(desk, an, runtime, clock) -> None:
    await limit(runtime, desk.agency, rows_per_day=2)
    rows = [await desk.row(an, f"row-{number}") for number in range(4)]
    assert (await desk.push(rows[0])).status_code == 201
    assert (await desk.push(rows[1])).status_code == 201
    assert (await desk.push(rows[2])).status_code == 429
    refused = await desk.push_stream(rows)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 3600
    clock.advance(days=1)
    desk.agency.access_token = None
    assert (await desk.push(await desk.row(an, "row-5"))).status_code == 201


async def test_a_stream_ends_where_the_day_ends_and_answers_no_row_that_was_not_looked_at(desk, an, runtime) -> None:
    await limit(runtime, desk.agency, rows_per_day=3)
    rows = [await desk.row(an, f"row-{number}") for number in range(4)]
    assert (await desk.push(rows[0])).status_code == 201
    answer = await desk.push_stream(rows)
    assert (answer.status_code, answer.text) == (200, "")


async def test_a_body_that_is_announced_too_large_is_refused_before_it_is_read(health, http) -> None:
    async def body():
        yield b"{"
        raise AssertionError("it was read on")

    response = await http.post(LOOKUP, content=body(), headers={"content-length": str(2**40)})
    assert (response.status_code, response.json()["code"]) == (413, "request_too_large")


async def test_a_slow_body_is_given_up_and_takes_no_place(app, http, monkeypatch) -> None:
    monkeypatch.setattr(middleware_of(app), "_body_seconds", 0.05)

    async def body():
        yield b"{"
        await asyncio.sleep(5)

    response = await http.post(LOOKUP, content=body())
    assert (response.status_code, response.json()["code"]) == (408, "body_too_slow")
    assert not any(middleware_of(app)._admission._running.values())


async def test_when_bulk_takes_all_it_may_statuses_are_still_read(desk, an, app, http, monkeypatch) -> None:
    admission = middleware_of(app)._admission
    patient = {priority: replace(share, patience=60) for priority, share in SHARES.items()}
    monkeypatch.setattr(admission, "_shares", patient)
    async with AsyncExitStack() as stack:
        for _ in range(SHARES[Priority.BULK].running):
            await stack.enter_async_context(admission.admitted(Priority.BULK))
        waiting = [asyncio.create_task(ask(desk.agency)) for _ in range(SHARES[Priority.BULK].waiting)]
        while len(admission._lines[Priority.BULK]) < len(waiting):  # noqa: ASYNC110 - nobody tells when it is full
            await asyncio.sleep(0.01)
        refused = await desk.agency.http.post("/issuer/v1/documents/bulk", content=b"")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json()["code"] == "overloaded"
        assert (await http.get(TRUST_LIST)).status_code == 200
    assert {(await each).status_code for each in waiting} == {200}


def middleware_of(app) -> AdmissionMiddleware:
    (found,) = (each for each in app.middleware if isinstance(each, AdmissionMiddleware))
    return found
