"""Rows of one batch act on each other as if each had been pushed alone, and the store ends the same."""

import asyncio
import json
import random
from collections.abc import Sequence

import pytest
from sqlalchemy import delete, event, select

from giayto_crypto.keys import LocalSigner
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.changes.tables import wallet_changes
from giayto_wallet_api.documents import storing
from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.holder_keys.tables import holder_key_directory, holder_keys
from giayto_wallet_api.inbox.tables import wallet_credentials, wallet_documents
from giayto_wallet_api.status.entries import PlaceState
from giayto_wallet_api.status.tables import status_entries, status_lists
from giayto_wallet_api.wallets.tables import wallets

pytestmark = pytest.mark.both_databases


def answers_in(response) -> list[dict]:
    assert response.status_code == 200, response.text
    return [answer_of(line) for line in map(json.loads, response.content.splitlines())]


def answer_of(body: dict) -> dict:
    return {"row_key": body["row_key"], "result": body["result"], "version": body.get("version")} | (
        {"code": body["problem"]["code"]} if "problem" in body else {}
    )


async def rows_of(runtime, query) -> list:
    async with runtime.database.read() as tx:
        return list(await tx.execute(query))


async def require_sound(runtime) -> None:
    """What must hold after whatever was pushed (I2, I3, I5)."""
    versions = await rows_of(runtime, select(document_versions))
    documents = await rows_of(runtime, select(wallet_documents))
    entries = await rows_of(runtime, select(status_entries))
    credentials = await rows_of(runtime, select(wallet_credentials))
    keys = {(each.document_id, each.version) for each in versions}
    assert len(keys) == len(versions) == len(documents)
    assert {(each.document_id, each.version) for each in documents} == keys
    assert len(entries) == len(credentials)
    assert {(each.document_id, each.version) for each in entries} == keys
    newest = {each.document_id: 0 for each in versions}
    for each in versions:
        newest[each.document_id] = max(newest[each.document_id], each.version)
    for each in versions:
        assert each.state == ("active" if each.version == newest[each.document_id] else "superseded")
    for each in documents:
        assert each.state == ("offered" if each.version == newest[each.document_id] else "superseded")
    for each in entries:
        assert each.value == (0 if each.version == newest[each.document_id] else 1)
    stored = await rows_of(runtime, select(audit_entries).where(audit_entries.c.action == "document.stored"))
    assert {each.sequence: each.target for each in stored} == {
        each.pushed_sequence: each.document_id for each in versions
    }
    used = {each.key_thumbprint: each.credential_count for each in await rows_of(runtime, select(holder_keys))}
    for thumbprint, count in used.items():
        assert count == sum(each.key_thumbprint == thumbprint for each in credentials)
    for wallet in await rows_of(runtime, select(wallets)):
        changes = await rows_of(
            runtime,
            select(wallet_changes.c.sequence, wallet_changes.c.object_id)
            .where(wallet_changes.c.wallet_id == wallet.wallet_id)
            .order_by(wallet_changes.c.sequence),
        )
        assert [each.sequence for each in changes] == list(range(1, wallet.change_sequence + 1))
        offered = {each.offered_sequence: each.document_id for each in documents if each.wallet_id == wallet.wallet_id}
        assert offered == {each.sequence: each.object_id for each in changes}
    async with runtime.database.read() as tx:
        assert await audit.first_broken_entry(tx) is None


async def test_a_row_key_twice_in_a_batch_is_one_document(desk, an, runtime) -> None:
    one, other = await desk.row(an), await desk.row(an)
    changed = await desk.row(an, claims={**an.claims, "sex": "2"})
    assert answers_in(await desk.push_stream([one, other, changed])) == [
        {"row_key": "row-1", "result": "stored", "version": 1},
        {"row_key": "row-1", "result": "unchanged", "version": 1},
        {"row_key": "row-1", "result": "refused", "version": None, "code": "row_key_conflict"},
    ]
    await require_sound(runtime)


async def test_a_status_place_twice_in_a_batch_goes_to_the_first_that_is_accepted(desk, an, runtime) -> None:
    (place,) = await desk.reserve(1)
    stranger = LocalSigner.generate().public_key
    rows = [
        await desk.row(an, "refused", statuses=[place], keys=[stranger]),
        await desk.row(an, "first", statuses=[place]),
        await desk.row(an, "second", statuses=[place]),
    ]
    assert [answer.get("code") for answer in answers_in(await desk.push_stream(rows))] == [
        "holder_key_not_of_subject",
        None,
        "status_index_used",
    ]
    await require_sound(runtime)


async def test_a_row_key_that_was_refused_may_come_again_in_the_same_batch(desk, an, runtime) -> None:
    stranger = LocalSigner.generate().public_key
    rows = [await desk.row(an, keys=[stranger]), await desk.row(an, claims={**an.claims, "sex": "1"})]
    assert [answer["result"] for answer in answers_in(await desk.push_stream(rows))] == ["refused", "stored"]
    await require_sound(runtime)


async def test_versions_follow_each_other_within_a_batch(desk, an, runtime) -> None:
    """v1 is stored before; v2 to v4 come in one batch, with a second successor of v1 and one of a refused row."""
    await desk.push(await desk.row(an, "v1"))
    sexes = {"v2": "1", "v3": "2", "v4": "1"}
    v2, v3, v4 = [
        await desk.row(an, f"v{number}", claims={**an.claims, "sex": sexes[f"v{number}"]}, replaces=f"v{number - 1}")
        for number in (2, 3, 4)
    ]
    late = await desk.row(an, "late", replaces="v1")
    (revision,) = await rows_of(runtime, select(status_lists.c.revision))
    answers = answers_in(await desk.push_stream([v2, late, v3, {**v3, "row_key": "orphan", "replaces": "no"}, v4]))
    assert [(each["version"], each.get("code")) for each in answers] == [
        (2, None),
        (None, "replaces_not_current"),
        (3, None),
        (None, "status_index_used"),
        (4, None),
    ]
    assert len(await rows_of(runtime, select(document_versions))) == 4
    assert (await rows_of(runtime, select(status_lists.c.revision)))[0].revision > revision.revision
    await require_sound(runtime)


async def test_changes_of_several_wallets_are_numbered_each_on_its_own(desk, an, binh, runtime) -> None:
    rows = [await desk.row(citizen, f"row-{number}") for number, citizen in enumerate([an, binh, an, binh, an])]
    assert {answer["result"] for answer in answers_in(await desk.push_stream(rows))} == {"stored"}
    sequences = {each.wallet_id: each.change_sequence for each in await rows_of(runtime, select(wallets))}
    assert sequences == {an.wallet_id: 3, binh.wallet_id: 2}
    await require_sound(runtime)


async def test_a_holder_key_that_was_taken_away_refuses_its_rows_alone(desk, an, binh, runtime) -> None:
    rows = [await desk.row(an, "an-1"), await desk.row(binh, "binh-1"), await desk.row(an, "an-2")]
    gone = binh.keys[1].public_key.thumbprint
    async with runtime.database.transaction() as tx:
        await tx.execute(delete(holder_key_directory).where(holder_key_directory.c.key_thumbprint == gone))
    assert [answer.get("code") for answer in answers_in(await desk.push_stream(rows))] == [
        None,
        "holder_key_not_of_subject",
        None,
    ]
    await require_sound(runtime)


async def some_rows(desk, citizens: Sequence, dice: random.Random) -> list[dict]:
    """Rows that share row keys, places and predecessors as chance has it."""
    places = await desk.reserve(8)
    names = [f"row-{number}" for number in range(6)]
    rows = []
    for _ in range(16):
        citizen = dice.choice(citizens)
        claims = {**citizen.claims, "sex": dice.choice("12")}
        replaces = dice.choice([None] * 8 + names)
        statuses = dice.sample(places, len(citizen.keys))
        rows.append(await desk.row(citizen, dice.choice(names), claims=claims, statuses=statuses, replaces=replaces))
    return rows


@pytest.mark.parametrize("seed", range(12))
async def test_a_batch_is_answered_as_its_rows_one_by_one(desk, desk_of, an, binh, runtime, new_agency, seed) -> None:
    """The same rows, signed by two agencies: one sends a batch, the other row after row."""
    other_desk = desk_of(await new_agency("H26", ("urn:giayto:type:health-book:1",)))
    together = await some_rows(desk, [an, binh], random.Random(seed))
    alone = await some_rows(other_desk, [an, binh], random.Random(seed))
    answers = answers_in(await desk.push_stream(together))
    expected = [answers_in(await other_desk.push_stream([row]))[0] for row in alone]
    assert answers == expected
    assert {"stored", "refused"} <= {answer["result"] for answer in answers}
    await require_sound(runtime)


async def test_a_race_with_another_worker_ends_right(desk, an, runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another worker wrote after our reading meets the keys of the tables; then each row is judged anew."""
    place, free = await desk.reserve(2)
    await desk.push(await desk.row(an, "rival", statuses=[place]))
    read = storing.reserved_places
    readings = []

    async def read_too_early(tx, agency_id, places):
        readings.append(len(places))
        found = await read(tx, agency_id, places)
        if len(readings) > 1:
            return found
        return {each: PlaceState(state.document_type, is_used=False) for each, state in found.items()}

    monkeypatch.setattr(storing, "reserved_places", read_too_early)
    rows = [await desk.row(an, "loses", statuses=[place]), await desk.row(an, "wins", statuses=[free])]
    assert [answer.get("code") for answer in answers_in(await desk.push_stream(rows))] == ["status_index_used", None]
    assert readings == [2, 1, 1]
    await require_sound(runtime)


async def test_a_batch_asks_the_store_a_fixed_number_of_times(desk, an, binh, runtime) -> None:
    """Statements must not grow with the rows. What the application does beside requests is not counted."""
    this_task, counts = asyncio.current_task(), []
    for number in (2, 20):
        rows = [await desk.row((an, binh)[each % 2], f"{number}-{each}") for each in range(number)]
        statements: list[str] = []

        def count(_connection, _cursor, statement, *_rest, into=statements) -> None:
            if asyncio.current_task() is this_task:
                into.append(statement)

        engine = runtime.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", count)
        assert {answer["result"] for answer in answers_in(await desk.push_stream(rows))} == {"stored"}
        event.remove(engine, "before_cursor_execute", count)
        counts.append(len(statements))
    assert counts[0] == counts[1] > 10
