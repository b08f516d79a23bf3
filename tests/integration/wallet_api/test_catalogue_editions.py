"""Editions are frozen once, signed, kept for ever and compared; the rule answers from the one in force."""

import json
from datetime import UTC, datetime

import pytest
from msgspec import structs
from sqlalchemy import select

from giayto_crypto.catalogue_edition import verify_edition
from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import DocumentTypes
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.catalogue.editions import freeze_edition
from giayto_wallet_api.catalogue.problems import EditionExistsError, EditionMonthError


@pytest.fixture
def freeze(runtime, clock):
    async def freeze(month="2026-12", *, types=None, note=None):
        async with runtime.database.transaction() as tx:
            return await freeze_edition(
                tx,
                month=month,
                types=types or runtime.document_types,
                identity=runtime.keys.catalogue,
                now=clock(),
                correction_note=note,
            )

    return freeze


def without(types: DocumentTypes, code: str) -> DocumentTypes:
    return DocumentTypes(tuple(each for each in types if each.code != code))


@pytest.mark.both_databases
async def test_an_edition_is_served_as_it_was_signed(http, runtime, freeze, clock) -> None:
    await freeze("2026-11")
    token = (await http.get("/public/v1/catalogue/editions/latest/token")).text
    edition = verify_edition(token, runtime.keys.anchors, clock())
    body = (await http.get("/public/v1/catalogue/editions/2026-11")).json()
    assert (edition.edition_id, body["edition_id"], len(edition.entries)) == ("2026-11", "2026-11", 16)
    assert [entry["vct"] for entry in body["entries"]] == [entry.vct for entry in edition.entries]
    assert edition.issued_at == clock()
    assert edition.next_update == datetime(2026, 12, 10, 16, 59, 59, tzinfo=UTC)


@pytest.mark.both_databases
async def test_a_month_is_frozen_once(freeze, http) -> None:
    first = await freeze()
    with pytest.raises(EditionExistsError):
        await freeze()
    assert (await http.get("/public/v1/catalogue/editions/2026-12/token")).text == first.token


@pytest.mark.both_databases
async def test_a_correction_is_numbered_and_the_first_stays(freeze, http, runtime) -> None:
    first = await freeze(types=without(runtime.document_types, "referral"))
    corrected = await freeze(note="Thiếu giấy chuyển tuyến")
    assert corrected.edition.edition_id == "2026-12.1"
    assert (await http.get("/public/v1/catalogue/editions/2026-12/token")).text == first.token
    latest = (await http.get("/public/v1/catalogue/editions/latest")).json()
    assert (latest["edition_id"], latest["correction_note"]) == ("2026-12.1", "Thiếu giấy chuyển tuyến")
    assert (await freeze(note="Sửa lần hai")).edition.edition_id == "2026-12.2"


@pytest.mark.parametrize("month", ["2026-10", "2027-01", "2026-13", "12-2026", "2026-1", ""])
async def test_neither_the_past_nor_the_far_future_is_frozen(freeze, month) -> None:
    with pytest.raises(EditionMonthError):
        await freeze(month)


async def test_only_the_newest_edition_is_corrected(freeze) -> None:
    with pytest.raises(EditionMonthError):
        await freeze("2026-11", note="nothing to correct")
    await freeze("2026-11")
    await freeze("2026-12")
    with pytest.raises(EditionMonthError):
        await freeze("2026-11", note="too late")


async def test_months_come_in_order(freeze) -> None:
    await freeze("2026-12")
    with pytest.raises(EditionMonthError):
        await freeze("2026-11")


async def test_the_month_is_that_of_vietnam(freeze, clock) -> None:
    clock.now = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)
    with pytest.raises(EditionMonthError):
        await freeze("2026-11")
    await freeze("2026-12")


async def test_each_edition_has_one_audit_entry(freeze, runtime) -> None:
    await freeze()
    await freeze(note="Sửa")
    with pytest.raises(EditionExistsError):
        await freeze()
    async with runtime.database.read() as tx:
        rows = (await tx.execute(select(audit_entries).where(audit_entries.c.action == "catalogue.published"))).all()
    assert [(row.target, json.loads(row.facts)) for row in rows] == [
        ("2026-12", {"documents": 16}),
        ("2026-12.1", {"documents": 16}),
    ]


@pytest.mark.both_databases
async def test_editions_are_listed_in_pages(freeze, http, clock) -> None:
    assert (await http.get("/public/v1/catalogue/editions")).json() == {"items": [], "next_cursor": None}
    await freeze("2026-11")
    await freeze("2026-12")
    await freeze("2026-12", note="Sửa")
    first = (await http.get("/public/v1/catalogue/editions?limit=2")).json()
    assert [item["edition_id"] for item in first["items"]] == ["2026-12.1", "2026-12"]
    second = (await http.get(f"/public/v1/catalogue/editions?limit=2&cursor={first['next_cursor']}")).json()
    assert [item["edition_id"] for item in second["items"]] == ["2026-11"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("name", ["2026-09", "latest", "2026-12.1", "2026-12.0", "2026-12.x", "nothing", "2026-13"])
@pytest.mark.parametrize("part", ["", "/token", "/changes"])
async def test_what_was_never_published_is_not_found(http, name, part) -> None:
    response = await http.get(f"/public/v1/catalogue/editions/{name}{part}")
    assert (response.status_code, response.json()["code"]) == (404, "no_such_edition")


async def test_an_edition_is_cached_for_ever_and_the_latest_is_revalidated(freeze, http) -> None:
    await freeze()
    named = await http.get("/public/v1/catalogue/editions/2026-12")
    latest = await http.get("/public/v1/catalogue/editions/latest/token")
    assert named.headers["cache-control"] == "public, max-age=31536000"
    assert latest.headers["cache-control"] == "public, max-age=0"
    again = await http.get(
        "/public/v1/catalogue/editions/latest/token", headers={"if-none-match": latest.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_two_editions_are_compared(freeze, http, runtime) -> None:
    await freeze("2026-11", types=without(runtime.document_types, "referral"))
    renamed = tuple(
        structs.replace(each, titles=Localised(vi="Tên mới", en="New name")) if each.code == "health-book" else each
        for each in runtime.document_types
    )
    await freeze("2026-12", types=without(DocumentTypes(renamed), "driving-licence"))
    changes = (await http.get("/public/v1/catalogue/editions/latest/changes")).json()
    assert (changes["older"], changes["newer"]) == ("2026-11", "2026-12")
    assert [each["code"] for each in changes["added"]] == ["referral"]
    assert [each["code"] for each in changes["removed"]] == ["driving-licence"]
    assert [(each["vct"], [field["field"] for field in each["fields"]]) for each in changes["changed"]] == [
        ("urn:giayto:type:health-book:1", ["titles"])
    ]
    same = (await http.get("/public/v1/catalogue/editions/2026-12/changes?since=2026-12")).json()
    assert (same["added"], same["removed"], same["changed"]) == ([], [], [])
    assert (await http.get("/public/v1/catalogue/editions/2026-11/changes")).status_code == 404


async def ask(http, **arguments):
    return await http.get("/public/v1/may-ask", params=arguments)


async def test_the_rule_answers_with_basis_and_edition(freeze, http) -> None:
    await freeze("2026-11")
    never = (await ask(http, document="criminal-record-2")).json()
    assert (never["may_ask"], never["reason"], never["edition"]) == (False, "never_demandable", "2026-11")
    assert "Lý lịch tư pháp" in never["legal_basis"][0]["reference"]
    by_vct = (await ask(http, document="urn:giayto:type:health-book:1")).json()
    assert (by_vct["may_ask"], by_vct["document"], by_vct["on"]) == (False, "health-book", "2026-11-22")


async def test_a_criminal_record_is_asked_for_lawful_purposes_only(freeze, http) -> None:
    await freeze("2026-11")
    for_health = (await ask(http, document="criminal-record-1", purpose="Y_TE")).json()
    assert (for_health["may_ask"], for_health["show_from_wallet"]) == (False, "for_purposes")
    for_renting = (await ask(http, document="criminal-record-1", purpose="THUE_NHA")).json()
    assert (for_renting["reason"], for_renting["show_from_wallet"]) == ("purpose_not_allowed", "no")


@pytest.mark.both_databases
async def test_the_edition_in_force_on_the_day_answers(freeze, http, runtime, clock) -> None:
    await freeze("2026-11", types=without(runtime.document_types, "referral"))
    clock.advance(days=12)
    await freeze("2026-12", types=without(runtime.document_types, "health-book"))
    on_that_day = (await ask(http, document="health-book", date="2026-11-25")).json()
    assert on_that_day["edition"] == "2026-11"
    assert (await ask(http, document="health-book", date="2026-12-20")).status_code == 404
    assert (await ask(http, document="referral", date="2026-11-25")).json()["edition"] == "2026-12"
    assert (await ask(http, document="discharge-paper", date="2020-01-01")).json()["edition"] == "2026-11"


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ({"document": "birth-certficate"}, 404, "document_not_catalogued"),
        ({"document": "birth-certificate", "procedure": "marriage"}, 400, "procedure_code_invalid"),
        ({"document": "birth-certificate", "date": "tomorrow"}, 400, "malformed"),
        ({"document": ""}, 400, "malformed"),
        ({}, 400, "malformed"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_a_problem(freeze, http, arguments, status, code) -> None:
    await freeze("2026-11")
    response = await ask(http, **arguments)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"


async def test_before_the_first_edition_nothing_is_answered(http) -> None:
    assert (await ask(http, document="birth-certificate")).json()["code"] == "no_such_edition"
