"""A bank asks for paper because data is wrong: under the rule of agencies, and the agency answers the bank."""

from pathlib import Path

import pytest
from sqlalchemy import select

from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.catalogue.editions import freeze_edition
from giayto_wallet_api.corrections import verifier_controller
from openid4vp.hosted import CARD, VerifierCaller, registered_bank

OWNER = "G24"
FALLBACKS = "/verifier/v1/paper-fallbacks"
CANARY_NUMBER, CANARY_TEXT, CANARY_ANSWER = "001099000017", "Chị Canary sinh ngày khác", "Đã sửa cho chị Canary"
CASE = {
    "case_key": "BANK-A/2026/11/0975",
    "document": "health-insurance-card",
    "reason": "data_wrong",
    "subject": {"kind": "person", "id": CANARY_NUMBER},
    "details": CANARY_TEXT,
}


@pytest.fixture
async def bank(http, runtime, clock, settings) -> VerifierCaller:
    async with runtime.database.transaction() as tx:
        await freeze_edition(
            tx, month="2026-11", types=runtime.document_types, identity=runtime.keys.catalogue, now=clock()
        )
    return await registered_bank(http, runtime, clock, settings.base_url, "bank-a")


@pytest.fixture
async def owner(new_agency):
    return await new_agency(OWNER, (CARD,))


async def record(bank, **changes):
    return await bank.call("POST", FALLBACKS, json=CASE | changes)


async def tickets(owner):
    return (await owner.call("GET", "/issuer/v1/corrections")).json()["items"]


@pytest.mark.both_databases
async def test_a_bank_learns_what_became_of_its_case(bank, owner) -> None:
    recorded = await record(bank)
    assert recorded.status_code == 200, recorded.text
    (ticket,) = await tickets(owner)
    assert ticket["opened_by"] == {"kind": "verifier", "id": "bank-a"}
    assert ticket["ticket_id"] == recorded.json()["ticket_id"]
    body = {"outcome": "corrected", "answer": CANARY_ANSWER}
    await owner.call("POST", f"/issuer/v1/corrections/{ticket['ticket_id']}/answer", json=body)
    (fallback,) = (await bank.call("GET", FALLBACKS)).json()["items"]
    assert (fallback["state"], fallback["outcome"], fallback["answer"]) == ("answered", "corrected", CANARY_ANSWER)


@pytest.mark.both_databases
async def test_the_same_case_again_changes_nothing_and_another_is_refused(bank, owner) -> None:
    assert (await record(bank)).json() == (await record(bank)).json()
    other = await record(bank, reason="data_missing")
    assert (other.status_code, other.json()["code"]) == (409, "case_key_conflict")
    assert len(await tickets(owner)) == 1


@pytest.mark.both_databases
async def test_a_bank_and_an_agency_of_one_name_keep_their_cases_apart(
    bank, owner, http, runtime, clock, settings, new_agency
) -> None:
    agency = await new_agency("H26", (CARD,))
    namesake = await registered_bank(http, runtime, clock, settings.base_url, "h26")
    desk = await agency.call("POST", "/issuer/v1/paper-fallbacks", json=CASE)
    made = {desk.json()["ticket_id"], *[(await record(each)).json()["ticket_id"] for each in (bank, namesake)]}
    assert len(made) == 3
    assert len(await tickets(owner)) == 3
    for caller, path in ((bank, FALLBACKS), (namesake, FALLBACKS), (agency, "/issuer/v1/paper-fallbacks")):
        assert len((await caller.call("GET", path)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"document": "criminal-record-2"}, 403, "paper_forbidden"),
        ({"document": "criminal-record-1", "purpose": "THUE_NHA"}, 403, "paper_forbidden"),
        ({"document": "land-use-certificate"}, 409, "fallback_not_needed"),
        ({"document": "nothing"}, 404, "document_not_catalogued"),
        ({"agency_id": "G01"}, 400, "source_agency_invalid"),
        ({"reason": "no_time"}, 400, "malformed"),
    ],
)
async def test_the_rule_of_agencies_holds_for_banks(bank, owner, changes, status, code) -> None:
    refused = await record(bank, **changes)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert CANARY_NUMBER not in refused.text
    assert await tickets(owner) == []


async def test_pages_go_back_to_the_first_case(bank, owner) -> None:
    for number in range(3):
        await record(bank, case_key=f"case-{number}")
    first = (await bank.call("GET", f"{FALLBACKS}?limit=2")).json()
    rest = (await bank.call("GET", f"{FALLBACKS}?limit=2&cursor={first['next_cursor']}")).json()
    assert [item["case_key"] for item in first["items"] + rest["items"]] == ["case-2", "case-1", "case-0"]
    assert rest["next_cursor"] is None
    assert (await bank.call("GET", f"{FALLBACKS}?cursor=x")).status_code == 400


async def test_only_verifiers_come_in(http, bank, owner) -> None:
    for method in ("GET", "POST"):
        assert (await http.request(method, FALLBACKS, json=CASE)).status_code == 401
        assert (await owner.call(method, FALLBACKS, json=CASE)).status_code == 403
        assert (await bank.call(method, "/issuer/v1/paper-fallbacks", json=CASE)).status_code == 403
    assert (await bank.call("GET", "/issuer/v1/corrections")).status_code == 403


async def test_a_flood_is_stopped(bank, owner, monkeypatch) -> None:
    monkeypatch.setattr(verifier_controller, "FALLBACKS_PER_MINUTE", 2)
    taken = [(await record(bank, case_key=f"case-{number}")).status_code for number in range(3)]
    assert taken == [200, 200, 429]
    assert len(await tickets(owner)) == 2


async def test_the_person_is_nowhere_in_clear(bank, owner, settings, capfd, runtime) -> None:
    ticket_id = (await record(bank)).json()["ticket_id"]
    await tickets(owner)
    path = Path(settings.database_url.partition("///")[2])
    stored = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    written = "".join(capfd.readouterr())
    async with runtime.database.read() as tx:
        entries = str([dict(row) for row in (await tx.execute(select(audit_entries))).mappings()])
    assert ticket_id in entries
    assert ticket_id.encode() in stored
    for canary in (CANARY_NUMBER, CANARY_TEXT, "Canary"):
        assert canary.encode() not in stored
        assert canary not in written
        assert canary not in entries
