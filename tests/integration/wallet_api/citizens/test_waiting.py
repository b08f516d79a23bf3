"""Documents that wait for a wallet, a new phone or fresh keys: asked for once, signed by the agency, delivered."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from giayto_crypto.keys import PublicKey
from giayto_crypto.sdjwt import StatusReference, issue_credential
from giayto_crypto.status_list import verify_status_list
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.outbox.service import register_webhook
from giayto_wallet_api.outbox.tables import outbox_events
from giayto_wallet_api.signing_requests.leasing import MAX_ATTEMPTS
from giayto_wallet_api.status.tables import status_entries

pytestmark = pytest.mark.both_databases

HONG, AN = "001199000017", "079085000018"
NAMES = {HONG: ("Nguyễn Thị Hồng", "1999-02-28"), AN: ("Trần Văn Ân", "1985-11-03")}
VCT = "urn:giayto:type:health-book:1"


class Hospital:
    """An agency's system: it registers rows that wait, takes requests and pushes what it signed."""

    def __init__(self, agency) -> None:
        self.agency = agency

    async def post(self, path: str, body: Any, status: int = 200) -> Any:
        response = await self.agency.call("POST", f"/issuer/v1/{path}", json=body)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    async def wait(self, *rows: tuple[str, str | None]) -> list[str]:
        registered = [
            {"row_key": key, "document_type": VCT, "subject": {"kind": "person", "id": number} if number else None}
            for key, number in rows
        ]
        answers = (await self.post("waiting-documents", {"rows": registered}))["answers"]
        return [answer["result"] for answer in answers]

    async def lease(self, **wanted: Any) -> dict[str, Any]:
        return await self.post("signing-requests/lease", wanted)

    async def push(self, number: str, row_key: str, keys: Sequence[PublicKey]) -> str:
        reserved = await self.post("status-indexes", {"document_type": VCT, "count": len(keys)})
        places = [StatusReference(entry["uri"], entry["idx"]) for entry in reserved["entries"]]
        row = {
            "row_key": row_key,
            "document_type": VCT,
            "subject": {"kind": "person", "id": number},
            "credentials": [self.sign(number, key, place) for key, place in zip(keys, places, strict=True)],
        }
        response = await self.agency.call("POST", "/issuer/v1/documents", json=row)
        assert response.status_code in {200, 201}, response.text
        return response.json()["document_id"]

    def sign(self, number: str, key: PublicKey, place: StatusReference) -> str:
        name, born = NAMES[number]
        today = self.agency.clock().replace(hour=0, minute=0)
        return issue_credential(
            issuer=self.agency.iss,
            vct=VCT,
            holder_key=key,
            status=place,
            issued_at=self.agency.clock(),
            not_before=today,
            expires_at=today + timedelta(days=365),
            claims={"personal_number": number, "full_name": name, "birth_date": born},
            signer=self.agency.signing_key,
            x5c=self.agency.chain,
        )

    async def meet(self, number: str) -> list[str]:
        """Take all requests and push their rows; their documents."""
        requests = (await self.lease())["requests"]
        return [await self.push(number, each["row_key"], [PublicKey.from_jwk(each["holder_key"])]) for each in requests]


@pytest.fixture
def hospital(health) -> Hospital:
    return Hospital(health)


async def preparing(phone) -> list[dict[str, Any]]:
    return (await phone.get("/wallet/v1/inbox"))["preparing"]


async def statuses(http, runtime, document_id: str) -> list[int]:
    """The published statuses of all copies that a document ever had."""
    async with runtime.database.read() as tx:
        query = select(status_entries.c.list_id, status_entries.c.idx).where(
            status_entries.c.document_id == document_id
        )
        places = (await tx.execute(query)).all()
    found = []
    for list_id, idx in places:
        uri = f"http://127.0.0.1:8000/public/v1/status-lists/{list_id}"
        token = (await http.get(uri)).text
        verified = verify_status_list(token, uri=uri, anchors=runtime.keys.anchors, now=runtime.clock())
        found.append(verified.status(idx))
    return sorted(found)


async def test_a_row_waits_for_the_wallet_and_is_delivered_when_it_appears(hospital, new_phone) -> None:
    assert await hospital.wait(("row-1", HONG)) == ["waiting"]
    assert await hospital.wait(("row-1", HONG)) == ["unchanged"]
    assert (await hospital.lease())["requests"] == []
    phone = await new_phone().enrol(HONG)
    (shown,) = await preparing(phone)
    assert (shown["state"], shown["document_type"], shown["document_id"]) == ("preparing", VCT, None)
    assert shown["message"]["vi"].startswith("Giấy tờ đang được chuẩn bị")
    assert (await hospital.lease())["requests"] == [], "no keys yet"
    (key,) = await phone.register_keys(1)
    (request,) = (await hospital.lease())["requests"]
    assert (request["row_key"], request["reason"], request["attempt"]) == ("row-1", "wallet_appeared", 1)
    assert PublicKey.from_jwk(request["holder_key"]) == key.public_key
    document_id = await hospital.push(HONG, "row-1", [key.public_key])
    assert await preparing(phone) == []
    (item,) = (await phone.get("/wallet/v1/inbox"))["items"]
    assert item["document_id"] == document_id
    assert await hospital.wait(("row-1", HONG)) == ["delivered"]
    kinds = [change["kind"] for change in (await phone.get("/wallet/v1/changes"))["items"]]
    assert kinds.count("document_offered") == 1


async def test_a_wallet_that_is_there_is_asked_for_at_once(hospital, hong) -> None:
    assert await hospital.wait(("row-1", HONG), ("row-2", AN)) == ["waiting", "waiting"]
    (request,) = (await hospital.lease())["requests"]
    assert request["row_key"] == "row-1"


async def test_a_newborn_is_given_a_number_later(hospital, hong) -> None:
    assert await hospital.wait(("newborn", None)) == ["waiting"]
    assert await hospital.wait(("newborn", None)) == ["unchanged"]
    assert (await hospital.lease())["requests"] == []
    assert await hospital.wait(("newborn", HONG)) == ["waiting"]
    assert len((await hospital.lease())["requests"]) == 1
    assert await hospital.wait(("newborn", AN)) == ["conflict"]


async def test_a_new_phone_gets_a_copy_of_every_document(hospital, hong, new_phone, http, runtime) -> None:
    first = await hospital.push(HONG, "row-1", [hong.holder_keys[0].public_key])
    second = await hospital.push(HONG, "row-2", [hong.holder_keys[1].public_key])
    for document_id in (first, second):
        await hong.call("POST", f"/wallet/v1/documents/{document_id}/confirm", {})
    fresh = await new_phone().enrol(HONG)
    await fresh.register_keys(2)
    assert {each["document_id"] for each in await preparing(fresh)} == {first, second}
    assert await preparing(hong) == []
    detail = await fresh.get(f"/wallet/v1/documents/{first}")
    assert (detail["credentials"], detail["being_prepared"]) == ([], True)
    assert sorted(await hospital.meet(HONG)) == sorted([first, second])
    for document_id in (first, second):
        detail = await fresh.get(f"/wallet/v1/documents/{document_id}")
        assert (len(detail["credentials"]), detail["being_prepared"], detail["state"]) == (1, False, "confirmed")
        assert len((await hong.get(f"/wallet/v1/documents/{document_id}"))["credentials"]) == 1
        assert await statuses(http, runtime, document_id) == [0, 0]
    copies = [(await fresh.get(f"/wallet/v1/documents/{each}"))["credentials"][0] for each in (first, second)]
    assert len({copy["key_thumbprint"] for copy in copies}) == 2, "each document has a key of its own"
    assert (await hospital.lease())["requests"] == []


async def test_a_lost_phone_takes_its_copies_with_it(hospital, hong, new_phone, http, runtime) -> None:
    document_id = await hospital.push(HONG, "row-1", [hong.holder_keys[0].public_key])
    fresh = await new_phone().enrol(HONG)
    await fresh.register_keys(1)
    await hospital.meet(HONG)
    await fresh.call("DELETE", f"/wallet/v1/devices/{hong.device_id}")
    assert await statuses(http, runtime, document_id) == [0, 1]
    await fresh.call("POST", f"/wallet/v1/documents/{document_id}/confirm", {})
    assert len((await fresh.get(f"/wallet/v1/documents/{document_id}"))["credentials"]) == 1
    assert (await hospital.lease())["requests"] == []


async def test_requests_of_a_phone_lapse_with_it(hospital, hong, new_phone) -> None:
    await hospital.push(HONG, "row-1", [hong.holder_keys[0].public_key])
    fresh = await new_phone().enrol(HONG)
    await fresh.register_keys(1)
    await hong.call("DELETE", f"/wallet/v1/devices/{fresh.device_id}")
    assert (await hospital.lease())["requests"] == []


async def test_a_copy_for_a_suspended_document_begins_suspended(hospital, hong, new_phone, http, runtime) -> None:
    document_id = await hospital.push(HONG, "row-1", [hong.holder_keys[0].public_key])
    await hospital.post(f"documents/{document_id}/suspend", {"reason": "review"})
    await (await new_phone().enrol(HONG)).register_keys(1)
    assert await hospital.meet(HONG) == [document_id]
    assert await statuses(http, runtime, document_id) == [2, 2]
    await hospital.post(f"documents/{document_id}/resume", None)
    assert await statuses(http, runtime, document_id) == [0, 0]


async def test_a_revoked_document_is_asked_for_no_more(hospital, hong, new_phone, http, runtime) -> None:
    document_id = await hospital.push(HONG, "row-1", [hong.holder_keys[0].public_key])
    fresh = await new_phone().enrol(HONG)
    (key,) = await fresh.register_keys(1)
    await hospital.post(f"documents/{document_id}/revoke", {"reason": "mistake"})
    assert await hospital.push(HONG, "row-1", [key.public_key]) == document_id
    assert await statuses(http, runtime, document_id) == [1], "the copy that came too late was not taken"
    assert (await hospital.lease())["requests"] == []
    assert await preparing(fresh) == []


async def test_keys_that_serve_two_copies_are_relieved(hospital, new_phone, http, runtime) -> None:
    phone = await new_phone().enrol(HONG)
    (only,) = await phone.register_keys(1)
    first = await hospital.push(HONG, "row-1", [only.public_key])
    second = await hospital.push(HONG, "row-2", [only.public_key])
    await phone.register_keys(3)
    (request,) = (await hospital.lease())["requests"]
    assert request["reason"] == "rotation"
    fresh = PublicKey.from_jwk(request["holder_key"])
    assert fresh != only.public_key
    assert await preparing(phone) == [], "the copy that is there can be shown meanwhile"
    renewed = await hospital.push(HONG, request["row_key"], [fresh])
    assert await statuses(http, runtime, renewed) == [0, 1]
    assert await statuses(http, runtime, {first: second, second: first}[renewed]) == [0]


async def test_a_whole_type_is_reissued(hospital, hong, http, runtime) -> None:
    document_id = await hospital.push(HONG, "row-1", [hong.holder_keys[0].public_key])
    answer = await hospital.post("signing-requests/reissue", {"document_type": VCT})
    assert answer == {"requested": 1, "next_cursor": None}
    again = await hospital.post("signing-requests/reissue", {"document_type": VCT})
    assert again["requested"] == 0
    assert await statuses(http, runtime, document_id) == [0], "valid until the fresh one is there"
    await hospital.meet(HONG)
    assert await statuses(http, runtime, document_id) == [0, 1]


async def test_what_is_leased_is_hidden_until_the_lease_ends(hospital, hong, clock) -> None:
    await hospital.wait(("row-1", HONG))
    assert len((await hospital.lease(visibility_seconds=60))["requests"]) == 1
    assert (await hospital.lease())["requests"] == []
    clock.advance(seconds=61)
    (again,) = (await hospital.lease())["requests"]
    assert again["attempt"] == 2


async def test_workers_that_ask_at_once_get_different_requests(hospital, hong) -> None:
    await hospital.wait(*((f"row-{number}", HONG) for number in range(20)))
    leases = await asyncio.gather(*(hospital.lease(limit=5) for _ in range(4)))
    taken = [request["request_id"] for each in leases for request in each["requests"]]
    # A worker may find the rows that it looked at taken by another, and get fewer; it never gets the same.
    assert len(taken) == len(set(taken))
    rest = (await hospital.lease(limit=100))["requests"]
    assert len(taken) + len(rest) == 20


async def test_failures_come_back_later_and_die_at_last(hospital, hong, clock) -> None:
    await hospital.wait(("row-1", HONG))
    for attempt in range(1, MAX_ATTEMPTS + 1):
        taken = await hospital.lease()
        (request,) = taken["requests"]
        assert request["attempt"] == attempt
        failure = {"request_id": request["request_id"], "code": "hsm_away", "retryable": True}
        stale = {"lease_id": "lease_of_another", "failures": [failure]}
        assert await hospital.post("signing-requests/release", stale) == {"later": 0, "dead": 0}
        body = {"lease_id": taken["lease_id"], "failures": [failure]}
        died = attempt == MAX_ATTEMPTS
        assert await hospital.post("signing-requests/release", body) == {"later": 1 - died, "dead": int(died)}
        assert (await hospital.lease())["requests"] == []
        clock.advance(hours=13)
        hospital.agency.access_token = None
        hospital.agency.nonce = None
    response = await hospital.agency.call("GET", "/issuer/v1/signing-requests?state=dead")
    (dead,) = response.json()["items"]
    assert (dead["failure"], dead["attempts"]) == ("hsm_away", MAX_ATTEMPTS)
    await hospital.post(f"signing-requests/{dead['request_id']}/retry", None, 204)
    assert len((await hospital.lease())["requests"]) == 1


async def test_requests_belong_to_their_agency(hospital, police, hong) -> None:
    await hospital.wait(("row-1", HONG))
    stranger = Hospital(police)
    assert (await stranger.lease())["requests"] == []
    (request,) = (await hospital.agency.call("GET", "/issuer/v1/signing-requests")).json()["items"]
    await stranger.post(f"signing-requests/{request['request_id']}/retry", None, 404)
    forbidden = await police.call(
        "POST",
        "/issuer/v1/waiting-documents",
        json={"rows": [{"row_key": "x", "document_type": VCT, "subject": {"kind": "person", "id": HONG}}]},
    )
    assert forbidden.status_code == 403
    mine = (await hospital.agency.call("GET", "/issuer/v1/waiting-documents")).json()["items"]
    assert [each["row_key"] for each in mine] == ["row-1"]
    assert (await police.call("GET", "/issuer/v1/waiting-documents")).json()["items"] == []


async def test_withdrawn_rows_are_not_delivered(hospital, hong) -> None:
    await hospital.wait(("row-1", HONG))
    assert await hospital.post("waiting-documents/withdraw", {"row_keys": ["row-1", "row-2"]}) == {"withdrawn": 1}
    assert (await hospital.lease())["requests"] == []
    assert await preparing(hong) == []
    assert await hospital.wait(("row-1", HONG)) == ["waiting"]
    assert len((await hospital.lease())["requests"]) == 1


async def test_each_step_is_written_down_and_names_nobody(hospital, hong, runtime) -> None:
    await hospital.wait(("row-1", HONG))
    await hospital.meet(HONG)
    async with runtime.database.read() as tx:
        entries = (await tx.execute(select(audit_entries).order_by(audit_entries.c.sequence))).mappings().all()
    actions = [entry["action"] for entry in entries]
    assert [each for each in actions if "waiting" in each or "signing" in each or each.startswith("document.")] == [
        "signing_request.created",
        "waiting_documents.registered",
        "document.stored",
    ]
    assert not [entry for entry in entries if HONG in str(dict(entry)) or "Hồng" in str(dict(entry))]


async def test_the_agency_is_told_by_events(hospital, new_phone, runtime) -> None:
    async with runtime.database.transaction() as tx:
        await register_webhook(
            tx, agency_id="G18", url="http://127.0.0.1:9/events", allow_loopback=True, now=runtime.clock()
        )
    await hospital.wait(("row-1", HONG))
    phone = await new_phone().enrol(HONG)
    await phone.register_keys(1)
    (document_id,) = await hospital.meet(HONG)
    await phone.call("POST", f"/wallet/v1/documents/{document_id}/confirm", {})
    async with runtime.database.read() as tx:
        events = (await tx.execute(select(outbox_events).order_by(outbox_events.c.occurred_at))).all()
    assert sorted(event.kind for event in events) == ["document_confirmed", "signing_requested"]
    for event in events:
        assert HONG not in event.body
        assert phone.wallet_id not in event.body


async def test_a_further_copy_makes_no_document_last_longer(hospital, hong, new_phone, clock) -> None:
    document_id = await hospital.push(HONG, "row-1", [hong.holder_keys[0].public_key])
    fresh = await new_phone().enrol(HONG)
    (key,) = await fresh.register_keys(1)
    (request,) = (await hospital.lease())["requests"]
    assert (request["not_before"], request["expires_at"]) == ("2026-11-22T00:00:00Z", "2027-11-22T00:00:00Z")
    clock.advance(days=1)
    hospital.agency.access_token = hospital.agency.nonce = None
    assert await hospital.push(HONG, "row-1", [key.public_key]) == document_id
    assert len((await hospital.lease())["requests"]) == 1, "a copy with another period was not taken"
