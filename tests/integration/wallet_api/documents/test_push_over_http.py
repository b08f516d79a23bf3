"""The stream over a real connection: answers come while rows are sent, a cut leaves what was answered."""

import asyncio
import json
import socket

import pytest
import uvicorn
from sqlalchemy import func, select

from giayto_wallet_api.documents.tables import document_versions

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def port(app):
    """The application served by a real server in this event loop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        await task


class StreamingClient:
    """Speaks HTTP/1.1 by hand, so that it can stop wherever it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int, agency) -> "StreamingClient":
        path = "/issuer/v1/documents/bulk"
        token = await agency.token()
        client = cls(*await asyncio.open_connection("127.0.0.1", port))
        lines = [
            f"POST {path} HTTP/1.1",
            "Host: 127.0.0.1:8000",
            f"Authorization: DPoP {token}",
            f"DPoP: {agency.proof('POST', path, access_token=token)}",
            "Content-Type: application/x-ndjson",
            "Transfer-Encoding: chunked",
        ]
        client.writer.write("\r\n".join([*lines, "", ""]).encode())
        return client

    def send(self, part: bytes) -> None:
        self.writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")

    async def status(self) -> str:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        return head.split(b"\r\n")[0].decode()

    async def answer(self) -> dict:
        size = int(await asyncio.wait_for(self.reader.readline(), 5), 16)
        return json.loads(await self.reader.readexactly(size + 2))

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def encoded(row) -> bytes:
    return json.dumps(row).encode() + b"\n"


async def test_answers_arrive_while_rows_are_still_sent_and_a_cut_loses_nothing(desk, an, runtime, port) -> None:
    places = await desk.reserve(3)
    rows = [await desk.row(an, f"row-{index}", statuses=[place]) for index, place in enumerate(places, 1)]
    client = await StreamingClient.open(port, desk.agency)
    client.send(encoded(rows[0]))
    assert await client.status() == "HTTP/1.1 200 OK"
    first = await client.answer()
    assert (first["row"], first["result"]) == (1, "stored")
    client.send(encoded(rows[1]))
    assert (await client.answer())["row"] == 2
    client.send(encoded(rows[2])[:500])
    await client.close()
    again = await desk.push_stream(rows)
    results = [json.loads(line) for line in again.text.splitlines()]
    assert [each["result"] for each in results] == ["unchanged", "unchanged", "stored"]
    assert results[0]["document_id"] == first["document_id"]
    async with runtime.database.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(document_versions))).scalar_one() == 3
