"""Personal data is nowhere in clear: not in the database file, not in logs, problems or the audit log."""

import json
from pathlib import Path

from sqlalchemy import select

from giayto_wallet_api.audit.log import first_broken_entry
from giayto_wallet_api.audit.tables import audit_entries

HONG = "001199000017"
CANARIES = (
    HONG,
    "Nguyễn Thị Hồng",
    "Hồng",
    "1999-02-28",
    "Điện thoại",
    "Kết quả bí mật",
    "eyJhbGciOiJFUzI1NiIsInR5cCI6ImRjK3NkLWp3",  # how every credential begins
    "Lý do rất riêng",
)


async def use_everything(phone, offer) -> None:
    confirmed, declined = await offer(HONG), await offer(HONG)
    await phone.call("POST", f"/wallet/v1/documents/{confirmed}/confirm", {})
    await phone.call("POST", f"/wallet/v1/documents/{declined}/decline", {"reason": "Lý do rất riêng"})
    await phone.get(f"/wallet/v1/documents/{confirmed}")
    await phone.get("/wallet/v1/devices")
    await phone.authorize(HONG)
    await phone.authorize(HONG, client_id="somebody")
    await phone.call("POST", f"/wallet/v1/documents/{declined}/confirm", {"reason": "Hồng"})
    await phone.call("GET", f"/wallet/v1/documents/{HONG}?cursor={HONG}")
    await phone.send_enrolment(await phone.log_in(HONG), name="Hồng\u202e")


async def test_the_database_holds_nothing_in_clear(hong, offer, settings) -> None:
    await use_everything(hong, offer)
    path = Path(settings.database_url.partition("///")[2])
    files = [path, path.with_name(path.name + "-wal")]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    assert hong.wallet_id.encode() in content
    for canary in CANARIES:
        assert canary.encode() not in content
        assert json.dumps(canary).strip('"').encode() not in content


async def test_logs_hold_nothing(hong, offer, capfd) -> None:
    await use_everything(hong, offer)
    written = "".join(capfd.readouterr())
    assert "/wallet/v1/documents/{document_id" in written
    for canary in (*CANARIES, hong.token):
        assert canary not in written


async def test_problems_hold_nothing(hong) -> None:
    answers = [
        await hong.call("GET", f"/wallet/v1/documents/{HONG}"),
        await hong.call("POST", "/wallet/v1/holder-keys", {"proofs": [HONG]}),
        await hong.call("POST", "/wallet/v1/holder-keys", {"proofs": HONG}),
        await hong.prove("/wallet/v1/sessions", {"device_id": HONG}),
        await hong.prove("/wallet/v1/sessions", {"device_id": "x", "Nguyễn Thị Hồng": 1}),
        await hong.send_enrolment(HONG),
        await hong.send_enrolment(await hong.log_in(HONG), name="Hồng\u202e"),
    ]
    for answer in answers:
        assert answer.status_code >= 400
        assert answer.headers["content-type"] == "application/problem+json"
        for canary in CANARIES:
            assert canary not in answer.text


async def test_each_change_has_one_audit_entry_that_names_no_person(hong, offer, runtime) -> None:
    await use_everything(hong, offer)
    async with runtime.database.read() as tx:
        entries = (await tx.execute(select(audit_entries).order_by(audit_entries.c.sequence))).mappings().all()
        assert await first_broken_entry(tx) is None
    assert [entry["action"] for entry in entries] == [
        "wallet.created",
        "device.enrolled",
        "holder_keys.registered",
        "document.confirmed",
        "document.declined",
    ]
    assert {entry["actor"] for entry in entries} == {f"wallet:{hong.wallet_id}"}
    for entry in entries:
        for canary in CANARIES:
            assert canary not in str(dict(entry))
