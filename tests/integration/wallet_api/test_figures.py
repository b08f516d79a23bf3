"""Counters of the month: each entry of the audit log once, in its month, whoever counts, however often."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec import structs

from giayto_issuers.document_type.model import DocumentTypes
from giayto_issuers.document_type.paper import Integration
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.catalogue.editions import freeze_edition
from giayto_wallet_api.figures import rolling
from giayto_wallet_api.figures.months import end_of, following_month, last_day_of, month_before, start_of
from giayto_wallet_api.figures.rolling import count_new_entries, counts_of
from giayto_wallet_api.store.database import Database

NOVEMBER = datetime(2026, 11, 22, tzinfo=UTC)
LAST_OF_NOVEMBER = datetime(2026, 11, 30, 16, 59, 59, 999_999, tzinfo=UTC)  # a microsecond before midnight in Vietnam
FIGURES = "/public/v1/figures"


async def write(runtime, *events, actor="agency:G18", now=NOVEMBER) -> None:
    async with runtime.database.transaction() as tx:
        made = [audit.Event(action, "target", facts) for action, facts in events]
        await audit.record_all(tx, now=now, actor=audit.Actor(actor), events=made)


async def counted(runtime, month="2026-11"):
    await count_new_entries(runtime.database)
    async with runtime.database.read() as tx:
        return await counts_of(tx, month)


@pytest.mark.both_databases
async def test_every_kind_is_counted_for_whose_it_is(runtime) -> None:
    await write(runtime, ("document.stored", {"version": 1}), ("document.stored", {"version": 2}))
    await write(runtime, ("document.copies_renewed", {"version": 1}), ("agency.registered", {"agency_id": "G18"}))
    answers = [("document.confirmed", {"agency_id": "G18"}), ("document.declined", {"agency_id": "G24"})]
    fetched = ("document.confirmed", {"agency_id": "H26", "fetched": True})
    await write(runtime, *answers, fetched, actor="wallet:wal_1")
    await write(runtime, ("paper_fallback.recorded", {"owner_agency_id": "G24"}), actor="verifier:bank-a")
    await write(runtime, ("paper_fallback.recorded", {"owner_agency_id": "G24"}), actor="agency:H26")
    answered = [("correction.answered", {"in_time": in_time}) for in_time in (True, True, False)]
    await write(runtime, *answered, actor="agency:G24")
    shown = [("presentation.answered", {"outcome": "valid", "verifier_id": "bank-a"})] * 2
    await write(runtime, *shown, ("presentation.declined", {"verifier_id": "bank-a"}), actor="wallet-of-any-maker")
    assert await counted(runtime) == {
        "agency:G18": {"pushed": 2, "confirmed": 1},
        "agency:G24": {"declined": 1, "corrections_in_time": 2, "corrections_late": 1},
        "agency:H26": {"pushed": 1, "confirmed": 1, "paper_fallbacks": 1},
        "verifier:bank-a": {"paper_fallbacks": 1, "checks": 2, "declined": 1},
    }


@pytest.mark.both_databases
async def test_nothing_is_counted_twice(runtime, monkeypatch) -> None:
    monkeypatch.setattr(rolling, "ENTRIES_AT_ONCE", 3)
    for round_number in range(1, 4):
        await write(runtime, *[("document.stored", {})] * 4)
        for _ in range(2):
            assert await counted(runtime) == {"agency:G18": {"pushed": 4 * round_number}}


@pytest.mark.both_databases
async def test_two_processes_that_count_at_once_count_once(runtime, settings, monkeypatch) -> None:
    monkeypatch.setattr(rolling, "ENTRIES_AT_ONCE", 5)
    await write(runtime, *[("document.stored", {})] * 60)
    other = Database(settings.database_url)
    try:
        await asyncio.gather(*[count_new_entries(each) for each in (runtime.database, other, runtime.database, other)])
    finally:
        await other.close()
    assert await counted(runtime) == {"agency:G18": {"pushed": 60}}


@pytest.mark.both_databases
async def test_an_entry_counts_in_its_month_of_vietnam(runtime) -> None:
    await write(runtime, ("document.stored", {}), now=LAST_OF_NOVEMBER)
    await write(runtime, *[("document.stored", {})] * 2, now=LAST_OF_NOVEMBER + timedelta(microseconds=1))
    await write(runtime, ("document.stored", {}), now=LAST_OF_NOVEMBER)  # begun before the other, written after it
    assert await counted(runtime) == {"agency:G18": {"pushed": 2}}
    assert await counted(runtime, "2026-12") == {"agency:G18": {"pushed": 2}}


@pytest.mark.both_databases
async def test_only_new_entries_are_read(runtime, database_kind) -> None:
    """By the key of the log, within two numbers: what was counted before costs nothing."""
    await write(runtime, *[("document.stored", {})] * 5)
    assert await counted(runtime)
    async with runtime.database.read() as tx:
        part = (rolling._entries.sequence > 5) & (rolling._entries.sequence <= 9)
        query = rolling._grouped(tx, part).compile(tx.engine, compile_kwargs={"literal_binds": True})
        if database_kind == "sqlite":
            plan = [row[3] for row in await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
            assert any("USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in line for line in plan), plan
        else:
            await tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = [row[0] for row in await tx.exec_driver_sql(f"EXPLAIN {query}")]
            assert any("pk_audit_entries" in line for line in plan), plan


async def test_a_month_is_final_only_when_its_last_transactions_are_through(http, runtime, clock) -> None:
    clock.advance(seconds=(end_of("2026-11") - clock()).total_seconds() + 60)
    assert (await http.get(f"{FIGURES}?month=2026-11")).json()["agencies"] == []
    await write(runtime, *[("document.stored", {})] * 7, now=LAST_OF_NOVEMBER)
    clock.advance(hours=1)
    (agency,) = (await http.get(f"{FIGURES}?month=2026-11")).json()["agencies"]
    assert agency["pushed"] == 7
    await write(runtime, *[("document.stored", {})] * 7, now=LAST_OF_NOVEMBER)
    clock.advance(hours=2)
    (agency,) = (await http.get(f"{FIGURES}?month=2026-11")).json()["agencies"]
    assert agency["pushed"] == 7


@pytest.fixture
def with_deadlines(runtime, clock):
    """Publish an edition in which the owner of two types is late with one."""

    async def publish() -> None:
        stages = {
            "health-insurance-card": ("in-preparation", date(2026, 11, 20)),
            "referral": ("in-preparation", date(2026, 12, 31)),
            "health-book": ("proposed", None),
        }
        known = runtime.document_types
        changed = [with_stage(each, *stages[each.code]) if each.code in stages else each for each in known]
        async with runtime.database.transaction() as tx:
            await freeze_edition(
                tx, month="2026-11", types=DocumentTypes(tuple(changed)), identity=runtime.keys.catalogue, now=clock()
            )

    return publish


def with_stage(document_type, stage, deadline):
    return structs.replace(document_type, integration=Integration(stage=stage, deadline=deadline))


async def test_who_is_late_to_integrate_is_named(http, with_deadlines) -> None:
    await with_deadlines()
    by_owner = {each["agency_id"]: each for each in (await http.get(FIGURES)).json()["integration"]}
    late = {agency_id: each["overdue"] for agency_id, each in by_owner.items() if each["overdue"]}
    assert {agency_id: [each["code"] for each in overdue] for agency_id, overdue in late.items()} == {
        "G24": ["health-insurance-card"]
    }
    page = (await http.get(f"{FIGURES}/page")).text
    assert "Quá hạn tích hợp" in page
    assert "20/11/2026" in page


async def test_without_an_edition_there_is_no_word_of_integration(http, runtime, with_deadlines) -> None:
    assert (await http.get(FIGURES)).json()["integration"] == []
    await with_deadlines()
    assert (await http.get(f"{FIGURES}?month=2026-10")).json()["integration"] == []


@pytest.mark.parametrize(
    ("month", "before", "after", "last"),
    [
        ("2026-12", "2026-11", "2027-01", 31),
        ("2027-01", "2026-12", "2027-02", 31),
        ("2028-02", "2028-01", "2028-03", 29),
    ],
)
def test_months_follow_each_other(month, before, after, last) -> None:
    assert (month_before(month), following_month(month), last_day_of(month).day) == (before, after, last)
    assert end_of(month) == start_of(after)
