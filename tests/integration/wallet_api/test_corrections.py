"""Paper is asked for all the same only with a reason, and the agency that owns the data has to answer."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from giayto_wallet_api.audit.log import first_broken_entry
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.catalogue.editions import freeze_edition

DESK, OWNER, OTHER = "H26", "G24", "G18"
CARD = "urn:giayto:type:health-insurance-card:1"
CANARY_NUMBER, CANARY_TEXT, CANARY_ANSWER = "001099000017", "Chị Canary sinh ngày khác", "Đã sửa cho chị Canary"
CASE = {
    "case_key": "H26.30.1-261122-0975",
    "document": "health-insurance-card",
    "reason": "data_wrong",
    "subject": {"kind": "person", "id": CANARY_NUMBER},
    "details": CANARY_TEXT,
}


@pytest.fixture
async def agencies(runtime, clock, new_agency):
    async with runtime.database.transaction() as tx:
        await freeze_edition(
            tx, month="2026-11", types=runtime.document_types, identity=runtime.keys.catalogue, now=clock()
        )
    return {agency_id: await new_agency(agency_id, (CARD,)) for agency_id in (DESK, OWNER, OTHER)}


async def record(agencies, **changes):
    return await agencies[DESK].call("POST", "/issuer/v1/paper-fallbacks", json=CASE | changes)


async def tickets(agencies, agency=OWNER, query=""):
    return (await agencies[agency].call("GET", f"/issuer/v1/corrections{query}")).json()


async def respond(agencies, ticket_id, *, agency=OWNER, outcome="corrected", answer=CANARY_ANSWER):
    body = {"outcome": outcome, "answer": answer}
    return await agencies[agency].call("POST", f"/issuer/v1/corrections/{ticket_id}/answer", json=body)


@pytest.mark.both_databases
async def test_a_fallback_opens_a_correction_with_ten_days(agencies, clock) -> None:
    recorded = await record(agencies, procedure="1.000894.000.00.00.H26")
    assert recorded.status_code == 200, recorded.text
    assert (recorded.json()["owner_agency_id"], recorded.json()["state"]) == (OWNER, "open")
    (ticket,) = (await tickets(agencies))["items"]
    assert ticket["ticket_id"] == recorded.json()["ticket_id"]
    assert (ticket["opened_by"], ticket["procedure"], ticket["edition"]) == (
        {"kind": "agency", "id": DESK},
        "1.000894",
        "2026-11",
    )
    assert (ticket["subject"], ticket["details"]) == (CASE["subject"], CANARY_TEXT)
    assert ticket["due_at"] == (clock() + timedelta(days=10)).isoformat().replace("+00:00", "Z")


@pytest.mark.both_databases
async def test_an_answer_reaches_the_desk_and_forgets_the_person(agencies, runtime, settings) -> None:
    ticket_id = (await record(agencies)).json()["ticket_id"]
    answered = (await respond(agencies, ticket_id)).json()
    assert (answered["state"], answered["subject"], answered["details"]) == ("answered", None, None)
    (fallback,) = (await agencies[DESK].call("GET", "/issuer/v1/paper-fallbacks")).json()["items"]
    assert (fallback["outcome"], fallback["answer"]) == ("corrected", CANARY_ANSWER)
    assert (await respond(agencies, ticket_id)).status_code == 200
    other = await respond(agencies, ticket_id, outcome="data_was_right")
    assert (other.status_code, other.json()["code"]) == (409, "already_answered")


@pytest.mark.both_databases
async def test_the_same_case_again_changes_nothing_and_another_is_refused(agencies) -> None:
    first, again = await record(agencies), await record(agencies)
    assert first.json() == again.json()
    assert len((await tickets(agencies))["items"]) == 1
    other = await record(agencies, reason="data_missing")
    assert (other.status_code, other.json()["code"]) == (409, "case_key_conflict")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"document": "criminal-record-2"}, 403, "paper_forbidden"),
        ({"document": "criminal-record-1", "purpose": "THUE_NHA"}, 403, "paper_forbidden"),
        ({"document": "land-use-certificate"}, 409, "fallback_not_needed"),
        ({"document": "nothing"}, 404, "document_not_catalogued"),
        ({"procedure": "marriage"}, 400, "procedure_code_invalid"),
        ({"agency_id": "G01"}, 400, "source_agency_invalid"),
        ({"reason": "no_time"}, 400, "malformed"),
        ({"details": ""}, 400, "malformed"),
        ({"details": "a\u202eb"}, 400, "malformed"),
        ({"case_key": "two words"}, 400, "malformed"),
    ],
)
async def test_a_fallback_without_its_conditions_is_refused(agencies, changes, status, code) -> None:
    response = await record(agencies, **changes)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert CANARY_NUMBER not in response.text
    assert (await tickets(agencies))["items"] == []


async def test_nobody_sees_or_answers_the_corrections_of_another(agencies) -> None:
    ticket_id = (await record(agencies)).json()["ticket_id"]
    for agency in (OTHER, DESK):
        assert (await tickets(agencies, agency))["items"] == []
        assert (await respond(agencies, ticket_id, agency=agency)).status_code == 404
    assert (await agencies[OTHER].call("GET", "/issuer/v1/paper-fallbacks")).json()["items"] == []
    assert (await respond(agencies, "cor_unknown")).status_code == 404


async def test_without_a_token_nothing_is_told(http, agencies) -> None:
    for method, path in (("GET", "corrections"), ("GET", "paper-fallbacks"), ("POST", "paper-fallbacks")):
        assert (await http.request(method, f"/issuer/v1/{path}", json=CASE)).status_code == 401


@pytest.mark.both_databases
async def test_lists_have_pages_and_states(agencies, clock) -> None:
    made = [(await record(agencies, case_key=f"case-{number}")).json()["ticket_id"] for number in range(3)]
    await respond(agencies, made[0])
    first = await tickets(agencies, query="?limit=2")
    second = await tickets(agencies, query=f"?limit=2&cursor={first['next_cursor']}")
    assert [item["ticket_id"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None
    assert [item["ticket_id"] for item in (await tickets(agencies, query="?state=answered"))["items"]] == made[:1]
    assert len((await tickets(agencies, query="?state=open"))["items"]) == 2
    page = (await agencies[DESK].call("GET", "/issuer/v1/paper-fallbacks?limit=2")).json()
    assert [item["case_key"] for item in page["items"]] == ["case-2", "case-1"]
    rest = (await agencies[DESK].call("GET", f"/issuer/v1/paper-fallbacks?cursor={page['next_cursor']}")).json()
    assert [item["case_key"] for item in rest["items"]] == ["case-0"]


async def test_what_is_late_is_said_to_the_second(agencies, clock) -> None:
    await record(agencies)
    clock.advance(days=10)
    agencies[OWNER].access_token = None
    assert (await tickets(agencies))["items"][0]["overdue"] is False
    clock.advance(seconds=1)
    assert (await tickets(agencies))["items"][0]["overdue"] is True


async def test_the_person_is_nowhere_in_clear(agencies, settings, capfd, runtime) -> None:
    ticket_id = (await record(agencies)).json()["ticket_id"]
    await tickets(agencies)
    path = Path(settings.database_url.partition("///")[2])

    def stored() -> bytes:
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))

    assert ticket_id.encode() in stored()
    await respond(agencies, ticket_id)
    written = "".join(capfd.readouterr())
    async with runtime.database.read() as tx:
        entries = [str(dict(row)) for row in (await tx.execute(select(audit_entries))).mappings()]
        assert await first_broken_entry(tx) is None
    for canary in (CANARY_NUMBER, CANARY_TEXT, CANARY_ANSWER, "Canary"):
        assert canary not in written
        assert canary.encode() not in stored()
        assert not any(canary in entry for entry in entries)
    actions = [action for action in ("paper_fallback.recorded", "correction.answered") if action in str(entries)]
    assert len(actions) == 2
    assert sum(ticket_id in entry for entry in entries) == 2


@pytest.mark.both_databases
async def test_a_late_agency_is_named_even_where_the_count_is_hidden(agencies, http, clock) -> None:
    ticket_id = (await record(agencies)).json()["ticket_id"]
    in_time = (await record(agencies, case_key="second")).json()["ticket_id"]
    await respond(agencies, in_time)
    assert not any(agency["late"] for agency in (await figures(http))["agencies"])
    clock.advance(days=11)
    overdue = await late_agency(http)
    assert (overdue["corrections_overdue"], overdue["corrections_late"]) == (None, 0)
    agencies[OWNER].access_token = None
    await respond(agencies, ticket_id)
    clock.advance(hours=2)
    answered = await late_agency(http)
    assert (answered["corrections_overdue"], answered["corrections_late"]) == (0, None)
    assert "Trễ hạn" in (await http.get("/public/v1/figures/page")).text


async def figures(http):
    return (await http.get("/public/v1/figures")).json()


async def late_agency(http):
    (late,) = [agency for agency in (await figures(http))["agencies"] if agency["late"]]
    assert late["agency_id"] == OWNER
    return late
