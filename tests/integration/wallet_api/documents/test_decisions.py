"""Revoke, suspend, resume, replace: in the status list, in the wallet and in the audit log at once, and for good."""

import pytest
from sqlalchemy import select, text

from giayto_crypto.status_list import StatusValue, verify_status_list
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.inbox.tables import wallet_documents
from giayto_wallet_api.status.entries import change_status
from giayto_wallet_api.status.tables import status_entries

pytestmark = pytest.mark.both_databases

DECISIONS = ("revoke", "suspend", "resume")


async def stored(desk, citizen, row_key: str = "row-1", **changes) -> str:
    response = await desk.push(await desk.row(citizen, row_key, **changes))
    assert response.status_code == 201, response.text
    return response.json()["document_id"]


async def published_statuses(http, runtime, document_id: str) -> list[int]:
    """The statuses of a document's credentials, version by version, as everybody reads them."""
    async with runtime.database.read() as tx:
        entries = (
            await tx.execute(
                select(status_entries)
                .where(status_entries.c.document_id == document_id)
                .order_by(status_entries.c.version)
            )
        ).all()
    statuses = []
    for entry in entries:
        uri = f"http://127.0.0.1:8000/public/v1/status-lists/{entry.list_id}"
        token = (await http.get(uri)).text
        verified = verify_status_list(token, uri=uri, anchors=runtime.keys.anchors, now=runtime.clock())
        statuses.append(verified.status(entry.idx))
    return statuses


async def wallet_state(runtime, document_id: str) -> str:
    async with runtime.database.read() as tx:
        query = select(wallet_documents.c.state).where(wallet_documents.c.document_id == document_id)
        return (await tx.execute(query.order_by(wallet_documents.c.version.desc()).limit(1))).scalar_one()


async def test_a_document_is_suspended_resumed_and_revoked(desk, binh, http, runtime, clock) -> None:
    document_id = await stored(desk, binh)
    assert await published_statuses(http, runtime, document_id) == [0, 0]
    for decision, state, wallet, value in (
        ("suspend", "suspended", "suspended", StatusValue.SUSPENDED),
        ("resume", "active", "offered", StatusValue.VALID),
        ("suspend", "suspended", "suspended", StatusValue.SUSPENDED),
        ("revoke", "revoked", "revoked", StatusValue.INVALID),
    ):
        clock.advance(seconds=1)
        response = await desk.decide(document_id, decision)
        assert (response.status_code, response.json()["state"]) == (200, state)
        assert await published_statuses(http, runtime, document_id) == [value, value]
        assert await wallet_state(runtime, document_id) == wallet


@pytest.mark.parametrize("decision", ["suspend", "resume"])
async def test_a_revocation_is_final(desk, an, http, runtime, decision) -> None:
    document_id = await stored(desk, an)
    await desk.decide(document_id, "revoke")
    response = await desk.decide(document_id, decision)
    assert (response.status_code, response.json()["code"]) == (409, "document_state_conflict")
    assert await published_statuses(http, runtime, document_id) == [StatusValue.INVALID]


async def test_the_store_itself_refuses_to_undo_a_revocation(desk, an, runtime) -> None:
    await desk.decide(await stored(desk, an), "revoke")
    for statement in ("UPDATE status_entries SET value = 0", "DELETE FROM status_entries"):
        with pytest.raises(Exception, match=r"a revocation is final|a status is never taken out"):
            async with runtime.database.transaction() as tx:
                await tx.execute(text(statement))


async def test_a_late_change_of_status_passes_over_what_is_revoked(desk, an, runtime, clock) -> None:
    document_id = await stored(desk, an)
    await desk.decide(document_id, "revoke")
    async with runtime.database.transaction() as tx:
        await change_status(
            tx, agency_id="G18", document_id=document_id, version=1, value=StatusValue.VALID, now=clock()
        )
        assert (await tx.execute(select(status_entries.c.value))).scalar_one() == StatusValue.INVALID


async def test_deciding_twice_is_deciding_once(desk, an, runtime) -> None:
    document_id = await stored(desk, an)
    for decision in ("suspend", "suspend", "resume", "resume", "revoke", "revoke"):
        assert (await desk.decide(document_id, decision)).status_code == 200
    async with runtime.database.read() as tx:
        rows = await tx.execute(select(audit_entries.c.action).where(audit_entries.c.target == document_id))
        assert list(rows.scalars()) == [
            "document.stored",
            "document.suspended",
            "document.resumed",
            "document.revoked",
        ]


async def test_a_new_version_invalidates_the_one_before(desk, an, http, runtime) -> None:
    document_id = await stored(desk, an, "v1")
    second = await desk.push(await desk.row(an, "v2", claims={**an.claims, "sex": "2"}, replaces="v1"))
    assert (second.status_code, second.json()["version"]) == (201, 2)
    assert second.json()["document_id"] == document_id
    assert await published_statuses(http, runtime, document_id) == [StatusValue.INVALID, StatusValue.VALID]
    await desk.decide(document_id, "suspend")
    await desk.decide(document_id, "resume")
    assert await published_statuses(http, runtime, document_id) == [StatusValue.INVALID, StatusValue.VALID]


@pytest.mark.parametrize("replaced", ["v1", "unknown", "revoked", "of another citizen", "of another agency"])
async def test_only_the_current_version_of_the_same_document_is_replaced(
    desk, desk_of, an, binh, new_agency, replaced
) -> None:
    await stored(desk, an, "v1")
    await stored(desk, an, "v2", replaces="v1")
    await desk.decide(await stored(desk, an, "revoked"), "revoke")
    await stored(desk, binh, "of another citizen")
    other = desk_of(await new_agency("H26", ("urn:giayto:type:health-book:1",)))
    await stored(other, an, "of another agency")
    response = await desk.push(await desk.row(an, "v3", replaces=replaced))
    assert (response.status_code, response.json()["code"]) == (409, "replaces_not_current")


@pytest.mark.parametrize("decision", DECISIONS)
async def test_another_agencys_document_is_not_there(desk, desk_of, an, http, runtime, new_agency, decision) -> None:
    document_id = await stored(desk, an)
    other = desk_of(await new_agency("H26", ("urn:giayto:type:health-book:1",)))
    foreign = await other.decide(document_id, decision)
    unknown = await other.decide("doc_00000000000000000000000000000000", decision)
    assert foreign.status_code == unknown.status_code == 404
    assert {**foreign.json(), "instance": ""} == {**unknown.json(), "instance": ""}
    assert (await other.agency.call("GET", f"/issuer/v1/documents/{document_id}")).status_code == 404
    assert await published_statuses(http, runtime, document_id) == [StatusValue.VALID]


async def test_an_agency_lists_and_reads_its_own_documents(desk, desk_of, an, new_agency) -> None:
    ids = [await stored(desk, an, f"row-{number}") for number in range(5)]
    other = desk_of(await new_agency("H26", ("urn:giayto:type:health-book:1",)))
    await stored(other, an, "row-1")
    await desk.decide(ids[2], "revoke")

    async def page(query: str) -> dict:
        response = await desk.agency.call("GET", f"/issuer/v1/documents{query}")
        assert response.status_code == 200, response.text
        return response.json()

    first = await page("?limit=3")
    second = await page(f"?limit=3&cursor={first['next_cursor']}")
    assert [item["document_id"] for item in first["items"] + second["items"]] == ids
    assert second["next_cursor"] is None
    assert [item["document_id"] for item in (await page("?row_key=row-1"))["items"]] == [ids[1]]
    assert [item["document_id"] for item in (await page("?state=revoked"))["items"]] == [ids[2]]
    detail = (await desk.agency.call("GET", f"/issuer/v1/documents/{ids[0]}")).json()
    assert detail["holder"] == {"answer": "offered", "reason": None}
    assert an.number not in str(detail)
    bad = await desk.agency.call("GET", "/issuer/v1/documents?cursor=x")
    assert (bad.status_code, bad.json()["code"]) == (400, "malformed")
