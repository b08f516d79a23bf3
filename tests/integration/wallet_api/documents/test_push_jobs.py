"""Jobs: what became of every row is counted with it, and a decision about all of them is carried out in portions."""

import asyncio
import json
import secrets
from contextlib import nullcontext
from functools import partial

import pytest
from sqlalchemy import func, select

from giayto_crypto.status_list import StatusValue
from giayto_wallet_api.audit.log import first_broken_entry
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.changes.tables import wallet_changes
from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.inbox.tables import wallet_documents
from giayto_wallet_api.push_jobs import operations
from giayto_wallet_api.push_jobs.operations import advance
from giayto_wallet_api.status.tables import status_entries

pytestmark = pytest.mark.both_databases

JOBS = "/issuer/v1/push-jobs"
HEALTH_BOOK = "urn:giayto:type:health-book:1"


@pytest.fixture(autouse=True)
def nothing_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions are done when a test says so."""
    monkeypatch.setattr("giayto_wallet_api.app.carrying_out_operations", lambda _runtime: nullcontext())


async def opened(agency, job_key: str | None = None, document_type: str = HEALTH_BOOK) -> dict:
    body = {"job_key": job_key or secrets.token_urlsafe(24), "document_type": document_type}
    response = await agency.call("POST", JOBS, json=body)
    assert response.status_code in (200, 201), response.text
    return response.json()


async def rows_of(desk, citizen, first: int, last: int, series: str = "row") -> list[dict]:
    places = await desk.reserve((last - first + 1) * len(citizen.keys))
    each = len(citizen.keys)
    return [
        await desk.row(citizen, f"{series}-{row}", statuses=places[index * each : (index + 1) * each], row=row)
        for index, row in enumerate(range(first, last + 1))
    ]


async def sent(desk, job_id: str, rows: list[dict]) -> list[dict]:
    body = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    response = await desk.agency.call(
        "POST",
        f"/issuer/v1/documents/bulk?job={job_id}",
        content=body,
        headers={"content-type": "application/x-ndjson"},
    )
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


async def read(agency, path: str) -> dict:
    response = await agency.call("GET", f"{JOBS}{path}")
    assert response.status_code == 200, response.text
    return response.json()


async def counts(agency, job_id: str) -> dict:
    job = await read(agency, f"/{job_id}")
    return {(each["outcome"], each["code"]): each["rows"] for each in job["counts"]}


async def decide(agency, job_id: str, decision: str, **body: str):
    return await agency.call("POST", f"{JOBS}/{job_id}/{decision}", json={"reason": "wrong export", **body})


async def carry_out(runtime) -> int:
    """Do all portions there are; returns how many."""
    portions = 0
    while await advance(runtime.database, runtime.clock()):
        portions += 1
    return portions


async def grouped(runtime, *columns, where=True) -> dict:
    async with runtime.database.read() as tx:
        found = await tx.execute(select(*columns, func.count()).where(where).group_by(*columns))
        return {row[0] if len(columns) == 1 else tuple(row[:-1]): row[-1] for row in found}


async def test_opening_twice_is_opening_once(health) -> None:
    first = await opened(health, "a-key-of-the-client-1")
    again = await opened(health, "a-key-of-the-client-1")
    assert first["job_id"] == again["job_id"]
    assert (first["counts"], first["finished_at"]) == ([], None)
    other = await opened(health, "a-key-of-the-client-2")
    assert other["job_id"] != first["job_id"]


async def test_a_key_stands_for_one_document_type(new_agency) -> None:
    agency = await new_agency("G18", (HEALTH_BOOK, "urn:giayto:type:criminal-record-1:1"))
    await opened(agency, "a-key-of-the-client-1")
    body = {"job_key": "a-key-of-the-client-1", "document_type": "urn:giayto:type:criminal-record-1:1"}
    response = await agency.call("POST", JOBS, json=body)
    assert (response.status_code, response.json()["code"]) == (409, "job_key_conflict")
    forbidden = {**body, "job_key": "a-key-of-the-client-2", "document_type": "urn:giayto:type:referral:1"}
    assert (await agency.call("POST", JOBS, json=forbidden)).status_code == 403


async def test_rows_are_counted_with_their_answers(desk, an) -> None:
    job_id = (await opened(desk.agency))["job_id"]
    good, again, bad = await rows_of(desk, an, 2, 4)
    bad["credentials"] = ["no credential"]
    answers = await sent(desk, job_id, [good, again, bad])
    assert [each["result"] for each in answers] == ["stored", "stored", "refused"]
    assert await counts(desk.agency, job_id) == {("stored", ""): 2, ("refused", answers[2]["problem"]["code"]): 1}
    listed = (await read(desk.agency, f"/{job_id}/rows"))["items"]
    assert [(row["row"], row["row_key"], row["outcome"], row["attempts"]) for row in listed] == [
        (2, "row-2", "stored", 1),
        (3, "row-3", "stored", 1),
        (4, "row-4", "refused", 1),
    ]
    assert listed[0]["document_id"] == answers[0]["document_id"]


async def test_a_lost_reply_is_no_second_row_and_a_correction_no_second_refusal(desk, an) -> None:
    job_id = (await opened(desk.agency))["job_id"]
    (one, two) = await rows_of(desk, an, 2, 3)
    broken = {**two, "credentials": ["no credential"]}
    await sent(desk, job_id, [one, broken])
    answers = await sent(desk, job_id, [one, two])
    assert [each["result"] for each in answers] == ["unchanged", "stored"]
    assert await counts(desk.agency, job_id) == {("stored", ""): 2}
    listed = (await read(desk.agency, f"/{job_id}/rows"))["items"]
    assert [(row["outcome"], row["attempts"]) for row in listed] == [("stored", 1), ("stored", 2)]


async def test_what_was_never_sent_is_reported_and_finishing_returns_the_counts(desk, an) -> None:
    job_id = (await opened(desk.agency))["job_id"]
    report = {
        "rows": [
            {"row": 2, "row_key": "row-2", "outcome": "waiting_for_wallet"},
            {"row": 3, "outcome": "refused", "code": "record_invalid"},
            {"row": 4, "row_key": "row-4", "outcome": "mismatch"},
        ]
    }
    for _ in range(2):
        response = await desk.agency.call("POST", f"{JOBS}/{job_id}/rows", json=report)
        assert response.status_code == 200, response.text
    expected = {("waiting_for_wallet", ""): 1, ("refused", "record_invalid"): 1, ("mismatch", ""): 1}
    assert await counts(desk.agency, job_id) == expected
    finished = await desk.agency.call("POST", f"{JOBS}/{job_id}/finish", json={})
    assert finished.json()["finished_at"] is not None
    again = await desk.agency.call("POST", f"{JOBS}/{job_id}/finish", json={})
    assert again.json() == finished.json()
    # A row that waited is stored by a push of whoever signs it later, which knows of no job.
    (waited,) = await rows_of(desk, an, 2, 2)
    assert (await desk.push(waited)).status_code == 201
    expected = {("stored", ""): 1, ("refused", "record_invalid"): 1, ("mismatch", ""): 1}
    assert await counts(desk.agency, job_id) == expected


async def test_a_finished_job_is_opened_again_for_corrected_rows(health) -> None:
    job = await opened(health, "a-key-of-the-client-1")
    await health.call("POST", f"{JOBS}/{job['job_id']}/finish", json={})
    again = await opened(health, "a-key-of-the-client-1")
    assert (again["job_id"], again["finished_at"]) == (job["job_id"], None)


async def test_rows_go_by_outcome_and_page_by_page(desk) -> None:
    job_id = (await opened(desk.agency))["job_id"]
    rows = [{"row": row, "outcome": "refused", "code": "record_invalid"} for row in range(1, 8)]
    rows += [{"row": row, "outcome": "mismatch"} for row in range(8, 11)]
    await desk.agency.call("POST", f"{JOBS}/{job_id}/rows", json={"rows": rows})
    found, cursor = [], ""
    while cursor is not None:
        page = await read(desk.agency, f"/{job_id}/rows?outcome=refused&limit=3{f'&cursor={cursor}' if cursor else ''}")
        found += [row["row"] for row in page["items"]]
        assert len(page["items"]) <= 3
        cursor = page["next_cursor"]
    assert found == list(range(1, 8))


async def test_jobs_are_listed_newest_first_page_by_page(health) -> None:
    made = [(await opened(health))["job_id"] for _ in range(5)]
    found, cursor = [], ""
    while cursor is not None:
        page = await read(health, f"?limit=2{f'&cursor={cursor}' if cursor else ''}")
        found += [job["job_id"] for job in page["items"]]
        cursor = page["next_cursor"]
    assert found == made[::-1]


async def test_another_agencys_job_is_not_there(desk, police, an) -> None:
    job_id = (await opened(desk.agency))["job_id"]
    row = {"row": 1, "outcome": "mismatch"}
    calls = [
        ("GET", f"{JOBS}/{job_id}", None),
        ("GET", f"{JOBS}/{job_id}/rows", None),
        ("POST", f"{JOBS}/{job_id}/rows", {"rows": [row]}),
        ("POST", f"{JOBS}/{job_id}/finish", {}),
        ("POST", f"{JOBS}/{job_id}/revoke", {"reason": "r"}),
        ("POST", f"{JOBS}/{job_id}/supersede", {"by_job_id": job_id, "reason": "r"}),
        ("POST", f"/issuer/v1/documents/bulk?job={job_id}", None),
    ]
    for method, path, body in calls:
        sent_along = {} if body is None else {"json": body}
        response = await police.call(method, path, **sent_along)
        assert response.status_code == 404, path
        nowhere = await police.call(method, path.replace(job_id, "job_of_nobody"), **sent_along)
        assert {**nowhere.json(), "instance": ""} == {**response.json(), "instance": ""}
    assert (await read(police, ""))["items"] == []
    assert await counts(desk.agency, job_id) == {}


async def test_a_whole_job_is_revoked_in_portions(desk, binh, runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "PORTION_ROWS", 3)
    job_id = (await opened(desk.agency))["job_id"]
    await sent(desk, job_id, await rows_of(desk, binh, 1, 7))
    untouched = await desk.push(await desk.row(binh, "of-no-job"))
    started = await decide(desk.agency, job_id, "revoke")
    assert (started.status_code, started.json()["state"]) == (202, "running")
    assert (await decide(desk.agency, job_id, "revoke")).json()["operation_id"] == started.json()["operation_id"]
    assert await advance(runtime.database, runtime.clock())
    # What a server that died now has done is known, and the rest is done by whichever comes next.
    (operation,) = (await read(desk.agency, f"/{job_id}"))["operations"]
    assert (operation["state"], operation["rows_done"], operation["rows_total"]) == ("running", 3, 7)
    assert await grouped(runtime, document_versions.c.state) == {"active": 5, "revoked": 3}
    assert await carry_out(runtime) == 2
    (operation,) = (await read(desk.agency, f"/{job_id}"))["operations"]
    assert (operation["state"], operation["rows_done"], operation["documents_changed"]) == ("done", 7, 7)
    assert operation["finished_at"] is not None
    assert await grouped(runtime, document_versions.c.state) == {"active": 1, "revoked": 7}
    assert await grouped(runtime, status_entries.c.value) == {StatusValue.VALID: 2, StatusValue.INVALID: 14}
    assert await grouped(runtime, wallet_documents.c.state) == {"offered": 1, "revoked": 7}
    assert (await grouped(runtime, wallet_changes.c.kind))["document_revoked"] == 7
    revocations = partial(grouped, runtime, audit_entries.c.target, where=audit_entries.c.action == "document.revoked")
    entries = await revocations()
    assert list(entries.values()) == [1] * 7
    assert untouched.json()["document_id"] not in entries
    async with runtime.database.read() as tx:
        assert await first_broken_entry(tx) is None
    # Nothing is left to do: the next revocation finds that out and touches nothing.
    again = (await decide(desk.agency, job_id, "revoke")).json()["operation_id"]
    await carry_out(runtime)
    operations_of_job = (await read(desk.agency, f"/{job_id}"))["operations"]
    (second,) = (each for each in operations_of_job if each["operation_id"] == again)
    assert (second["state"], second["documents_changed"]) == ("done", 0)
    assert await revocations() == entries


async def test_a_revocation_touches_only_what_the_job_stored_and_what_is_in_force(desk, an, runtime) -> None:
    one, two = [(await opened(desk.agency))["job_id"] for _ in range(2)]
    first, replaced, suspended = await rows_of(desk, an, 1, 3)
    await sent(desk, one, [first])
    answers = await sent(desk, two, [first, replaced, suspended])
    assert [each["result"] for each in answers] == ["unchanged", "stored", "stored"]
    newer = await desk.push(await desk.row(an, "newer", replaces="row-2"))
    assert newer.json()["version"] == 2
    await desk.decide(answers[2]["document_id"], "suspend")
    await decide(desk.agency, two, "revoke")
    await carry_out(runtime)
    async with runtime.database.read() as tx:
        found = await tx.execute(select(document_versions.c.row_key, document_versions.c.state))
        assert dict(found.all()) == {
            "row-1": "active",
            "row-2": "superseded",
            "newer": "active",
            "row-3": "revoked",
        }


async def test_a_later_job_supersedes_an_earlier_one_for_those_who_have_its_documents(
    desk, an, binh, runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PORTION_ROWS", 2)
    old, new = [(await opened(desk.agency))["job_id"] for _ in range(2)]
    await sent(desk, old, await rows_of(desk, an, 1, 3, "old-an") + await rows_of(desk, binh, 4, 4, "old-binh"))
    await sent(desk, new, await rows_of(desk, an, 1, 1, "new-an"))
    response = await decide(desk.agency, old, "supersede", by_job_id=new)
    assert (response.status_code, response.json()["rows_total"]) == (202, 1)
    await carry_out(runtime)
    (operation,) = (await read(desk.agency, f"/{old}"))["operations"]
    assert (operation["kind"], operation["by_job_id"], operation["documents_changed"]) == ("supersede", new, 3)
    async with runtime.database.read() as tx:
        found = await tx.execute(select(document_versions.c.row_key, document_versions.c.state))
        assert dict(found.all()) == {
            "old-an-1": "superseded",
            "old-an-2": "superseded",
            "old-an-3": "superseded",
            "old-binh-4": "active",
            "new-an-1": "active",
        }
    assert await grouped(runtime, status_entries.c.value) == {StatusValue.VALID: 3, StatusValue.INVALID: 3}
    for by in (old, "job_of_nobody"):
        refused = await decide(desk.agency, old, "supersede", by_job_id=by)
        assert refused.status_code == (409 if by == old else 404)


async def test_two_workers_carry_out_one_operation_once(desk, an, runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "PORTION_ROWS", 1)
    job_id = (await opened(desk.agency))["job_id"]
    await sent(desk, job_id, await rows_of(desk, an, 1, 6))
    await decide(desk.agency, job_id, "revoke")
    await asyncio.gather(*(carry_out(runtime) for _ in range(4)))
    await carry_out(runtime)
    (operation,) = (await read(desk.agency, f"/{job_id}"))["operations"]
    assert (operation["state"], operation["rows_done"], operation["documents_changed"]) == ("done", 6, 6)
    entries = await grouped(runtime, audit_entries.c.target, where=audit_entries.c.action == "document.revoked")
    assert list(entries.values()) == [1] * 6


async def test_streams_of_one_job_at_the_same_time_are_counted_exactly(desk, an, binh) -> None:
    job_id = (await opened(desk.agency))["job_id"]
    mine, theirs = await rows_of(desk, an, 1, 10, "an"), await rows_of(desk, binh, 11, 20, "binh")
    await asyncio.gather(*(sent(desk, job_id, rows) for rows in (mine, theirs, mine, theirs)))
    assert await counts(desk.agency, job_id) == {("stored", ""): 20}
    assert len((await read(desk.agency, f"/{job_id}/rows"))["items"]) == 20
