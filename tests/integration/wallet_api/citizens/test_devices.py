"""The list of devices, and what ends when one is removed."""

import pytest
from sqlalchemy import select

from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.holder_keys.service import holder_keys_for_push, owner_of_key

pytestmark = pytest.mark.both_databases

HONG = "001199000017"


async def test_each_device_sees_all_and_itself(hong, new_phone, clock) -> None:
    clock.advance(minutes=1)
    second = await new_phone().enrol(HONG)
    items = (await second.get("/wallet/v1/devices"))["items"]
    assert [(item["device_id"], item["current"]) for item in items] == [
        (hong.device_id, False),
        (second.device_id, True),
    ]
    assert items[0]["name"] == "Điện thoại của Hồng"
    assert (items[0]["platform"], items[0]["enrolled_at"]) == ("android", "2026-11-22T09:30:00Z")


async def test_a_removed_device_is_out_at_once(hong, new_phone, runtime) -> None:
    lost = await new_phone().enrol(HONG)
    (key,) = await lost.register_keys(1)
    removal = await hong.call("DELETE", f"/wallet/v1/devices/{lost.device_id}")
    assert (removal.status_code, removal.content) == (204, b"")
    assert (await lost.call("GET", "/wallet/v1/devices")).status_code == 401
    session = await lost.prove("/wallet/v1/sessions", {"device_id": lost.device_id})
    assert (session.status_code, session.json()["code"]) == (401, "unknown_device")
    async with runtime.database.read() as tx:
        assert await owner_of_key(tx, key.public_key.thumbprint) is None
        offered = (await holder_keys_for_push(tx, [hong.wallet_id]))[hong.wallet_id]
        assert [each.thumbprint in {k.public_key.thumbprint for k in hong.holder_keys} for each in offered] == [True]
        actions = await tx.execute(
            select(audit_entries.c.actor, audit_entries.c.target).where(audit_entries.c.action == "device.removed")
        )
        assert actions.all() == [(f"wallet:{hong.wallet_id}", lost.device_id)]


async def test_the_others_are_told(hong, new_phone) -> None:
    second = await new_phone().enrol(HONG)
    await second.call("DELETE", f"/wallet/v1/devices/{hong.device_id}")
    kinds = [change["kind"] for change in (await second.get("/wallet/v1/changes"))["items"]]
    assert kinds == ["device_enrolled", "device_enrolled", "device_removed"]


async def test_the_copies_of_a_removed_device_are_gone(hong, new_phone, offer) -> None:
    second = await new_phone().enrol(HONG)
    await second.register_keys(1)
    document_id = await offer(HONG)
    await hong.call("POST", f"/wallet/v1/documents/{document_id}/confirm", {})
    await hong.call("DELETE", f"/wallet/v1/devices/{second.device_id}")
    assert len((await hong.get(f"/wallet/v1/documents/{document_id}"))["credentials"]) == 1
    # The same phone comes back as a new device: nothing of the old one awaits it.
    await second.enrol(HONG)
    assert (await second.get(f"/wallet/v1/documents/{document_id}"))["credentials"] == []
    assert (await second.get("/wallet/v1/holder-keys"))["items"] == []


async def test_a_device_may_remove_itself_and_only_once(hong, new_phone) -> None:
    second = await new_phone().enrol(HONG)
    assert (await second.call("DELETE", f"/wallet/v1/devices/{second.device_id}")).status_code == 204
    again = await hong.call("DELETE", f"/wallet/v1/devices/{second.device_id}")
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
