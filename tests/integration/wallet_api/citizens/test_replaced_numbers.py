"""A personal number that is replaced: the wallet stays, and is found by either number."""

import pytest

from giayto_issuers.subjects import Subject
from giayto_wallet_api.wallets.replacement import NumberTakenError, replace_number

pytestmark = pytest.mark.both_databases

HONG, AN, NEW, NEWEST = "001199000017", "079085000018", "001199000900", "001199000901"
VCT = "urn:giayto:type:health-book:1"


async def replace(runtime, old: str, new: str) -> None:
    async with runtime.database.transaction() as tx:
        await replace_number(tx, runtime, Subject("person", old), Subject("person", new), runtime.clock())


async def wallet_of(runtime, number: str) -> str | None:
    async with runtime.database.read() as tx:
        wallet = await runtime.wallets.find_wallet(tx, Subject("person", number))
    return None if wallet is None else wallet.wallet_id


async def test_the_wallet_is_found_by_either_number(hong, runtime, offer, health) -> None:
    document_id = await offer(HONG)
    await replace(runtime, HONG, NEW)
    await replace(runtime, HONG, NEW)
    assert await wallet_of(runtime, HONG) == await wallet_of(runtime, NEW) == hong.wallet_id
    assert (await hong.get(f"/wallet/v1/documents/{document_id}"))["document_id"] == document_id
    question = {"kind": "person", "full_name": "Nguyễn Thị Hồng", "birth_date": "1999-02-28"}
    body = {"document_type": VCT, "subjects": [{**question, "id": HONG}, {**question, "id": NEW}]}
    answers = (await health.call("POST", "/issuer/v1/holder-keys/lookup", json=body)).json()["answers"]
    assert [answer["state"] for answer in answers] == ["ready", "ready"]
    changes = (await hong.get("/wallet/v1/changes"))["items"]
    assert [change["kind"] for change in changes].count("number_replaced") == 1
    await replace(runtime, NEW, NEWEST)
    assert await wallet_of(runtime, HONG) == await wallet_of(runtime, NEWEST) == hong.wallet_id


async def test_who_logs_in_with_the_old_number_finds_the_same_wallet(hong, new_phone, runtime) -> None:
    await replace(runtime, HONG, NEW)
    again = await new_phone().enrol(HONG)
    assert again.wallet_id == hong.wallet_id
    async with runtime.database.read() as tx:
        wallet = await runtime.wallets.find_wallet(tx, Subject("person", NEW))
    assert wallet is not None
    assert wallet.identity.subject.id == NEW


async def test_what_waits_for_the_old_number_arrives_with_the_new_one(health, new_phone, runtime) -> None:
    row = {"row_key": "row-1", "document_type": VCT, "subject": {"kind": "person", "id": NEW}}
    registered = await health.call("POST", "/issuer/v1/waiting-documents", json={"rows": [row]})
    assert registered.status_code == 200
    await replace(runtime, NEW, HONG)
    phone = await new_phone().enrol(HONG)
    assert len((await phone.get("/wallet/v1/inbox"))["preparing"]) == 1


async def test_two_wallets_are_not_merged(hong, an, runtime) -> None:
    with pytest.raises(NumberTakenError):
        await replace(runtime, HONG, AN)
    await replace(runtime, HONG, NEW)
    for old, new in ((HONG, NEWEST), (NEW, HONG), (NEW, NEW)):
        with pytest.raises(NumberTakenError):
            await replace(runtime, old, new)
