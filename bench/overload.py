"""Ten times more bulk than the server can take, for a while, and whether the rest notices.

First the capacity is measured: streams of rows one after the other on each of a few connections. Then streams arrive
open-loop, ten times as many as that, each on a connection of its own and whether or not the ones before were answered,
while verifiers read the trust list and the status list. Latencies count from the moment at which a request was meant to
be sent. A stream that is turned away with 503 and Retry-After is dropped: its rows count as shed.

    python -m bench.overload [--seconds 60] [--times 10] [--database postgresql]
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from rich.console import Console

from bench.databases import postgresql
from bench.register import Register
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._issuing.api import IssuerApi

STREAM_ROWS = 40
STREAMS = 30
READS_PER_SECOND = 10
WANTED_GOODPUT = 0.8
_BULK = "/issuer/v1/documents/bulk"
_READS = ("/public/v1/trust-list", "/public/v1/status-lists")


@dataclass(slots=True)
class Load:
    """What became of the requests of one kind.

    Attributes:
        statuses: answers by status; 0 for connections that broke.
        seconds: latencies of answers of 200, from the moment at which the request was meant to be sent.
        rows: rows that were answered.
        without_retry_after: answers of 503 that did not say when to come back.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    rows: int = 0
    without_retry_after: int = 0

    def percentile(self, share: float) -> float:
        """Return a latency that this share of the answers did not exceed; not a number without any."""
        return sorted(self.seconds)[int(share * (len(self.seconds) - 1))] if self.seconds else float("nan")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows a second before and during the overload, and what the readers saw."""

    capacity: float
    goodput: float
    bulk: Load
    reads: Load

    @property
    def ratio(self) -> float:
        """Goodput by capacity."""
        return self.goodput / self.capacity


@dataclass(slots=True)
class Agency:
    """Streams that are ready to be sent, over and over: what was stored is answered `unchanged`."""

    url: str
    token: str
    prover: DpopProver
    streams: Sequence[bytes]

    def headers(self) -> dict[str, str]:
        """Return what authorises one stream."""
        proof = self.prover.proof("POST", self.url + _BULK, self.token)
        return {"Authorization": f"DPoP {self.token}", "DPoP": proof, "Content-Type": "application/x-ndjson"}


async def measure(agency: Agency, *, seconds: float, times: float) -> Outcome:
    """Measure the capacity, and then what is left of it under `times` as much."""
    await _closed_loop(agency, seconds=0.0, streams=len(agency.streams))  # from here on all rows are known: one cost
    capacity = await _closed_loop(agency, seconds=max(2.0, seconds / 4))
    bulk, reads = Load(), Load()
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            _open_loop(times * capacity / STREAM_ROWS, seconds, lambda client, at: _push(client, agency, at, bulk))
        )
        tasks.create_task(_open_loop(READS_PER_SECOND, seconds, lambda client, at: _read(client, agency, at, reads)))
    return Outcome(capacity, bulk.rows / (time.perf_counter() - begin), bulk, reads)


async def _closed_loop(agency: Agency, *, seconds: float, streams: int = 0) -> float:
    """Return rows a second while a few connections send stream after stream, for so long and at least so many."""
    load = Load()
    begin = time.perf_counter()

    async def keep_sending() -> None:
        async with httpx2.AsyncClient(base_url=agency.url, timeout=60) as client:
            while time.perf_counter() - begin < seconds or sum(load.statuses.values()) < streams:
                await _push(client, agency, time.perf_counter(), load)

    await asyncio.gather(*(keep_sending() for _ in range(4)))
    return load.rows / (time.perf_counter() - begin)


Send = Callable[[httpx2.AsyncClient, float], Coroutine[Any, Any, None]]


async def _open_loop(per_second: float, seconds: float, send: Send) -> None:
    """Send at fixed moments, whatever has become of the requests before."""
    begin = time.perf_counter()
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=20)
    async with httpx2.AsyncClient(timeout=60, limits=limits) as client, asyncio.TaskGroup() as tasks:
        for number in range(int(per_second * seconds)):
            at = begin + number / per_second
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            tasks.create_task(send(client, at))


async def _push(client: httpx2.AsyncClient, agency: Agency, at: float, load: Load) -> None:
    content = agency.streams[sum(load.statuses.values()) % len(agency.streams)]
    try:
        response = await client.post(agency.url + _BULK, content=_paced(content), headers=agency.headers())
    except httpx2.TransportError:
        load.statuses[0] += 1  # turned away while still sending
        return
    _note(response, at, load)
    if response.status_code == 200:
        load.rows += response.text.count("\n")


async def _paced(content: bytes) -> AsyncIterator[bytes]:
    """Send in pieces, so that a refusal is noticed before everything is sent."""
    for start in range(0, len(content), 65536):
        yield content[start : start + 65536]


async def _read(client: httpx2.AsyncClient, agency: Agency, at: float, load: Load) -> None:
    path = _READS[sum(load.statuses.values()) % len(_READS)]
    _note(await client.get(agency.url + path), at, load)


def _note(response: httpx2.Response, at: float, load: Load) -> None:
    load.statuses[response.status_code] += 1
    if response.status_code == 200:
        load.seconds.append(time.perf_counter() - at)
    if response.status_code == 503 and "retry-after" not in response.headers:
        load.without_retry_after += 1


def prepare(register: Register, api: IssuerApi, token: str, prover: DpopProver) -> Agency:
    """Sign a few streams that are then sent over and over."""
    lines = register.signed_rows(api, range(STREAM_ROWS * STREAMS))
    encoded = [f"{line}\n".encode() for line in lines]
    streams = [b"".join(encoded[start : start + STREAM_ROWS]) for start in range(0, len(lines), STREAM_ROWS)]
    return Agency(register.base_url, token, prover, streams)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the overload and print what it did; exit code 1 when goodput or readers suffered."""
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--times", type=float, default=10.0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    with TemporaryDirectory() as folder, ExitStack() as stack, console.status("overload"):
        url = stack.enter_context(postgresql()) if options.database == "postgresql" else None
        register = Register.make(Path(folder) / "sandbox", STREAM_ROWS, database_url=url)
        stack.enter_context(register.served())
        api, credentials, prover = stack.enter_context(register.access())
        agency = prepare(register, api, credentials.fetch_token().value, prover)
        outcome = asyncio.run(measure(agency, seconds=options.seconds, times=options.times))
    return report(outcome, console)


def report(outcome: Outcome, console: Console) -> int:
    """Print an outcome; 1 when it misses what is wanted."""
    reads, bulk = outcome.reads, outcome.bulk
    refused = {status: count for status, count in reads.statuses.items() if status != 200}
    console.print(f"capacity {outcome.capacity:,.0f} rows/s, goodput under load {outcome.goodput:,.0f}", end="")
    console.print(f" (ratio {outcome.ratio:.2f}, wanted {WANTED_GOODPUT}); streams by status {dict(bulk.statuses)}")
    console.print(
        f"reads: {reads.statuses[200]} answered, others {refused or 'none'}; median "
        f"{statistics.median(reads.seconds or [float('nan')]) * 1e3:.0f} ms, p99 {reads.percentile(0.99) * 1e3:.0f} ms"
    )
    return int(outcome.ratio < WANTED_GOODPUT or bool(refused) or bool(bulk.without_retry_after))


if __name__ == "__main__":
    sys.exit(main())
