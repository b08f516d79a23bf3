"""From the offer to the answer, and what the agency does afterwards."""

import asyncio
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from giayto_crypto import jws
from giayto_wallet_api.app import create_app
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.inbox import delivery
from giayto_wallet_api.inbox.service import current_state, decline_reason
from giayto_wallet_api.inbox.states import Declined, StateConflictError, Suspended

pytestmark = pytest.mark.both_databases

HONG, AN = "001199000017", "079085000018"


async def confirm(phone, document_id: str, body: dict[str, Any] | None = None):
    return await phone.call("POST", f"/wallet/v1/documents/{document_id}/confirm", body)


def jti_of(credential: str) -> str:
    return str(jws.parse(credential.rstrip("~"), typ="dc+sd-jwt").unverified_payload()["jti"])


async def decline(phone, document_id: str, reason: str = "Sai ngày cấp", **more: Any):
    return await phone.call("POST", f"/wallet/v1/documents/{document_id}/decline", {"reason": reason, **more})


async def actions(runtime, target: str) -> list[str]:
    async with runtime.database.read() as tx:
        query = select(audit_entries.c.action).where(audit_entries.c.target == target)
        return list((await tx.execute(query.order_by(audit_entries.c.sequence))).scalars())


async def test_an_offer_waits_in_the_inbox(hong, offer) -> None:
    document_id = await offer(HONG)
    (item,) = (await hong.get("/wallet/v1/inbox"))["items"]
    assert (item["document_id"], item["version"], item["state"]) == (document_id, 1, "offered")
    assert (item["agency_id"], item["document_type"]) == ("H26", "urn:giayto:type:procedure-result:1")
    assert item["titles"]["vi"].startswith("Kết quả")
    assert "claims" not in item
    assert (await hong.get("/wallet/v1/documents"))["items"] == []


async def test_before_the_answer_the_citizen_sees_what_it_says_and_gets_no_copy(hong, offer) -> None:
    detail = await hong.get(f"/wallet/v1/documents/{await offer(HONG)}")
    assert detail["claims"] == {"full_name": "Nguyễn Thị Hồng", "result": "Kết quả bí mật 1"}
    assert detail["credentials"] == []


@pytest.mark.parametrize("body", [None, {}, {"version": 1}])
async def test_confirming_moves_the_document_and_hands_out_the_copy(hong, offer, runtime, body: Any) -> None:
    document_id = await offer(HONG)
    answer = await confirm(hong, document_id, body)
    assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")
    assert (await hong.get("/wallet/v1/inbox"))["items"] == []
    (item,) = (await hong.get("/wallet/v1/documents"))["items"]
    assert item == answer.json()
    (copy,) = (await hong.get(f"/wallet/v1/documents/{document_id}"))["credentials"]
    assert jti_of(copy["credential"]) == f"{document_id}-1"
    assert copy["key_thumbprint"] in {key.public_key.thumbprint for key in hong.holder_keys}
    assert await actions(runtime, document_id) == ["document.confirmed"]


async def test_each_device_gets_its_own_copy(hong, new_phone, offer) -> None:
    second = await new_phone().enrol(HONG)
    (key,) = await second.register_keys(1)
    document_id = await offer(HONG)
    await confirm(hong, document_id)
    (first_copy,) = (await hong.get(f"/wallet/v1/documents/{document_id}"))["credentials"]
    (second_copy,) = (await second.get(f"/wallet/v1/documents/{document_id}"))["credentials"]
    assert second_copy["key_thumbprint"] == key.public_key.thumbprint != first_copy["key_thumbprint"]


async def test_confirming_twice_is_confirming_once(hong, offer, runtime, clock) -> None:
    document_id = await offer(HONG)
    first = await confirm(hong, document_id)
    clock.advance(minutes=1)
    assert (await confirm(hong, document_id)).json() == first.json()
    assert await actions(runtime, document_id) == ["document.confirmed"]
    assert len((await hong.get("/wallet/v1/changes"))["items"]) == 3


async def test_a_reason_reaches_the_agency(hong, offer, runtime) -> None:
    document_id = await offer(HONG)
    answer = await decline(hong, document_id, "  Tên me\u0323  sai ")
    assert (answer.status_code, answer.json()["state"]) == (200, "declined")
    async with runtime.database.read() as tx:
        assert await current_state(tx, hong.wallet_id, document_id) == Declined(runtime.clock())
        reason = await decline_reason(tx, runtime.wallets, hong.wallet_id, document_id, 1)
    assert reason == "Tên mẹ sai"
    assert (await hong.get("/wallet/v1/documents?state=declined"))["items"] == [answer.json()]
    assert (await hong.get("/wallet/v1/documents"))["items"] == []


async def test_the_first_reason_stands(hong, offer, runtime) -> None:
    document_id = await offer(HONG)
    await decline(hong, document_id, "Lý do một")
    assert (await decline(hong, document_id, "Lý do hai")).status_code == 200
    async with runtime.database.read() as tx:
        assert await decline_reason(tx, runtime.wallets, hong.wallet_id, document_id, 1) == "Lý do một"
    assert await actions(runtime, document_id) == ["document.declined"]


@pytest.mark.parametrize("reason", ["", "  ", "a\u202eb", "\u0000", "x" * 501])
async def test_a_reason_is_plain_text(hong, offer, reason: str) -> None:
    answer = await decline(hong, await offer(HONG), reason)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_an_answer_is_final(hong, offer) -> None:
    confirmed, declined = await offer(HONG), await offer(HONG)
    await confirm(hong, confirmed)
    await decline(hong, declined)
    for answer in (await decline(hong, confirmed), await confirm(hong, declined)):
        assert (answer.status_code, answer.json()["code"]) == (409, "document_state_conflict")


async def test_of_two_devices_that_answer_at_once_one_wins(hong, new_phone, offer, runtime) -> None:
    second = await new_phone().enrol(HONG)
    for _ in range(4):
        document_id = await offer(HONG)
        answers = await asyncio.gather(
            *(confirm(hong, document_id) for _ in range(3)), *(decline(second, document_id) for _ in range(3))
        )
        winner = (await actions(runtime, document_id))[0].removeprefix("document.")
        assert await actions(runtime, document_id) == [f"document.{winner}"]
        assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 3
        assert {answer.json()["state"] for answer in answers if answer.status_code == 200} == {winner}
        assert (await hong.get(f"/wallet/v1/documents/{document_id}"))["state"] == winner


async def test_of_two_workers_that_answer_at_once_one_wins(
    hong, new_phone, offer, runtime, settings, clock, server_keys
) -> None:
    second = await new_phone().enrol(HONG)
    other = create_app(settings, clock=clock, keys=server_keys)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=other), base_url=settings.base_url) as http:
        second.http = http
        for _ in range(6):
            document_id = await offer(HONG)
            answers = await asyncio.gather(confirm(hong, document_id), decline(second, document_id))
            assert sorted(answer.status_code for answer in answers) == [200, 409]
            assert len(await actions(runtime, document_id)) == 1
    await other.state.runtime.database.close()


async def test_a_new_version_supersedes_and_waits_for_an_answer(hong, offer) -> None:
    document_id = await offer(HONG)
    await confirm(hong, document_id)
    await offer(HONG, document_id=document_id, version=2)
    assert (await hong.get("/wallet/v1/documents"))["items"] == []
    detail = await hong.get(f"/wallet/v1/documents/{document_id}")
    assert (detail["version"], detail["state"], detail["credentials"]) == (2, "offered", [])
    assert detail["claims"]["result"] == "Kết quả bí mật 2"
    assert [(old["version"], old["state"]) for old in detail["earlier_versions"]] == [(1, "superseded")]
    assert (await confirm(hong, document_id)).json()["version"] == 2
    (copy,) = (await hong.get(f"/wallet/v1/documents/{document_id}"))["credentials"]
    assert jti_of(copy["credential"]) == f"{document_id}-2"
    (old,) = (await hong.get("/wallet/v1/documents?state=superseded"))["items"]
    assert old["version"] == 1


async def test_nobody_answers_a_version_that_they_have_not_seen(hong, offer) -> None:
    document_id = await offer(HONG)
    await offer(HONG, document_id=document_id, version=2)
    for answer in (await confirm(hong, document_id, {"version": 1}), await decline(hong, document_id, version=1)):
        assert (answer.status_code, answer.json()["code"]) == (409, "document_version_changed")
    assert (await confirm(hong, document_id, {"version": 2})).status_code == 200


async def test_suspension_is_reversible_and_remembers_the_answer(hong, offer, runtime, clock) -> None:
    document_id = await offer(HONG)
    await confirm(hong, document_id)
    async with runtime.database.transaction() as tx:
        await delivery.suspend(tx, hong.wallet_id, document_id, clock())
        await delivery.suspend(tx, hong.wallet_id, document_id, clock())
    suspended = await hong.get(f"/wallet/v1/documents/{document_id}")
    assert suspended["state"] == "suspended"
    assert len(suspended["credentials"]) == 1
    async with runtime.database.transaction() as tx:
        assert isinstance(await current_state(tx, hong.wallet_id, document_id), Suspended)
        await delivery.resume(tx, hong.wallet_id, document_id, clock())
    assert (await hong.get(f"/wallet/v1/documents/{document_id}"))["state"] == "confirmed"
    kinds = [change["kind"] for change in (await hong.get("/wallet/v1/changes"))["items"]]
    assert kinds[-2:] == ["document_suspended", "document_resumed"]


async def test_a_suspended_offer_cannot_be_answered_and_shows_no_copy(hong, offer, runtime, clock) -> None:
    document_id = await offer(HONG)
    async with runtime.database.transaction() as tx:
        await delivery.suspend(tx, hong.wallet_id, document_id, clock())
    assert (await confirm(hong, document_id)).status_code == 409
    assert (await hong.get(f"/wallet/v1/documents/{document_id}"))["credentials"] == []


async def test_revocation_is_for_good(hong, offer, runtime, clock) -> None:
    document_id = await offer(HONG)
    await confirm(hong, document_id)
    async with runtime.database.transaction() as tx:
        await delivery.revoke(tx, hong.wallet_id, document_id, clock())
    revoked = await hong.get(f"/wallet/v1/documents/{document_id}")
    assert (revoked["state"], revoked["credentials"]) == ("revoked", [])
    with pytest.raises(StateConflictError):
        async with runtime.database.transaction() as tx:
            await delivery.resume(tx, hong.wallet_id, document_id, clock())
    assert (await confirm(hong, document_id)).status_code == 409


@pytest.mark.parametrize("path", ["/wallet/v1/inbox", "/wallet/v1/documents"])
async def test_lists_are_paged_newest_first(hong, offer, path: str) -> None:
    offered = [await offer(HONG) for _ in range(5)]
    if path.endswith("documents"):
        for document_id in offered:
            await confirm(hong, document_id)
    seen: list[str] = []
    cursor = ""
    while True:
        page = await hong.get(f"{path}?limit=2{cursor}")
        assert len(page["items"]) <= 2
        seen += [item["document_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == offered[::-1]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=-1", "cursor=²", "limit=0", "limit=101", "state=offered"])
async def test_a_query_that_was_made_up_is_refused(hong, query: str) -> None:
    answer = await hong.call("GET", f"/wallet/v1/documents?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
