"""A call that is sent again under its key is answered as the first time, and done once."""

import asyncio

import pytest
from sqlalchemy import func, select, update

from giayto_wallet_api.idempotency.tables import idempotent_requests
from giayto_wallet_api.status.tables import status_reservations

pytestmark = pytest.mark.both_databases
RESERVE = "/issuer/v1/status-indexes"
HEALTH_BOOK = "urn:giayto:type:health-book:1"


async def reserve(agency, key: str, count: int = 2, **arguments):
    body = {"document_type": HEALTH_BOOK, "count": count}
    return await agency.call("POST", RESERVE, json=body, headers={"idempotency-key": key}, **arguments)


async def reserved(runtime) -> int:
    async with runtime.database.read() as tx:
        return (await tx.execute(select(func.count()).select_from(status_reservations))).scalar_one()


async def test_the_same_call_again_is_answered_the_same_and_done_once(health, runtime, clock) -> None:
    first = await reserve(health, "a-key")
    clock.advance(days=13)
    health.access_token = None
    again = await reserve(health, "a-key")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert again.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await reserved(runtime) == 2


async def test_another_body_under_the_key_is_refused(health, runtime) -> None:
    await reserve(health, "a-key")
    other = await reserve(health, "a-key", count=3)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await reserved(runtime) == 2


async def test_keys_of_two_agencies_and_of_two_routes_do_not_meet(health, new_agency, runtime) -> None:
    other = await new_agency("H26", (HEALTH_BOOK,))
    first, second = await reserve(health, "a-key"), await reserve(other, "a-key")
    assert first.json() != second.json()
    elsewhere = await health.call(
        "POST", "/issuer/v1/holder-keys/lookup", json=health.no_questions(), headers={"idempotency-key": "a-key"}
    )
    assert elsewhere.status_code == 200


async def test_a_call_in_flight_is_refused_until_its_worker_must_be_gone(health, runtime, clock) -> None:
    await reserve(health, "a-key")
    async with runtime.database.transaction() as tx:
        in_flight = update(idempotent_requests).values(status=None)
        expires_at = (await tx.execute(in_flight.returning(idempotent_requests.c.expires_at))).scalar_one()
    refused = await reserve(health, "a-key")
    assert (refused.status_code, refused.json()["code"]) == (409, "request_in_flight")
    assert int(refused.headers["retry-after"]) > 0
    clock.now = expires_at
    health.access_token = None
    assert (await reserve(health, "a-key")).status_code == 200
    assert await reserved(runtime) == 4


async def test_of_calls_at_the_same_time_one_is_done(health, runtime) -> None:
    await health.token()
    answers = await asyncio.gather(*(reserve(health, "a-key") for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert await reserved(runtime) == 2


async def test_a_refusal_is_kept_too(health, runtime) -> None:
    first = await reserve(health, "a-key", count=0)
    again = await reserve(health, "a-key", count=0)
    assert (first.status_code, again.status_code) == (400, 400)
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_fault_is_not_kept(health, runtime, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("giayto_wallet_api.status.controller.reserve", None)
        assert (await reserve(health, "a-key")).status_code == 500
    assert (await reserve(health, "a-key")).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 129, "khóa"])
async def test_what_is_not_a_key_is_refused(health, key: str) -> None:
    assert (await reserve(health, key.encode())).status_code == 400


async def test_kept_answers_are_encrypted(health, runtime) -> None:
    answer = (await reserve(health, "a-key")).json()
    async with runtime.database.read() as tx:
        row = (await tx.execute(select(idempotent_requests))).one()
    assert answer["reservation_id"].encode() not in row.body
