"""The stream: one answer a row in order, a bad row alone, what was cut off is simply sent again."""

import asyncio
import gc
import json

import pytest
from litestar.exceptions import InternalServerException
from sqlalchemy import func, select

from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.documents import bulk
from giayto_wallet_api.documents.bulk import answer_stream
from giayto_wallet_api.documents.schemas import MAX_ROW_BYTES, PushRow
from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.status.tables import status_entries

pytestmark = pytest.mark.both_databases


async def count(runtime, table) -> int:
    async with runtime.database.read() as tx:
        return (await tx.execute(select(func.count()).select_from(table))).scalar_one()


def encoded(row) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def answers_in(response) -> list[dict]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in response.text.splitlines()]


async def rows_for(desk, citizen, number: int) -> list[dict]:
    places = await desk.reserve(number)
    return [await desk.row(citizen, f"row-{index}", statuses=[place]) for index, place in enumerate(places, 1)]


async def test_each_row_gets_its_answer_in_order(desk, an, runtime) -> None:
    rows = await rows_for(desk, an, 5)
    answers = answers_in(await desk.push_stream(rows))
    assert [(each["row"], each["row_key"], each["result"], each["version"]) for each in answers] == [
        (number, f"row-{number}", "stored", 1) for number in range(1, 6)
    ]
    assert len({each["document_id"] for each in answers}) == 5
    again = answers_in(await desk.push_stream(rows))
    assert [each["result"] for each in again] == ["unchanged"] * 5
    assert [each["document_id"] for each in again] == [each["document_id"] for each in answers]
    assert await count(runtime, status_entries) == 5


async def test_broken_rows_are_refused_alone(desk, an, binh, runtime) -> None:
    good = await rows_for(desk, an, 4)
    foreign_key = await desk.row(an, "foreign-key", keys=[binh.keys[0].public_key])
    conflicting = await desk.row(an, "row-1", claims={**an.claims, "sex": "2"})
    same_place = {**good[3], "row_key": "same-place"}
    lines = [
        good[0],
        b"not json\n",
        good[1],
        b'{"row_key":"a","row_key":"b"}\n',
        foreign_key,
        b'{"row_key":"' + bytes(MAX_ROW_BYTES).replace(b"\0", b"x") + b'"}\n',
        good[2],
        conflicting,
        b"\n",
        {**good[3], "subject": {"kind": "robot", "id": "1"}},
        good[3],
        same_place,
        b"[" * 100 + b"\n",
        encoded({**good[0], "row_key": "last"})[:-20],
    ]
    answers = answers_in(await desk.push_stream(lines))
    results = [(each.get("row_key"), each.get("problem", {}).get("code")) for each in answers]
    assert results == [
        ("row-1", None),
        (None, "malformed"),
        ("row-2", None),
        (None, "malformed"),
        ("foreign-key", "holder_key_not_of_subject"),
        (None, "row_too_large"),
        ("row-3", None),
        ("row-1", "row_key_conflict"),
        (None, "malformed"),
        ("row-4", None),
        ("same-place", "status_index_used"),
        (None, "malformed"),
        (None, "malformed"),
    ]
    assert [each["row"] for each in answers] == list(range(1, 14))
    assert await count(runtime, document_versions) == 4
    assert an.number not in json.dumps([each for each in answers if "problem" in each])


async def test_a_row_can_replace_one_of_the_same_batch(desk, an, runtime) -> None:
    first = await desk.row(an, "v1")
    second = await desk.row(an, "v2", claims={**an.claims, "sex": "2"}, replaces="v1")
    answers = answers_in(await desk.push_stream([first, second]))
    assert [(each["result"], each["version"]) for each in answers] == [("stored", 1), ("stored", 2)]
    assert answers[0]["document_id"] == answers[1]["document_id"]


async def test_a_last_row_needs_no_line_end(desk, an) -> None:
    row = await desk.row(an)
    (answer,) = answers_in(await desk.push_stream([encoded(row).rstrip(b"\n")]))
    assert answer["result"] == "stored"


async def test_an_empty_stream_has_no_answers(desk, an) -> None:
    assert answers_in(await desk.push_stream([])) == []


class Connection:
    """A request body that a test feeds by hand, and may break."""

    def __init__(self) -> None:
        self.chunks: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def body(self):
        while True:
            chunk = await self.chunks.get()
            if chunk is None:
                raise InternalServerException("client disconnected prematurely")
            if not chunk:
                return
            yield chunk


async def test_answers_come_while_the_client_still_sends(desk, an, runtime) -> None:
    rows = await rows_for(desk, an, 2)
    connection = Connection()
    stream = answer_stream(runtime, AgencyClient("G18", "main"), connection.body())
    connection.chunks.put_nowait(encoded(rows[0]))
    first = json.loads(await asyncio.wait_for(anext(stream), 5))
    assert (first["row"], first["result"]) == (1, "stored")
    assert await count(runtime, document_versions) == 1
    connection.chunks.put_nowait(encoded(rows[1]))
    assert json.loads(await asyncio.wait_for(anext(stream), 5))["row"] == 2
    connection.chunks.put_nowait(b"")
    assert await anext(stream, None) is None


async def test_a_stream_cut_in_the_middle_of_a_row_is_sent_again(desk, an, runtime) -> None:
    rows = await rows_for(desk, an, 6)
    body = b"".join(map(encoded, rows))
    whole = body.find(encoded(rows[3])) + len(encoded(rows[3]))
    connection = Connection()
    stream = answer_stream(runtime, AgencyClient("G18", "main"), connection.body())
    connection.chunks.put_nowait(body[: whole + 100])
    answered = (await asyncio.wait_for(anext(stream), 5)).splitlines()
    connection.chunks.put_nowait(None)
    assert await anext(stream, None) is None
    assert len(answered) == 4
    assert await count(runtime, document_versions) == 4
    again = answers_in(await desk.push_stream(rows))
    assert [each["result"] for each in again] == ["unchanged"] * 4 + ["stored"] * 2
    assert [each["document_id"] for each in again[:4]] == [json.loads(line)["document_id"] for line in answered]
    assert await count(runtime, status_entries) == 6


async def test_a_cut_off_row_is_not_read_as_if_it_were_whole(desk, an, runtime) -> None:
    connection = Connection()
    stream = answer_stream(runtime, AgencyClient("G18", "main"), connection.body())
    connection.chunks.put_nowait(encoded(await desk.row(an)).rstrip(b"\n"))
    connection.chunks.put_nowait(None)
    assert await anext(stream, None) is None
    assert await count(runtime, document_versions) == 0


async def test_batches_are_bounded(desk, an, runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    async def observe(runtime, client, rows, **arguments):
        sizes.append(len(rows))
        return await push_rows(runtime, client, rows, **arguments)

    push_rows = bulk.push_rows
    monkeypatch.setattr(bulk, "push_rows", observe)
    monkeypatch.setattr(bulk, "BATCH_ROWS", 3)
    answers = answers_in(await desk.push_stream(await rows_for(desk, an, 8)))
    assert [each["row"] for each in answers] == list(range(1, 9))
    assert sizes == [3, 3, 2]
    sizes.clear()
    monkeypatch.setattr(bulk, "BATCH_BYTES", 1)
    answers_in(await desk.push_stream(await rows_for(desk, an, 3)))
    assert sizes == [1, 1, 1]


async def test_a_silent_client_is_let_go(runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "IDLE_SECONDS", 0.01)
    stream = answer_stream(runtime, AgencyClient("G18", "main"), Connection().body())
    assert await asyncio.wait_for(anext(stream, None), 5) is None


async def test_nothing_of_a_stream_stays_in_memory(desk, an) -> None:
    rows = await rows_for(desk, an, 3)
    answers_in(await desk.push_stream(rows))
    gc.collect()
    assert [each for each in gc.get_objects() if isinstance(each, PushRow)] == []
