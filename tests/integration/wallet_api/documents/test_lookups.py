"""Look-ups: only for who may issue, matched on number, name and birth date, in order, and written down."""

import json

import pytest
from sqlalchemy import select

from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.lookups import service

pytestmark = pytest.mark.both_databases

HEALTH_BOOK = "urn:giayto:type:health-book:1"
PATH = "/issuer/v1/holder-keys/lookup"


async def ask(agency, *questions, document_type: str = HEALTH_BOOK):
    return await agency.call("POST", PATH, json={"document_type": document_type, "subjects": list(questions)})


async def test_each_question_is_answered_in_its_place(health, an, binh) -> None:
    nobody = {"kind": "person", "id": "001099000025", "full_name": "Không Có Ai", "birth_date": "1999-01-01"}
    response = await ask(
        health,
        binh.question,
        nobody,
        an.question | {"full_name": "Nguyễn Thị Anh"},
        an.question | {"birth_date": "1999-04-29", "full_name": "Ai Khác"},
        an.question | {"full_name": "NGUYỄN  THỊ ÁNH"},
        an.question,
    )
    assert response.status_code == 200
    two_phones, none, name, both, spelling, same = response.json()["answers"]
    assert two_phones["state"] == "ready"
    assert {key["x"] for key in two_phones["holder_keys"]} == {key.public_key.jwk["x"] for key in binh.keys}
    assert none == {"state": "no_wallet"}
    assert name == {"state": "mismatch", "fields": ["full_name"]}
    assert both == {"state": "mismatch", "fields": ["full_name", "birth_date"]}
    assert spelling == same == {"state": "ready", "holder_keys": [an.keys[0].public_key.jwk]}


async def test_who_may_not_issue_the_type_learns_nothing(police, an) -> None:
    response = await ask(police, an.question)
    assert (response.status_code, response.json()["code"]) == (403, "type_not_authorised")


async def test_every_question_is_written_down_without_numbers_or_names(health, an, runtime) -> None:
    await ask(health, an.question, an.question | {"full_name": "Ai Khác"})
    async with runtime.database.read() as tx:
        asked = select(audit_entries).where(audit_entries.c.action == "holder_keys.looked_up")
        entry = (await tx.execute(asked)).one()
    facts = json.loads(entry.facts)
    assert (entry.actor, facts["asked"], facts["ready"], facts["mismatch"]) == ("agency:G18", 2, 1, 1)
    assert len(facts["subject_hashes"]) == 43
    for secret in (an.number, an.name, an.birth_date, "Ai Khác"):
        assert secret not in entry.facts


async def test_a_quota_ends_and_comes_back(health, an, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SUBJECTS_PER_HOUR", 3)
    assert (await ask(health, an.question, an.question)).status_code == 200
    refused = await ask(health, an.question, an.question)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert int(refused.headers["retry-after"]) == 30 * 60 + 1
    assert (await ask(health, an.question)).status_code == 200
    clock.advance(minutes=30, seconds=1)
    health.access_token = None
    assert (await ask(health, an.question, an.question)).status_code == 200


async def test_a_thousand_questions_and_no_more(health, an) -> None:
    assert (await ask(health, *[an.question] * 1000)).status_code == 200
    refused = await ask(health, *[an.question] * 1001)
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "changes",
    [{"id": "0010990000170000"}, {"id": "abc"}, {"kind": "robot"}, {"birth_date": "30/04/1999"}, {"id": None}],
)
async def test_a_question_follows_its_schema_and_the_answer_does_not_repeat_it(health, an, changes) -> None:
    response = await ask(health, an.question | changes)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")
    for value in (an.name, an.number, *changes.values()):
        assert value is None or value not in response.text
