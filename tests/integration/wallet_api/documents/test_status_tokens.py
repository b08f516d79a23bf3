"""Status list tokens say what the rows say, however they came about, and are not made for every change of many."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from giayto_crypto.status_list import StatusValue, verify_status_list
from giayto_wallet_api.status import entries, tokens
from giayto_wallet_api.status.entries import PlaceUse, StatusPlace
from giayto_wallet_api.status.tables import status_entries, status_list_tokens, status_lists, status_reservations

PLACES = 64
LIST = "sl_under_test"
URI = f"http://127.0.0.1:8000/public/v1/status-lists/{LIST}"
PACE = timedelta(seconds=5)


@pytest.fixture
def settings(settings):
    return replace(settings, status_list_pace=PACE)


@pytest.fixture
async def a_list(runtime) -> None:
    """A list of 64 places, all of them used by documents `doc_0` … of one agency."""
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        await tx.execute(
            insert(status_lists).values(list_id=LIST, size=PLACES, bits=2, reserved=PLACES, revision=0, created_at=now)
        )
        reserved = {"list_id": LIST, "agency_id": "G18", "document_type": "urn:x", "reservation_id": "res"}
        await tx.execute(insert(status_reservations), [{**reserved, "idx": idx} for idx in range(PLACES)])
        await use(tx, range(PLACES), StatusValue.VALID, now)


async def use(tx, idxs, value: StatusValue, now) -> None:
    uses = [PlaceUse(StatusPlace(LIST, idx), f"doc_{idx}", 1) for idx in idxs]
    await entries.use_places(tx, agency_id="G18", uses=uses, now=now, value=value)


async def change(runtime, idxs, value: StatusValue) -> None:
    async with runtime.database.transaction() as tx:
        await entries.change_statuses(
            tx, agency_id="G18", versions=[(f"doc_{idx}", 1) for idx in idxs], value=value, now=runtime.clock()
        )


async def published(runtime) -> list[int]:
    token = (await tokens.current_token(runtime, LIST)).token
    verified = verify_status_list(token, uri=URI, anchors=runtime.keys.anchors, now=runtime.clock())
    return [verified.status(idx) for idx in range(PLACES)]


async def stored(runtime) -> list[int]:
    async with runtime.database.read() as tx:
        rows = await tx.execute(select(status_entries.c.idx, status_entries.c.value))
        values = dict(iter(rows))
    return [values.get(idx, 0) for idx in range(PLACES)]


@pytest.mark.both_databases
@pytest.mark.parametrize("seed", range(3))
async def test_made_from_the_last_token_or_from_all_rows_it_is_the_same(runtime, a_list, clock, seed) -> None:
    dice = random.Random(seed)
    for _ in range(20):
        idxs = dice.sample(range(PLACES), dice.randint(1, 9))
        if dice.random() < 0.2:
            async with runtime.database.transaction() as tx:
                await entries.revoke_places(tx, [StatusPlace(LIST, idx) for idx in idxs], clock())
        else:
            await change(runtime, idxs, dice.choice(list(StatusValue)))
        if dice.random() < 0.6:
            clock.advance(seconds=6)
            assert await published(runtime) == await stored(runtime)
    continued = await published(runtime)
    async with runtime.database.transaction() as tx:
        await tx.execute(delete(status_list_tokens))
    assert await published(runtime) == continued == await stored(runtime)


async def test_only_what_changed_since_is_read(runtime, a_list, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    render = tokens._render

    def watched(runtime, change):
        read.append([idx for idx, _ in change.entries])
        return render(runtime, change)

    monkeypatch.setattr(tokens, "_render", watched)
    await change(runtime, [1, 2, 3], StatusValue.INVALID)
    await published(runtime)
    await change(runtime, [7], StatusValue.SUSPENDED)
    await published(runtime)
    await change(runtime, [7], StatusValue.VALID)
    await published(runtime)
    assert [sorted(idxs) for idxs in read] == [[1, 2, 3], [7], [7]]


async def test_a_copy_that_begins_suspended_is_published_as_such_at_once(runtime, a_list) -> None:
    async with runtime.database.transaction() as tx:
        await tx.execute(
            insert(status_lists).values(
                list_id="sl_other", size=8, bits=2, reserved=8, revision=0, created_at=runtime.clock()
            )
        )
        await tx.execute(
            insert(status_reservations).values(
                list_id="sl_other", idx=5, agency_id="G18", document_type="urn:x", reservation_id="res"
            )
        )
    before = await tokens.current_token(runtime, "sl_other")
    async with runtime.database.transaction() as tx:
        place = PlaceUse(StatusPlace("sl_other", 5), "doc_new", 1)
        await entries.use_places(tx, agency_id="G18", uses=[place], now=runtime.clock(), value=StatusValue.SUSPENDED)
    after = await tokens.current_token(runtime, "sl_other")
    assert after.token != before.token
    uri = "http://127.0.0.1:8000/public/v1/status-lists/sl_other"
    verified = verify_status_list(after.token, uri=uri, anchors=runtime.keys.anchors, now=runtime.clock())
    assert verified.status(5) == StatusValue.SUSPENDED


async def test_a_token_that_cannot_be_read_is_not_built_upon(runtime, a_list) -> None:
    await change(runtime, [1], StatusValue.INVALID)
    await published(runtime)
    async with runtime.database.transaction() as tx:
        await tx.execute(status_list_tokens.update().values(token="ey.ey.ey"))
    await change(runtime, [2], StatusValue.INVALID)
    assert await published(runtime) == await stored(runtime)


@pytest.mark.both_databases
async def test_changes_that_race_with_tokens_are_all_published(runtime, a_list, clock) -> None:
    object.__setattr__(runtime.settings, "status_list_pace", timedelta(0))
    changes = [change(runtime, range(first, PLACES, 8), StatusValue.INVALID) for first in range(8)]
    await asyncio.gather(*changes, *(published(runtime) for _ in range(8)))
    assert await published(runtime) == await stored(runtime) == [StatusValue.INVALID] * PLACES


async def test_a_stream_of_changes_is_published_at_a_pace(runtime, a_list, clock) -> None:
    made = set()
    for number in range(190):
        await change(runtime, [number % PLACES], (StatusValue.SUSPENDED, StatusValue.VALID)[number // PLACES % 2])
        made.add((await tokens.current_token(runtime, LIST)).issued_at)
        clock.advance(milliseconds=100)
    assert len(made) <= tokens.RENDERED_AT_ONCE + 19 / PACE.total_seconds() + 1
    assert await published(runtime) != await stored(runtime)
    clock.advance(seconds=PACE.total_seconds())
    assert await published(runtime) == await stored(runtime)


async def test_a_change_after_a_quiet_time_is_published_at_once(runtime, a_list, clock) -> None:
    for idx in range(tokens.RENDERED_AT_ONCE):
        await change(runtime, [idx], StatusValue.INVALID)
        assert await published(runtime) == await stored(runtime)
    clock.advance(minutes=2)
    await change(runtime, [60], StatusValue.INVALID)
    assert await published(runtime) == await stored(runtime)


async def test_of_many_who_ask_at_once_one_has_the_token_made(runtime, a_list, monkeypatch: pytest.MonkeyPatch) -> None:
    renderings = []
    render = tokens._render
    monkeypatch.setattr(tokens, "_render", lambda *arguments: renderings.append(1) or render(*arguments))
    await change(runtime, [1], StatusValue.INVALID)
    found = await asyncio.gather(*(tokens.current_token(runtime, LIST) for _ in range(10)))
    assert len(renderings) == 1
    assert len({each.token for each in found}) == 1
