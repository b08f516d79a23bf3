"""Events to agencies: signed, delivered until they arrive, and only to addresses that may be called."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from giayto_crypto.errors import GiaytoError
from giayto_crypto.webhooks import verify_webhook
from giayto_sdk import verify_webhook as sdk_verify_webhook
from giayto_wallet_api.audit.log import SYSTEM
from giayto_wallet_api.outbox import delivery, service
from giayto_wallet_api.outbox.events import AgencyEvent, EventKind, emit
from giayto_wallet_api.outbox.outgoing import DeliveryFailedError, UnsafeAddressError, post, require_safe_url
from giayto_wallet_api.outbox.tables import outbox_events

pytestmark = pytest.mark.both_databases


@dataclass
class Receiver:
    """A web server of an agency: keeps what it got, answers what it is told to."""

    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.got.append((headers, body))
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def listening(receiver: Receiver) -> AsyncIterator[Receiver]:
    server = await asyncio.start_server(receiver, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/events?from=wallet"
    async with server:
        yield receiver


@pytest.fixture
async def receiver(health, runtime) -> AsyncIterator[Receiver]:
    async with listening(Receiver()) as opened:
        async with runtime.database.transaction() as tx:
            await service.register_webhook(
                tx, agency_id="G18", url=opened.url, allow_loopback=True, now=runtime.clock()
            )
        yield opened


async def tell(runtime, *agency_ids: str) -> None:
    events = [AgencyEvent(each, EventKind.DOCUMENT_DECLINED, {"document_id": "doc_1"}) for each in agency_ids]
    async with runtime.database.transaction() as tx:
        await emit(tx, events, runtime.clock())


async def states(runtime) -> list[tuple[str, int, str | None]]:
    events = outbox_events.c
    async with runtime.database.read() as tx:
        rows = await tx.execute(select(events.state, events.attempts, events.failure))
        return [tuple(row) for row in rows]


@pytest.fixture(autouse=True)
def delivered_by_the_tests_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("giayto_wallet_api.app.delivering_events", lambda _runtime: nullcontext())


async def test_an_event_arrives_signed(runtime, receiver: Receiver) -> None:
    await tell(runtime, "G18")
    assert await delivery.deliver_due(runtime) == 1
    assert await states(runtime) == [("delivered", 1, None)]
    ((headers, body),) = receiver.got
    members = json.loads(body)
    assert (members["kind"], members["data"]) == ("document_declined", {"document_id": "doc_1"})
    right = {
        "issuer": runtime.settings.base_url,
        "audience": "G18",
        "anchors": runtime.keys.anchors,
        "now": runtime.clock(),
    }
    signature = headers["giayto-signature"]
    assert verify_webhook(body, signature, **right) == members["event_id"]
    anchor = runtime.keys.anchors[0].public_bytes(Encoding.PEM)
    found = sdk_verify_webhook(
        body, signature, base_url=right["issuer"], agency_id="G18", anchor=anchor, now=runtime.clock()
    )
    assert found == members["event_id"]
    for wrong in (
        {"audience": "G01"},
        {"issuer": "https://other.example"},
        {"now": runtime.clock() + timedelta(minutes=6)},
        {"now": runtime.clock() - timedelta(minutes=2)},
        {"anchors": ()},
    ):
        with pytest.raises(GiaytoError):
            verify_webhook(body, signature, **(right | wrong))
    with pytest.raises(GiaytoError):
        verify_webhook(body + b" ", signature, **right)
    assert await delivery.deliver_due(runtime) == 0


async def test_only_agencies_with_a_webhook_have_events(runtime, police, receiver: Receiver) -> None:
    await tell(runtime, "G18", "G01")
    assert len(await states(runtime)) == 1


async def test_what_fails_rests_longer_each_time_and_dies_at_last(runtime, receiver: Receiver, clock, health) -> None:
    receiver.answer = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    await tell(runtime, "G18")
    for attempt in range(1, delivery.MAX_ATTEMPTS + 1):
        assert await delivery.deliver_due(runtime) == 1
        assert await delivery.deliver_due(runtime) == 0, "it rests"
        expected = "dead" if attempt == delivery.MAX_ATTEMPTS else "pending"
        assert await states(runtime) == [(expected, attempt, "status_503")]
        clock.advance(hours=13)
    assert len(receiver.got) == delivery.MAX_ATTEMPTS
    assert len({json.loads(body)["event_id"] for _, body in receiver.got}) == 1
    async with runtime.database.transaction() as tx:
        assert await service.redeliver(tx, "G18", actor=SYSTEM, now=clock()) == 1
    receiver.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    assert await delivery.deliver_due(runtime) == 1
    assert (await states(runtime))[0][0] == "delivered"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "status_302"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000, "answer_too_large"),
        (b"not http at all\r\n\r\n", "no_answer_RemoteProtocolError"),
    ],
)
async def test_a_strange_answer_is_a_failure(runtime, receiver: Receiver, answer: bytes, failure: str) -> None:
    receiver.answer = answer
    await tell(runtime, "G18")
    await delivery.deliver_due(runtime)
    assert await states(runtime) == [("pending", 1, failure)]


async def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    seen_enough = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await seen_enough.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    begun = asyncio.get_running_loop().time()
    async with server:
        with pytest.raises(DeliveryFailedError, match=r"timeout|no_answer"):
            await post(f"http://127.0.0.1:{port}/", b"{}", {}, allow_loopback=True)
        assert asyncio.get_running_loop().time() - begun < 2.9
        seen_enough.set()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "url",
    [
        "http://agency.example/",
        "ftp://agency.example/",
        "https://user@agency.example/",
        "https:///events",
        "https://agency.example/#x",
        "http://127.0.0.1/",
    ],
)
def test_only_https_urls_are_registered(url: str) -> None:
    with pytest.raises(UnsafeAddressError):
        require_safe_url(url, allow_loopback=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
    ],
)
async def test_a_name_that_leads_inside_is_not_called(address: str) -> None:
    async def inside(_host: str, _port: int) -> list[str]:
        return ["93.184.215.14", address]

    with pytest.raises(UnsafeAddressError):
        await post("https://agency.example/", b"{}", {}, allow_loopback=False, resolve=inside)


async def test_two_workers_deliver_an_event_once(runtime, receiver: Receiver) -> None:
    for _ in range(10):
        await tell(runtime, "G18")
    assert sum(await asyncio.gather(*(delivery.deliver_due(runtime) for _ in range(4)))) == 10
    assert len(receiver.got) == 10


async def test_an_agency_looks_at_its_events_and_has_them_delivered_again(
    runtime, health, police, receiver: Receiver
) -> None:
    await tell(runtime, "G18")
    (item,) = (await health.call("GET", "/issuer/v1/events?state=pending")).json()["items"]
    assert (item["kind"], item["data"]) == ("document_declined", {"document_id": "doc_1"})
    path = f"/issuer/v1/events/{item['event_id']}/redeliver"
    assert (await health.call("POST", path)).status_code == 404, "it is not dead"
    async with runtime.database.transaction() as tx:
        await tx.execute(outbox_events.update().values(state="dead"))
    assert (await police.call("POST", path)).status_code == 404
    assert (await police.call("GET", "/issuer/v1/events?state=dead")).json()["items"] == []
    assert (await health.call("POST", path)).status_code == 204
    assert [state for state, *_ in await states(runtime)] == ["pending"]
