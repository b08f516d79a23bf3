"""Live events over real HTTP: what one worker changes, a phone at another worker hears of."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import httpx2
import pytest
import uvicorn

from giayto_wallet_api.app import create_app

pytestmark = pytest.mark.both_databases

HONG = "001199000017"
EVENTS = "/wallet/v1/events"
PATIENCE = 5.0


@asynccontextmanager
async def serving(application, *, lifespan: Literal["on", "off"] = "on") -> AsyncIterator[httpx2.AsyncClient]:
    """Serve an application on a free port of this machine."""
    server = uvicorn.Server(
        uvicorn.Config(application, log_config=None, lifespan=lifespan, timeout_graceful_shutdown=1)
    )
    # The socket listens before the server runs, so a client that is early waits instead of being refused.
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    life = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        await life
        listener.close()


@pytest.fixture
async def worker(app) -> AsyncIterator[httpx2.AsyncClient]:
    # The fixture has started the application already.
    async with serving(app, lifespan="off") as client:
        yield client


@pytest.fixture
async def other_worker(app, settings, clock, server_keys) -> AsyncIterator[httpx2.AsyncClient]:
    """A second process would share nothing but the database and the keys; so does this."""
    async with serving(create_app(settings, clock=clock, keys=server_keys)) as client:
        yield client


class Stream:
    """Reads the blocks of an event stream, one at a time."""

    def __init__(self, response: httpx2.Response) -> None:
        self.status_code = response.status_code
        self.headers = response.headers
        self._lines = response.aiter_lines()

    async def block(self) -> dict[str, str]:
        """Return the next block; comments are under the empty name. Empty at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if not line and fields:
                    return fields
                if line:
                    name, _, value = line.partition(":")
                    fields[name] = value.strip()
        return fields

    async def event(self) -> dict[str, str]:
        """Return the next block that is an event; heartbeats do not buy it time."""
        async with asyncio.timeout(PATIENCE):
            while True:
                block = await self.block()
                if not block or "event" in block:
                    return block


@asynccontextmanager
async def listening(phone, http: httpx2.AsyncClient, **headers: str) -> AsyncIterator[Stream]:
    sent = {
        "Authorization": f"DPoP {phone.token}",
        "DPoP": phone.proof("GET", EVENTS, token=phone.token),
        **headers,
    }
    async with http.stream("GET", EVENTS, headers=sent, timeout=PATIENCE) as response:
        yield Stream(response)


async def test_a_phone_hears_what_another_worker_changes(hong, worker, other_worker, offer) -> None:
    async with listening(hong, worker) as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert await stream.block() == {"": "open", "retry": "2000"}
        document_id = await offer(HONG)
        offered = await stream.event()
        assert (offered["id"], offered["event"]) == ("2", "document_offered")
        assert json.loads(offered["data"]) == {
            "sequence": 2,
            "kind": "document_offered",
            "object_id": document_id,
            "occurred_at": "2026-11-22T09:30:00Z",
        }
        hong.http = other_worker
        confirmation = await hong.call("POST", f"/wallet/v1/documents/{document_id}/confirm", {})
        assert confirmation.status_code == 200
        confirmed = await stream.event()
        assert (confirmed["id"], confirmed["event"]) == ("3", "document_confirmed")


async def test_a_stream_that_was_cut_goes_on_where_it_stopped(hong, worker, other_worker, offer) -> None:
    async with listening(hong, worker) as stream:
        await offer(HONG)
        seen = await stream.event()
    await offer(HONG)
    await offer(HONG)
    async with listening(hong, other_worker, **{"Last-Event-ID": seen["id"]}) as stream:
        assert [(await stream.event())["id"] for _ in range(2)] == ["3", "4"]


async def test_the_whole_enrolment_over_real_http(worker, new_phone) -> None:
    first, second = new_phone(), new_phone()
    first.http = second.http = worker
    await first.enrol(HONG)
    async with listening(first, worker) as stream:
        await stream.block()
        await second.enrol(HONG)
        told = await stream.event()
        assert (told["event"], json.loads(told["data"])["object_id"]) == ("device_enrolled", second.device_id)


async def test_silence_is_broken_by_heartbeats(hong, worker) -> None:
    async with listening(hong, worker) as stream:
        assert (await stream.block())[""] == "open"
        assert await stream.block() == {"": "alive"}
        assert await stream.block() == {"": "alive"}


async def test_a_stream_ends_with_its_access_token(hong, worker, clock) -> None:
    async with listening(hong, worker) as stream:
        await stream.block()
        clock.advance(minutes=15)
        assert await stream.event() == {}


async def test_a_stream_tells_a_device_that_it_is_removed_and_ends(hong, worker, new_phone, offer) -> None:
    lost = await new_phone().enrol(HONG)
    async with listening(lost, worker) as stream:
        await stream.block()
        await hong.call("DELETE", f"/wallet/v1/devices/{lost.device_id}")
        await offer(HONG)
        farewell = await stream.event()
        assert farewell["event"] == "device_removed"
        assert json.loads(farewell["data"])["object_id"] == lost.device_id
        assert await stream.event() == {}, "nothing that came after it"


async def test_nobody_hears_anothers_events(hong, an, worker, offer) -> None:
    async with listening(an, worker) as stream:
        await stream.block()
        await offer(HONG)
        own = await offer("079085000018")
        event = await stream.event()
        assert json.loads(event["data"])["object_id"] == own


async def test_a_place_that_was_made_up_is_refused(hong, worker) -> None:
    async with listening(hong, worker, **{"Last-Event-ID": "x"}) as stream:
        assert stream.status_code == 400
