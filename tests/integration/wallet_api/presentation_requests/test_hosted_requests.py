"""A registered verifier asks through the server; a wallet of another maker answers; the verdict comes once."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from giayto_crypto.verifier_registration import RegistrationError, verify_registration
from giayto_verifiers import ReceiptHolds, check_receipt
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.presentation_requests.tables import presentation_requests
from openid4vp import encrypted_form, plain_form
from openid4vp.hosted import CARD, CLAIMS, PURPOSE, SHOWN, registered_bank


async def made(bank, **changes):
    response = await bank.ask(**changes)
    assert response.status_code == 201, response.text
    return response.json()


async def state_of(bank, request_id: str) -> str:
    return (await bank.call("GET", f"/verifier/v1/requests/{request_id}")).json()["state"]


@pytest.mark.both_databases
async def test_asked_answered_and_judged(bank, holder, server_keys) -> None:
    request = await made(bank, transaction="account-7")
    assert request["qr_text"].startswith("openid4vp://?client_id=x509_hash%3A")
    seen = await holder.look(request)
    assert seen.claims["client_id"] == request["client_id"]
    assert await state_of(bank, request["request_id"]) == "pending"
    answered = await holder.answer(seen)
    assert (answered.status_code, answered.json()) == (200, {})
    assert answered.headers["content-type"].startswith("application/json")
    result = (await bank.result(request["request_id"])).json()
    assert (result["outcome"], result["reasons"]) == ("valid", [])
    (credential,) = result["credentials"]
    assert credential["verdict"]["claims"] == {name: CLAIMS[name] for (name,) in SHOWN}
    receipt = check_receipt(
        credential["receipt"],
        anchors=server_keys.anchors,
        verifier_key=server_keys.presentation_request.signer.public_key,
        verifier="bank-a",
        transaction="account-7",
    )
    assert isinstance(receipt, ReceiptHolds)


async def test_the_request_names_verifier_and_purpose(bank, holder, server_keys, clock) -> None:
    seen = await holder.look(await made(bank))
    info = {each["format"]: each["data"] for each in seen.claims["verifier_info"]}
    assert info["urn:giayto:verifier-info:purpose:1"]["code"] == PURPOSE
    token = info["urn:giayto:verifier-info:registration:1"]
    anchors, client_id = server_keys.anchors, seen.claims["client_id"]
    named = verify_registration(token, client_id=client_id, anchors=anchors, now=clock())
    assert (named.names.vi, named.domains) == ("Ngân hàng A", ("bank-a.example",))
    with pytest.raises(RegistrationError):
        verify_registration(token, client_id="x509_hash:other", anchors=anchors, now=clock())
    with pytest.raises(RegistrationError):
        verify_registration(token, client_id=client_id, anchors=anchors, now=clock() + timedelta(hours=1))


async def test_the_object_survives_a_second_fetch_and_takes_a_nonce(bank, holder) -> None:
    request = await made(bank)
    first, second = await holder.look(request), await holder.look(request, wallet_nonce="n-1", wallet_metadata="{}")
    assert second.claims == first.claims | {"wallet_nonce": "n-1", "iat": second.claims["iat"]}
    assert (await holder.answer(first)).status_code == 200


async def test_an_identical_answer_gets_the_stored_reply_and_another_is_refused(bank, holder) -> None:
    request = await made(bank, redirect_uri="https://bank-a.example/done")
    seen = await holder.look(request)
    form = encrypted_form(seen, {seen.query_id: [holder.shown(seen)]})
    first, again = await holder.post(seen, form), await holder.post(seen, form)
    assert first.json() == again.json()
    assert first.json()["redirect_uri"].startswith("https://bank-a.example/done#response_code=")
    other = await holder.answer(seen)
    assert (other.status_code, other.json()["error"]) == (400, "invalid_request")


@pytest.mark.both_databases
async def test_two_racing_answers_one_wins(bank, holder) -> None:
    seen = await holder.look(await made(bank))
    answers = await asyncio.gather(*(holder.answer(seen) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [200, 400, 400, 400]


async def test_the_response_code_works_once_and_no_other_does(bank, holder) -> None:
    request = await made(bank, redirect_uri="https://bank-a.example/done")
    code = (await holder.answer(await holder.look(request))).json()["redirect_uri"].partition("response_code=")[2]
    for wrong in ({}, {"response_code": "x"}, {"response_code": f"{code}x"}):
        refused = await bank.result(request["request_id"], **wrong)
        assert (refused.status_code, refused.json()["code"]) == (403, "response_code_invalid")
    assert (await bank.result(request["request_id"], response_code=code)).json()["outcome"] == "valid"
    again = await bank.result(request["request_id"], response_code=code)
    assert (again.status_code, again.json()["code"]) == (410, "request_over")


async def test_a_refused_answer_leads_nowhere_and_its_verdict_needs_no_code(bank, holder) -> None:
    request = await made(bank, redirect_uri="https://bank-a.example/done")
    refused = await holder.answer(await holder.look(request), nonce="other")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    result = (await bank.result(request["request_id"])).json()
    assert (result["outcome"], result["reasons"]) == ("invalid", ["challenge_mismatch"])
    assert [each["verdict"]["claims"] for each in result["credentials"]] == [None]


async def test_every_redirect_carries_a_code_of_its_own(bank, holder) -> None:
    codes = set()
    for _ in range(2):
        request = await made(bank, redirect_uri="https://bank-a.example/done")
        codes.add((await holder.answer(await holder.look(request))).json()["redirect_uri"])
    assert len(codes) == 2


@pytest.mark.both_databases
async def test_two_who_fetch_the_result_at_once(bank, holder) -> None:
    request = await made(bank)
    await holder.answer(await holder.look(request))
    fetched = await asyncio.gather(*(bank.result(request["request_id"]) for _ in range(3)))
    assert sorted(each.status_code for each in fetched) == [200, 410, 410]


async def test_an_unencrypted_answer_where_it_was_asked_for(bank, holder) -> None:
    request = await made(bank, response_mode="direct_post")
    seen = await holder.look(request)
    posted = await holder.post(seen, plain_form(seen, {seen.query_id: [holder.shown(seen)]}))
    assert posted.status_code == 200
    assert (await bank.result(request["request_id"])).json()["outcome"] == "valid"


async def test_a_wallet_declines(bank, holder) -> None:
    request = await made(bank, redirect_uri="https://bank-a.example/done")
    seen = await holder.look(request)
    declined = await holder.post(seen, {"error": "access_denied", "state": seen.claims["state"]})
    assert declined.json()["redirect_uri"].startswith("https://bank-a.example/done#response_code=")
    status = (await bank.call("GET", f"/verifier/v1/requests/{request['request_id']}")).json()
    assert (status["state"], status["wallet_error"], status["result_available"]) == ("declined", "access_denied", False)
    assert (await bank.result(request["request_id"])).json()["code"] == "not_answered"


async def test_a_refusal_without_the_state_changes_nothing(bank, holder) -> None:
    request = await made(bank)
    seen = await holder.look(request)
    refused = await holder.post(seen, {"error": "access_denied", "state": "x"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert await state_of(bank, request["request_id"]) == "pending"


async def test_a_request_runs_out(bank, holder, clock) -> None:
    request = await made(bank, lifetime_seconds=60)
    seen = await holder.look(request)
    clock.advance(seconds=59)
    await holder.look(request)
    clock.advance(seconds=1)
    assert await state_of(bank, request["request_id"]) == "expired"
    for response in (await holder.answer(seen), await holder.http.get(request["request_uri"])):
        assert (response.status_code, response.json()["code"]) == (410, "request_over")
    assert (await bank.result(request["request_id"])).json()["code"] == "request_over"


@pytest.mark.both_databases
async def test_a_request_is_taken_back(bank, holder) -> None:
    request = await made(bank)
    seen = await holder.look(request)
    path = f"/verifier/v1/requests/{request['request_id']}/cancel"
    assert (await bank.call("POST", path)).json()["state"] == "cancelled"
    assert (await holder.answer(seen)).status_code == 410
    answered = await made(bank)
    await holder.answer(await holder.look(answered))
    path = f"/verifier/v1/requests/{answered['request_id']}/cancel"
    assert (await bank.call("POST", path)).json()["state"] == "answered"


@pytest.mark.both_databases
async def test_what_nobody_fetches_is_erased(bank, holder, clock, runtime) -> None:
    request = await made(bank, lifetime_seconds=60)
    await holder.answer(await holder.look(request))
    bank.token = bank.nonce = None
    clock.advance(minutes=11)
    assert (await bank.call("GET", f"/verifier/v1/requests/{request['request_id']}")).status_code == 404
    await made(bank)
    async with runtime.database.read() as tx:
        kept = [row.request_id for row in await tx.execute(select(presentation_requests))]
    assert request["request_id"] not in kept


async def test_nothing_personal_is_stored_in_clear_or_kept_after_it_was_fetched(bank, holder, runtime) -> None:
    request = await made(bank)
    await holder.answer(await holder.look(request))

    async def everything() -> str:
        async with runtime.database.read() as tx:
            rows = [*await tx.execute(select(presentation_requests)), *await tx.execute(select(audit_entries))]
        return repr(rows)

    before = await everything()
    assert "Canary" not in before
    assert "GD4010199012345" not in before
    await bank.result(request["request_id"])
    async with runtime.database.read() as tx:
        row = (await tx.execute(select(presentation_requests))).one()
    assert (row.content, row.result) == (None, None)


async def test_each_step_has_its_audit_entry(bank, holder, runtime) -> None:
    request = await made(bank)
    await holder.answer(await holder.look(request))
    await bank.result(request["request_id"])
    async with runtime.database.read() as tx:
        query = select(audit_entries.c.action).where(audit_entries.c.target == request["request_id"])
        actions = [action for (action,) in await tx.execute(query)]
    assert actions == ["presentation.requested", "presentation.answered", "presentation.result_fetched"]


async def test_it_can_be_followed_live(bank, holder, settings) -> None:
    request = await made(bank)
    path = f"/verifier/v1/requests/{request['request_id']}/events"
    following = asyncio.create_task(bank.call("GET", path))
    await asyncio.sleep(0.3)
    await holder.answer(await holder.look(request))
    text = (await asyncio.wait_for(following, 10)).text
    states = [json.loads(line[5:])["state"] for line in text.splitlines() if line.startswith("data:")]
    assert states[0] == "pending"
    assert states[-1] == "answered"


class TestOverAsking:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"purpose": "UNKNOWN"}, "purpose_not_allowed"),
            ({"purpose": "OTHER"}, "purpose_not_allowed"),
            ({"purpose": "KHAM_CHUA_BENH"}, "type_not_allowed"),
            ({"claims": [["birth_date"]]}, "claims_not_allowed"),
            ({"document_type": "urn:giayto:type:criminal-record-2:1", "claims": None}, "type_not_demandable"),
            ({"document_type": "urn:giayto:type:driving-licence:1", "claims": None}, "purpose_not_allowed"),
            ({"document_type": "urn:example:unknown:1", "claims": None}, "type_not_allowed"),
            ({"redirect_uri": "https://bank-a.example.evil.example/x"}, "domain_not_pinned"),
            ({"redirect_uri": "https://evil.example/bank-a.example"}, "domain_not_pinned"),
        ],
        ids=repr,
    )
    async def test_is_refused_and_the_rule_is_named(self, bank, changes, code: str) -> None:
        refused = await bank.ask(**changes)
        assert (refused.status_code, refused.json()["code"]) == (403, code)

    async def test_in_any_credential_of_a_query(self, bank) -> None:
        queries = [
            {"id": name, "format": "dc+sd-jwt", "meta": {"vct_values": [CARD]}, "claims": claims}
            for name, claims in (
                ("a", [{"path": list(path)} for path in SHOWN]),
                ("b", [{"path": list(path)} for path in (*SHOWN, ("birth_date",))]),
            )
        ]
        refused = await bank.ask(document_type=None, claims=None, dcql_query={"credentials": queries})
        assert refused.json()["code"] == "claims_not_allowed"

    @pytest.mark.parametrize(
        "changes",
        [
            {"document_type": None},
            {"dcql_query": {"credentials": []}},
            {"document_type": None, "claims": None, "dcql_query": {"credentials": []}},
            {"document_type": None, "dcql_query": {"credentials": []}},
            {"redirect_uri": "ftp://bank-a.example/x"},
            {"redirect_uri": "https://bank-a.example/#x"},
            {"redirect_uri": "https://bank-a.example@evil.example/"},
            {"transaction": "a\nb"},
            {"transaction_data": [{"type": "x"}]},
        ],
        ids=repr,
    )
    async def test_queries_that_cannot_be_asked(self, bank, changes) -> None:
        refused = await bank.ask(**changes)
        assert refused.status_code == 400, refused.text

    async def test_a_query_that_could_never_be_answered_validly(self, bank) -> None:
        query = {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": [CARD]}, "claims": [{"path": ["full_name"]}]}
        refused = await bank.ask(document_type=None, claims=None, dcql_query={"credentials": [query]})
        assert refused.json()["code"] == "query_invalid"
        assert "card_number" in refused.json()["detail"]


class TestWhoMayAsk:
    async def test_another_key_is_not_the_verifier(self, bank) -> None:
        refused = await bank.request_token(signer=bank.dpop_key)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")

    async def test_a_verifier_is_no_agency(self, bank, health) -> None:
        assert (await bank.request_token(scope="issuer")).status_code == 401
        assert (await health.request_token(form={"scope": "verifier"})).status_code == 401

    async def test_an_agency_may_not_ask(self, bank, health) -> None:
        assert (await health.call("POST", "/verifier/v1/requests", json={"purpose": "X"})).status_code == 403

    async def test_anothers_request_is_not_there(self, bank, http, runtime, clock, settings) -> None:
        request = await made(bank)
        other = await registered_bank(http, runtime, clock, settings.base_url, "bank-b")
        path = f"/verifier/v1/requests/{request['request_id']}"
        for response in (
            await other.call("GET", path),
            await other.call("GET", f"{path}/events"),
            await other.call("POST", f"{path}/cancel"),
            await other.result(request["request_id"]),
        ):
            assert response.status_code == 404

    async def test_nobody_else_may(self, http) -> None:
        assert (await http.post("/verifier/v1/requests", json={})).status_code == 401
