"""Access tokens of citizens: for the device key alone, for a quarter of an hour, worthless to whoever copies them."""

import sqlite3
from pathlib import Path

import pytest

from giayto_crypto.keys import LocalSigner

DEVICES = "/wallet/v1/devices"


async def open_session(phone, device_id: str = "", key: LocalSigner | None = None):
    return await phone.prove("/wallet/v1/sessions", {"device_id": device_id or phone.device_id}, key=key)


@pytest.mark.both_databases
async def test_the_device_key_opens_a_session(hong) -> None:
    response = await open_session(hong)
    assert response.status_code == 201
    hong.token = response.json()["access_token"]
    assert (await hong.call("GET", DEVICES)).status_code == 200


async def test_another_key_an_unknown_device_and_anothers_device_look_the_same(hong, an) -> None:
    answers = [
        await open_session(hong, key=LocalSigner.generate()),
        await open_session(hong, device_id="dev_00000000000000000000000000000000"),
        await open_session(hong, device_id=an.device_id),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["code"] for answer in answers} == {"unknown_device"}
    assert len({answer.json()["detail"] for answer in answers}) == 1


@pytest.mark.parametrize(("seconds", "status"), [(899, 200), (900, 401)])
async def test_a_token_is_good_for_a_quarter_of_an_hour(hong, clock, seconds: int, status: int) -> None:
    clock.advance(seconds=seconds)
    assert (await hong.call("GET", DEVICES)).status_code == status


async def test_a_token_is_of_no_use_with_another_key(hong, an) -> None:
    stolen = hong.token
    proof = an.proof("GET", DEVICES, token=stolen)
    answer = await an.call("GET", DEVICES, Authorization=f"DPoP {stolen}", DPoP=proof)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("secret", ["", "x", "a.b"])
async def test_a_made_up_token_is_refused(hong, secret: str) -> None:
    hong.token = f"{hong.wallet_id}.{secret}"
    answer = await hong.call("GET", DEVICES)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


@pytest.mark.both_databases
async def test_a_token_does_not_open_another_wallet(hong, an) -> None:
    hong.token = f"{an.wallet_id}.{hong.token.partition('.')[2]}"
    assert (await hong.call("GET", DEVICES)).status_code == 401


async def test_a_bearer_token_is_not_taken(hong) -> None:
    answer = await hong.call("GET", DEVICES, Authorization=f"Bearer {hong.token}")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("DPoP ")


@pytest.mark.both_databases
async def test_a_proof_works_once(hong) -> None:
    proof = hong.proof("GET", DEVICES, token=hong.token)
    assert (await hong.call("GET", DEVICES, DPoP=proof)).status_code == 200
    replayed = await hong.call("GET", DEVICES, DPoP=proof)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "invalid_dpop_proof")


async def test_a_proof_is_for_one_address_and_one_token(hong) -> None:
    for proof in (
        hong.proof("GET", "/wallet/v1/inbox", token=hong.token),
        hong.proof("POST", DEVICES, token=hong.token),
        hong.proof("GET", DEVICES, token="another"),
        hong.proof("GET", DEVICES),
    ):
        answer = await hong.call("GET", DEVICES, DPoP=proof)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_dpop_proof")


@pytest.mark.both_databases
async def test_the_store_holds_no_token(hong, settings, database_kind) -> None:
    if database_kind == "postgresql":
        return  # the same rows; SQLite's are easier to read whole
    database = Path(settings.database_url.partition("///")[2])
    with sqlite3.connect(database) as connection:
        dump = "\n".join(connection.iterdump())
    connection.close()
    assert hong.wallet_id in dump
    assert hong.token.partition(".")[2] not in dump
    assert hong.token.partition(".")[2].encode().hex().upper() not in dump


@pytest.mark.both_databases
async def test_expired_tokens_are_forgotten(hong, clock, runtime) -> None:
    clock.advance(minutes=16)
    await open_session(hong)
    async with runtime.database.read() as tx:
        count = await tx.exec_driver_sql("SELECT count(*) FROM device_access_tokens")
        assert count.scalar_one() == 1
