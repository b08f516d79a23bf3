"""Deposits: checked, stored once, encrypted, replaced, withdrawn; only for agencies that chose to be signed for."""

import pytest
from sqlalchemy import func, select, text

from foreign_wallet import ForeignWallet
from giayto_crypto.sdjwt import UnverifiedSdJwt
from giayto_crypto.trust_list import IssuerStatus
from giayto_wallet_api.agencies.registration import set_certificate_status
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.status.tables import status_entries
from sample_records import PERSON, ROWS


async def test_a_record_is_taken_once(depositor, runtime) -> None:
    row = ROWS["referral"]()
    (first,) = await depositor.send(row)
    (again,) = await depositor.send(row)
    assert (first["result"], again["result"]) == ("deposited", "unchanged")
    assert (first["document_id"], first["version"]) == (again["document_id"], again["version"])
    async with runtime.database.read() as tx:
        stored = await tx.execute(
            select(func.count()).select_from(audit_entries).where(audit_entries.c.action == "deposit.stored")
        )
        assert stored.scalar_one() == 1


@pytest.mark.both_databases
async def test_each_record_has_its_own_answer(depositor) -> None:
    rows = [ROWS["referral"](MA_LK=f"LK-{number}") for number in range(250)]
    rows[7] = {**rows[7], "HO_TEN": None}
    rows[8] = rows[6]
    answers = await depositor.send(*rows)
    assert [answer["row"] for answer in answers] == list(range(1, 251))
    results = [answer["result"] for answer in answers]
    assert (results.count("deposited"), results[7], results[8]) == (248, "refused", "unchanged")
    assert answers[7]["problem"]["code"] == "record_invalid"
    assert PERSON["number"] not in str(answers)


async def test_another_content_under_the_same_key_is_a_conflict(depositor) -> None:
    await depositor.deposit()
    (answer,) = await depositor.send(ROWS["referral"](PP_DIEUTRI="Metformin"))
    assert answer["problem"]["code"] == "row_key_conflict"


async def test_broken_lines_are_answered_in_place(depositor) -> None:
    response = await depositor.agency.call(
        "POST", "/issuer/v1/deposits?document_type=referral", content=b"{\n" + b"x" * (1024 * 1024 + 1) + b"\n[]\n"
    )
    codes = [line.split('"code":"')[1].partition('"')[0] for line in response.text.splitlines()]
    assert codes == ["malformed", "row_too_large", "malformed"]


async def test_what_is_deposited_is_not_readable_in_the_store(depositor, runtime) -> None:
    await depositor.deposit()
    async with runtime.database.read() as tx:
        rows = (await tx.execute(text("SELECT * FROM deposits"))).all()
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
    for secret in (PERSON["number"], PERSON["name"], "Insulin"):
        assert secret.encode() not in stored


@pytest.mark.both_databases
async def test_a_new_version_takes_the_place_of_the_old_one(depositor, wallet: ForeignWallet, runtime) -> None:
    document_id = await depositor.deposit()
    await wallet.redeem((await depositor.offer(document_id, tx_code=False))["credential_offer"])
    assert (await wallet.credentials()).status_code == 200
    (answer,) = await depositor.send(
        ROWS["referral"](row_key="LK-new", replaces=ROWS["referral"]()["MA_LK"], PP_DIEUTRI="Metformin")
    )
    assert (answer["result"], answer["document_id"], answer["version"]) == ("deposited", document_id, 2)
    async with runtime.database.read() as tx:
        assert (await tx.execute(select(status_entries.c.value))).scalars().all() == [1]
    # The same grant fetches the new version.
    fresh = (await wallet.credentials()).json()["credentials"][0]["credential"]
    disclosed = {each.name: each.value for each in UnverifiedSdJwt.parse_issued(fresh).disclosures}
    assert "Metformin" in str(disclosed)
    states = [each["state"] for each in (await depositor.get("/issuer/v1/deposits"))["items"]]
    assert states == ["superseded", "current"]
    (gone,) = await depositor.send(ROWS["referral"](row_key="LK-3", replaces=ROWS["referral"]()["MA_LK"]))
    assert gone["problem"]["code"] == "replaces_not_current"


async def test_a_withdrawn_deposit_is_neither_offered_nor_fetched_and_its_copies_end(
    depositor, fetching, runtime
) -> None:
    assert (await fetching.credentials()).status_code == 200
    document_id = (await depositor.get("/issuer/v1/deposits"))["items"][0]["document_id"]
    for _ in range(2):
        answer = await depositor.agency.call(
            "POST", f"/issuer/v1/deposits/{document_id}/withdraw", json={"reason": "mistake"}
        )
        assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert (await fetching.credentials()).json()["error"] == "credential_request_denied"
    offered = await depositor.agency.call("POST", f"/issuer/v1/deposits/{document_id}/offers", json={})
    assert (offered.status_code, offered.json()["code"]) == (409, "document_state_conflict")
    async with runtime.database.read() as tx:
        assert (await tx.execute(select(status_entries.c.value))).scalars().all() == [1]


async def test_only_an_agency_that_chose_it_is_signed_for(ministry) -> None:
    refused = await ministry.agency.call("POST", "/issuer/v1/deposits?document_type=referral", content=b"")
    assert (refused.status_code, refused.json()["code"]) == (403, "hosted_signing_not_chosen")
    unknown = await ministry.agency.call("PUT", "/issuer/v1/hosted-signing", json={"leaf_sha256": "00" * 32})
    assert unknown.status_code == 404
    assert (await ministry.choose()).json()["certificates"][0]["leaf_sha256"] == ministry.leaf_sha256
    assert (await ministry.choose()).status_code == 200


@pytest.mark.parametrize(
    ("document_type", "code"), [("health-book", "type_not_authorised"), ("x", "unknown_document_type")]
)
async def test_only_types_of_the_agency_are_deposited(depositor, document_type: str, code: str) -> None:
    answer = await depositor.agency.call("POST", f"/issuer/v1/deposits?document_type={document_type}", content=b"")
    assert answer.json()["code"] == code


async def test_without_authority_nothing_is_signed(depositor, fetching, runtime) -> None:
    async with runtime.database.transaction() as tx:
        await set_certificate_status(
            tx,
            agency_id="G18",
            leaf_sha256=bytes.fromhex(depositor.leaf_sha256),
            status=IssuerStatus.WITHDRAWN,
            now=runtime.clock(),
        )
    assert (await fetching.credentials()).json()["error"] == "credential_request_denied"


async def test_another_agencys_deposit_is_a_missing_one(depositor, new_agency) -> None:
    document_id = await depositor.deposit()
    other = await new_agency("H26", ("urn:giayto:type:referral:1",))
    for method, path, body in (
        ("GET", f"/issuer/v1/deposits/{document_id}", None),
        ("POST", f"/issuer/v1/deposits/{document_id}/offers", {}),
        ("POST", f"/issuer/v1/deposits/{document_id}/withdraw", {"reason": "x"}),
    ):
        foreign = await other.call(method, path, json=body)
        assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    assert (await other.call("GET", "/issuer/v1/deposits")).json()["items"] == []


async def test_lists_come_in_pages(depositor) -> None:
    await depositor.send(*(ROWS["referral"](MA_LK=f"LK-{number}") for number in range(5)))
    first = await depositor.get("/issuer/v1/deposits?limit=3")
    second = await depositor.get(f"/issuer/v1/deposits?limit=3&cursor={first['next_cursor']}")
    keys = [each["row_key"] for each in [*first["items"], *second["items"]]]
    assert (keys, second["next_cursor"]) == ([f"LK-{number}" for number in range(5)], None)
    assert (await depositor.get("/issuer/v1/deposits?state=withdrawn"))["items"] == []
