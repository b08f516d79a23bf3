"""A citizen reports who still asks for paper; the month's figures count without naming anybody."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import insert

from giayto_crypto.localised import Localised
from giayto_wallet_api.agencies.registration import register_agency
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.catalogue.editions import freeze_edition
from giayto_wallet_api.figures.tables import figure_counts
from giayto_wallet_api.refusal_reports.tables import refusal_reports
from giayto_wallet_api.wallets.tables import wallets

REPORTS = "/wallet/v1/refusal-reports"
CANARY = "Phòng giao dịch Canary"
REPORT = {
    "verifier_name": CANARY,
    "verifier_id": "Bank.example.vn",
    "document": "health-insurance-card",
    "asked_on": "2026-11-20",
    "text": "Chuyện rất riêng của Hồng",
}


@pytest.fixture(autouse=True)
async def published(runtime, clock) -> None:
    async with runtime.database.transaction() as tx:
        await freeze_edition(
            tx, month="2026-11", types=runtime.document_types, identity=runtime.keys.catalogue, now=clock()
        )


async def file(phone, **changes):
    return await phone.call("POST", REPORTS, REPORT | changes)


@pytest.mark.both_databases
async def test_a_report_is_kept_for_its_author_alone(hong, an) -> None:
    filed = await file(hong, procedure="1.000894")
    assert filed.status_code == 201, filed.text
    assert (filed.json()["reason"], filed.json()["edition"]) == ("integrated", "2026-11")
    (mine,) = (await hong.get(REPORTS))["items"]
    assert (mine["verifier_name"], mine["verifier_id"], mine["text"]) == (CANARY, "bank.example.vn", REPORT["text"])
    assert (mine["procedure"], mine["asked_on"]) == ("1.000894", "2026-11-20")
    assert (await an.get(REPORTS))["items"] == []


@pytest.mark.both_databases
async def test_a_report_that_is_sent_again_is_kept_once(hong, an) -> None:
    key = {"Idempotency-Key": "8d0c"}
    first, again = [await hong.call("POST", REPORTS, REPORT, **key) for _ in range(2)]
    assert (first.json()["report_id"], again.status_code) == (again.json()["report_id"], 201)
    assert len((await hong.get(REPORTS))["items"]) == 1
    other = await hong.call("POST", REPORTS, REPORT | {"text": "Chuyện khác"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (await an.call("POST", REPORTS, REPORT, **key)).json()["report_id"] != first.json()["report_id"]


@pytest.mark.both_databases
async def test_reports_have_pages(hong) -> None:
    made = [(await file(hong, text=f"Lần {number}")).json()["report_id"] for number in range(3)]
    first = await hong.get(f"{REPORTS}?limit=2")
    second = await hong.get(f"{REPORTS}?limit=2&cursor={first['next_cursor']}")
    assert [item["report_id"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"document": "land-use-certificate"}, 409, "paper_allowed"),
        ({"document": "nothing"}, 404, "document_not_catalogued"),
        ({"asked_on": "2026-11-23"}, 400, "malformed"),
        ({"asked_on": "yesterday"}, 400, "malformed"),
        ({"verifier_id": "two words"}, 400, "malformed"),
        ({"verifier_name": "a\u202eb"}, 400, "malformed"),
        ({"text": ""}, 400, "malformed"),
        ({"unknown": 1}, 400, "malformed"),
    ],
)
async def test_what_is_no_report_is_refused(hong, changes, status, code) -> None:
    response = await file(hong, **changes)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert CANARY not in response.text
    assert (await hong.get(REPORTS))["items"] == []


async def test_a_wallet_reports_a_limited_number_of_times_a_day(hong, clock) -> None:
    for _ in range(20):
        assert (await file(hong)).status_code == 201
    refused = await file(hong)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")


async def test_reports_are_nowhere_in_clear(hong, settings, capfd) -> None:
    report_id = (await file(hong)).json()["report_id"]
    await hong.get(REPORTS)
    path = Path(settings.database_url.partition("///")[2])
    stored = b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    written = "".join(capfd.readouterr())
    assert report_id.encode() in stored
    for canary in (CANARY, "Chuyện rất riêng", "Hồng"):
        assert canary.encode() not in stored
        assert canary not in written


@pytest.fixture
def busy_month(runtime, clock, hong, offer):
    """Seven pushes by G18, three by G01, six confirmations, and six citizens who reported one bank."""

    async def fill() -> None:
        async with runtime.database.transaction() as tx:
            await register_agency(tx, agency_id="G18", names=Localised(vi="Bộ Y tế", en="Health"), now=clock())
            for agency_id, count in (("G18", 7), ("G01", 3)):
                pushed = [audit.Event("document.stored", f"doc_{number}", {"version": 1}) for number in range(count)]
                await audit.record_all(tx, now=clock(), actor=audit.agency_actor(agency_id), events=pushed)
            facts = {"agency_id": "G18", "version": 1}
            confirmed = [audit.Event("document.confirmed", f"doc_{number}", facts) for number in range(6)]
            await audit.record_all(tx, now=clock(), actor=audit.wallet_actor(hong.wallet_id), events=confirmed)
        await reports_of_strangers(runtime, clock, hong, "bank.example.vn", 6)
        await reports_of_strangers(runtime, clock, hong, "small.example.vn", 4)

    return fill


async def reports_of_strangers(runtime, clock, phone, verifier_id, count) -> None:
    async with runtime.database.transaction() as tx:
        template = dict(
            (await tx.execute(wallets.select().where(wallets.c.wallet_id == phone.wallet_id))).mappings().one()
        )
        for number in range(count):
            wallet_id = f"wal_{verifier_id}_{number}"
            await tx.execute(insert(wallets).values(**template | {"wallet_id": wallet_id}))
            await tx.execute(
                insert(refusal_reports).values(
                    wallet_id=wallet_id, report_id="rep", filed_sequence=number, filed_at=clock(),
                    verifier_id=verifier_id, document_type="x", asked_on=clock().date(), edition="2026-11",
                    content=b"",
                )
            )  # fmt: skip


@pytest.mark.both_databases
async def test_figures_count_by_agency_and_hide_small_numbers(http, busy_month, clock) -> None:
    await busy_month()
    figures = (await http.get("/public/v1/figures?month=2026-11")).json()
    by_agency = {agency["agency_id"]: agency for agency in figures["agencies"]}
    assert (by_agency["G18"]["pushed"], by_agency["G18"]["confirmed"], by_agency["G18"]["declined"]) == (7, 6, 0)
    assert (by_agency["G01"]["pushed"], by_agency["G01"]["confirmed"]) == (None, 0)
    (bank,) = figures["verifiers"]
    assert (bank["verifier_id"], bank["names"], bank["refusal_reports"]) == ("bank.example.vn", None, 6)
    assert figures["suppressed_below"] == 5
    rows = list(csv.DictReader(StringIO((await http.get("/public/v1/figures/table.csv")).content.decode("utf-8-sig"))))
    counted = {row["id"]: row["pushed"] for row in rows if row["kind"] != "integration"}
    assert counted == {"G18": "7", "G01": "<5", "bank.example.vn": ""}
    html = (await http.get("/public/v1/figures/page")).text
    assert "Bộ Y tế" in html
    assert "&lt;5" in html
    assert "small.example.vn" not in html


async def test_one_citizen_alone_gets_nobody_named(hong, http) -> None:
    for _ in range(10):
        await file(hong)
    assert (await http.get("/public/v1/figures")).json()["verifiers"] == []


@pytest.mark.both_databases
async def test_a_month_that_is_over_is_counted_once(http, busy_month, runtime, clock, hong) -> None:
    await busy_month()
    clock.advance(days=10)
    first = (await http.get("/public/v1/figures?month=2026-11")).json()
    clock.advance(days=10)
    async with runtime.database.transaction() as tx:
        await tx.execute(refusal_reports.delete())
        await tx.execute(figure_counts.delete())
    assert (await http.get("/public/v1/figures?month=2026-11")).json() == first


async def test_the_month_that_runs_is_counted_again_after_an_hour(http, busy_month, clock) -> None:
    assert (await http.get("/public/v1/figures")).json()["agencies"] == []
    await busy_month()
    clock.advance(minutes=59)
    assert (await http.get("/public/v1/figures")).json()["agencies"] == []
    clock.advance(minutes=1)
    assert len((await http.get("/public/v1/figures")).json()["agencies"]) == 2


@pytest.mark.parametrize(
    ("month", "status", "code"),
    [("2026-12", 404, "no_figures"), ("2025-12", 404, "no_figures"), ("2026-13", 400, "malformed")],
)
async def test_a_month_without_figures_is_a_problem_or_a_page(http, month, status, code) -> None:
    response = await http.get(f"/public/v1/figures?month={month}")
    assert (response.status_code, response.json()["code"]) == (status, code)
    page = await http.get(f"/public/v1/figures/page?month={month}")
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
