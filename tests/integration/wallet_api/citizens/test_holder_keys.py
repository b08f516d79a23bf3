"""The pool of holder keys: proved, fresh, of one device; a push takes the least used."""

import asyncio

import pytest

from giayto_crypto.keys import LocalSigner
from giayto_wallet_api.holder_keys.registration import MAX_POOL
from giayto_wallet_api.holder_keys.service import KeyOwner, holder_keys_for_push, owner_of_key

pytestmark = pytest.mark.both_databases

HONG = "001199000017"


async def test_proved_keys_enter_the_pool(hong, runtime) -> None:
    (key,) = await hong.register_keys(1)
    async with runtime.database.read() as tx:
        assert await owner_of_key(tx, key.public_key.thumbprint) == KeyOwner(hong.wallet_id, hong.device_id)
    page = await hong.get("/wallet/v1/holder-keys")
    assert {item["key_thumbprint"] for item in page["items"]} == {key.public_key.thumbprint for key in hong.holder_keys}
    assert {item["credential_count"] for item in page["items"]} == {0}


async def test_the_pool_is_paged(hong) -> None:
    await hong.register_keys(4)
    seen: list[str] = []
    cursor = ""
    while True:
        page = await hong.get(f"/wallet/v1/holder-keys?limit=3{cursor}")
        seen += [item["key_thumbprint"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 7


async def test_a_nonce_works_once_however_many_race(hong) -> None:
    nonce = await hong.nonce()
    sent = [hong.send_keys([LocalSigner.generate()], nonce) for _ in range(8)]
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 7
    assert {answer.json()["code"] for answer in answers if answer.status_code == 400} == {"invalid_nonce"}


@pytest.mark.parametrize(("seconds", "status"), [(299, 201), (300, 400)])
async def test_a_nonce_lives_for_five_minutes(hong, clock, seconds: int, status: int) -> None:
    nonce = await hong.nonce()
    clock.advance(seconds=seconds)
    assert (await hong.send_keys([LocalSigner.generate()], nonce)).status_code == status


async def test_a_nonce_is_for_the_device_that_asked(hong, an, new_phone) -> None:
    second = await new_phone().enrol(HONG)
    for other in (an, second):
        answer = await hong.send_keys([LocalSigner.generate()], await other.nonce())
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_nonce")


async def test_one_bad_proof_spoils_the_request_and_nothing_is_stored(hong) -> None:
    nonce = await hong.nonce()
    good, other = LocalSigner.generate(), LocalSigner.generate()
    proofs = [hong.key_proof(good, nonce), hong.key_proof(other, "another-nonce")]
    answer = await hong.call("POST", "/wallet/v1/holder-keys", {"proofs": proofs})
    assert (answer.status_code, answer.json()["code"]) == (400, "holder_key_proof_invalid")
    assert answer.json()["detail"].startswith("proofs[1]")
    assert len((await hong.get("/wallet/v1/holder-keys"))["items"]) == 3


async def test_a_key_belongs_to_one_device(hong, an, new_phone) -> None:
    second = await new_phone().enrol(HONG)
    taken = hong.holder_keys[0]
    for other in (an, second):
        answer = await other.send_keys([LocalSigner.generate(), taken], await other.nonce())
        assert (answer.status_code, answer.json()["code"]) == (409, "holder_key_taken")
    assert (await second.get("/wallet/v1/holder-keys"))["items"] == []


async def test_registering_again_changes_nothing(hong) -> None:
    answer = await hong.send_keys(hong.holder_keys * 2, await hong.nonce())
    assert (answer.status_code, answer.json()) == (201, {"registered": 0, "unused": 3})


async def test_the_pool_has_a_limit(hong) -> None:
    for _ in range((MAX_POOL - 3) // 50):
        await hong.register_keys(50)
    answer = await hong.send_keys([LocalSigner.generate() for _ in range(50)], await hong.nonce())
    assert (answer.status_code, answer.json()["code"]) == (409, "holder_key_pool_full")
    assert (await hong.call("POST", "/wallet/v1/holder-keys", {"proofs": ["x"] * 51})).status_code == 400
    assert (await hong.call("POST", "/wallet/v1/holder-keys", {"proofs": []})).status_code == 400


async def test_a_push_gets_the_least_used_key_of_each_device(hong, new_phone, offer, runtime) -> None:
    second = await new_phone().enrol(HONG)
    (only,) = await second.register_keys(1)
    used: list[str] = []
    for _ in range(3):
        async with runtime.database.read() as tx:
            keys = (await holder_keys_for_push(tx, [hong.wallet_id]))[hong.wallet_id]
        assert len(keys) == 2
        assert only.public_key in keys
        document_id = await offer(HONG)
        await hong.call("POST", f"/wallet/v1/documents/{document_id}/confirm", {})
        detail = await hong.get(f"/wallet/v1/documents/{document_id}")
        used += [copy["key_thumbprint"] for copy in detail["credentials"]]
    assert sorted(used) == sorted(key.public_key.thumbprint for key in hong.holder_keys)


async def test_a_wallet_without_keys_is_answered_with_none(new_phone, runtime) -> None:
    phone = await new_phone().enrol(HONG)
    async with runtime.database.read() as tx:
        assert await holder_keys_for_push(tx, [phone.wallet_id]) == {phone.wallet_id: []}
