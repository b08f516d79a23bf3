"""What verifiers asked, by real requests and answers, as the month's figures publish it."""

import csv
from io import StringIO

import pytest
from sqlalchemy import insert

from giayto_wallet_api.catalogue.editions import freeze_edition
from giayto_wallet_api.refusal_reports.tables import refusal_reports
from giayto_wallet_api.wallets.tables import wallets
from openid4vp.hosted import registered_bank

FIGURES = "/public/v1/figures"
CANARY_NUMBER, CANARY_TEXT = "001099000017", "Chị Canary sinh ngày khác"


@pytest.fixture(autouse=True)
async def published(runtime, clock) -> None:
    async with runtime.database.transaction() as tx:
        await freeze_edition(
            tx, month="2026-11", types=runtime.document_types, identity=runtime.keys.catalogue, now=clock()
        )


async def ask_and_answer(bank, holder, times: int) -> None:
    for _ in range(times):
        seen = await holder.look((await bank.ask()).json())
        assert (await holder.answer(seen)).status_code == 200


async def ask_and_decline(bank, holder, times: int) -> None:
    for _ in range(times):
        seen = await holder.look((await bank.ask()).json())
        refusal = {"error": "access_denied", "state": seen.claims["state"]}
        assert (await holder.post(seen, refusal)).status_code == 200


async def fall_back(bank, times: int) -> None:
    for number in range(times):
        case = {
            "case_key": f"case-{number}",
            "document": "health-insurance-card",
            "reason": "data_wrong",
            "subject": {"kind": "person", "id": CANARY_NUMBER},
            "details": CANARY_TEXT,
        }
        assert (await bank.call("POST", "/verifier/v1/paper-fallbacks", json=case)).status_code == 200


async def verifiers(http) -> list:
    return (await http.get(FIGURES)).json()["verifiers"]


@pytest.mark.both_databases
async def test_a_verifier_is_named_with_what_it_did(http, bank, holder) -> None:
    await ask_and_answer(bank, holder, 5)
    await ask_and_decline(bank, holder, 4)
    await fall_back(bank, 6)
    (named,) = await verifiers(http)
    assert named == {
        "verifier_id": "bank-a",
        "names": {"vi": "Ngân hàng A", "en": "Bank A"},
        "checks": 5,
        "declined": None,
        "paper_fallbacks": 6,
        "refusal_reports": 0,
    }


async def test_a_verifier_with_small_numbers_is_not_named(http, bank, holder) -> None:
    await ask_and_answer(bank, holder, 4)
    await fall_back(bank, 4)
    assert await verifiers(http) == []
    assert "Ngân hàng A" not in (await http.get(f"{FIGURES}/page")).text
    assert "bank-a" not in (await http.get(f"{FIGURES}/table.csv")).text


async def test_an_agency_is_not_counted_for_what_a_verifier_did(http, bank, holder) -> None:
    await fall_back(bank, 6)
    assert (await http.get(FIGURES)).json()["agencies"] == []


@pytest.mark.both_databases
async def test_reports_of_its_domain_are_reports_of_the_verifier(http, bank, runtime, clock) -> None:
    await report(runtime, clock, ["bank-a", "bank-a", "bank-a", "bank-a.example", "bank-a.example"])
    (named,) = await verifiers(http)
    assert (named["verifier_id"], named["names"]["en"], named["refusal_reports"]) == ("bank-a", "Bank A", 5)


async def test_page_and_table_say_the_same(http, bank, holder) -> None:
    await ask_and_answer(bank, holder, 2)
    await fall_back(bank, 6)
    rows = csv.DictReader(StringIO((await http.get(f"{FIGURES}/table.csv")).content.decode("utf-8-sig")))
    (row,) = [row for row in rows if row["kind"] == "verifier"]
    assert (row["id"], row["name_vi"], row["checks"], row["paper_fallbacks"]) == ("bank-a", "Ngân hàng A", "<5", "6")
    page = (await http.get(f"{FIGURES}/page")).text
    assert "Ngân hàng A" in page
    assert "&lt;5" in page
    assert "Bank A" in (await http.get(f"{FIGURES}/page?lang=en")).text


async def test_what_is_erased_stays_counted_and_names_nobody(http, bank, holder, clock, runtime, settings) -> None:
    await ask_and_answer(bank, holder, 5)
    await fall_back(bank, 5)
    clock.advance(days=7)
    other = await registered_bank(http, runtime, clock, settings.base_url, "bank-b")
    await ask_and_answer(other, holder, 1)  # asking erases what is outdated
    published = [(await http.get(path)).text for path in (FIGURES, f"{FIGURES}/page", f"{FIGURES}/table.csv")]
    (named,) = await verifiers(http)
    assert (named["verifier_id"], named["checks"]) == ("bank-a", 5)
    for canary in (CANARY_NUMBER, CANARY_TEXT, "Canary", "001099012345"):
        assert not any(canary in text for text in published)


async def report(runtime, clock, verifier_ids) -> None:
    async with runtime.database.transaction() as tx:
        for number, verifier_id in enumerate(verifier_ids):
            wallet_id = f"wal_{number}"
            await tx.execute(insert(wallets).values(**stranger(wallet_id, clock())))
            await tx.execute(
                insert(refusal_reports).values(
                    wallet_id=wallet_id, report_id="rep", filed_sequence=number, filed_at=clock(),
                    verifier_id=verifier_id, document_type="x", asked_on=clock().date(), edition="2026-11",
                    content=b"",
                )
            )  # fmt: skip


def stranger(wallet_id, now) -> dict:
    return {
        "wallet_id": wallet_id,
        "holder_kind": "person",
        "wrapped_key": b"",
        "identity": b"",
        "identity_version": 1,
        "change_sequence": 0,
        "created_at": now,
    }
