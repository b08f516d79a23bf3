"""Pushing health books over loopback HTTP into a durable database, against its two limits.

The wallet API runs in processes of its own, one for each core with PostgreSQL, one with SQLite; twice as many
connections of the agency take streams of 200 rows from one queue. Rows are signed between the measured stretches. The
limit is the slower of two things that every row needs: one raw P-256 verification (all cores at it), and making as many
bytes durable with the driver alone, in batches of the same size: COPY, or inserts into SQLite.

    python -m bench.push --rows 200000 --database postgresql    # the long run; memory at a tenth and at the end
"""

import argparse
import asyncio
import os
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory

import psutil
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from rich.console import Console
from sqlalchemy import make_url

from bench.databases import postgresql
from bench.harness import Bound, Row, compare
from bench.register import Register
from giayto_sdk._issuing.api import IssuerApi

ROWS = 2000
STREAM_ROWS = 200
STRETCH_ROWS = 4000
"""Rows that are signed and held before they are pushed: what bounds the memory of the client."""
MOST_PEOPLE = 20_000
NATION = 15_822_260
WANTED = 0.5
CORES = len(os.sched_getaffinity(0))
_ES256 = ec.ECDSA(hashes.SHA256())
_TABLES = 6
"""So many rows in as many tables make one document: version, status, change, document, copy, audit entry."""


@dataclass(slots=True)
class Pushed:
    """What was measured while a register was pushed.

    Attributes:
        rows: how many.
        seconds: while rows were being pushed.
        limits: microseconds of what each row needs at least, by its name.
        row_bytes: length of the rows.
        server_seconds: processor time of all processes of the server meanwhile, without the database's.
        memory: mebibytes of client and server, in the order of time.
    """

    rows: int = 0
    seconds: float = 0.0
    limits: dict[str, float] = field(default_factory=dict)
    row_bytes: int = 0
    server_seconds: float = 0.0
    memory: list[tuple[float, float]] = field(default_factory=list)

    @property
    def microseconds(self) -> float:
        """Time of one row."""
        return self.seconds / self.rows * 1e6

    @property
    def limit(self) -> Bound:
        """The slower of the limits."""
        name = max(self.limits, key=self.limits.__getitem__)
        return Bound(name, self.limits[name], WANTED)


def rows() -> list[Row]:
    """Push a small register into each database, and into SQLite the same again."""
    return [*_rows_of("SQLite", 1), *_rows_of("PostgreSQL", CORES)]


def _rows_of(database: str, workers: int) -> list[Row]:
    pushed, again = push(database.lower(), ROWS, workers=workers)
    verification = Bound("raw P-256, all cores", pushed.limits["raw P-256, all cores"])
    return [
        compare(f"push {pushed.row_bytes / 1000:.0f} kB, {database}", pushed.microseconds, pushed.limit),
        compare(f"push again, {database}", again.microseconds, verification),
    ]


def push(database: str, count: int, *, workers: int, progress: Callable[[Pushed], None] | None = None) -> list[Pushed]:
    """Push so many rows, and the last stretch of them once more; return what both took."""
    new, again = Pushed(), Pushed()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        url = stack.enter_context(postgresql()) if database == "postgresql" else None
        register = Register.make(Path(folder) / "sandbox", min(count, MOST_PEOPLE), database_url=url)
        server = stack.enter_context(register.served(workers))
        connections = [stack.enter_context(register.api()) for _ in range(2 * CORES)]
        for numbers in _stretches(count):
            lines = register.signed_rows(connections[0], numbers)
            if not new.limits:
                new.limits = _limits(lines[:ROWS], url, Path(folder))
                new.row_bytes = sum(map(len, lines)) // len(lines)
            before = _processor_seconds(server)
            _push_stretch(connections, lines, "stored", new)
            new.server_seconds += _processor_seconds(server) - before
            new.memory.append((_mebibytes(os.getpid()), _mebibytes(server)))
            if progress:
                progress(new)
        _push_stretch(connections, lines, "unchanged", again)
    return [new, again]


def _stretches(count: int) -> Iterator[range]:
    for start in range(0, count, STRETCH_ROWS):
        yield range(start, min(start + STRETCH_ROWS, count))


def _push_stretch(connections: Sequence[IssuerApi], lines: Sequence[str], expected: str, pushed: Pushed) -> None:
    streams: SimpleQueue[Sequence[str]] = SimpleQueue()
    for start in range(0, len(lines), STREAM_ROWS):
        streams.put(lines[start : start + STREAM_ROWS])

    def send(connection: IssuerApi) -> Counter[str]:
        results: Counter[str] = Counter()
        while True:
            try:
                stream = streams.get_nowait()
            except Empty:
                return results
            with connection.push(stream) as answers:
                results.update(answer["result"] for answer in answers)

    with ThreadPoolExecutor(len(connections)) as senders:
        begin = time.perf_counter()
        results = sum(senders.map(send, connections), Counter[str]())
        pushed.seconds += time.perf_counter() - begin
    if results != {expected: len(lines)}:
        raise RuntimeError(f"the benchmark's own rows are answered {dict(results)}, and not {expected}")
    pushed.rows += len(lines)


def _mebibytes(process: int) -> float:
    """Return what a process holds in memory; a server's workers with it."""
    return float(sum(each.memory_info().rss for each in _family(process))) / 2**20


def _processor_seconds(process: int) -> float:
    return float(sum(sum(each.cpu_times()[:2]) for each in _family(process)))


def _family(process: int) -> Sequence[psutil.Process]:
    one = psutil.Process(process)
    return [one] if process == os.getpid() else [one, *one.children(recursive=True)]


def _limits(lines: Sequence[str], postgresql_url: str | None, folder: Path) -> dict[str, float]:
    contents = [line.encode() for line in lines]
    verified = {"raw P-256, all cores": _verify_raw(lines)}
    if postgresql_url is None:
        return verified | {"raw inserts": _insert_raw(contents, folder / "raw.db")}
    return verified | {"raw COPY": asyncio.run(_copy_raw(contents, postgresql_url))}


def _verify_raw(lines: Sequence[str]) -> float:
    """Return microseconds of verifying one signature over what a row's credential signs, all cores at it."""
    key = ec.generate_private_key(ec.SECP256R1())
    message = max(lines, key=len).partition("~")[0].encode()
    signature, public_key = key.sign(message, _ES256), key.public_key()

    def verify(_core: int) -> None:
        for _ in range(len(lines) // CORES):
            public_key.verify(signature, message, _ES256)

    with ThreadPoolExecutor(CORES) as workers:
        begin = time.perf_counter()
        list(workers.map(verify, range(CORES)))
        return (time.perf_counter() - begin) / len(lines) * 1e6


def _insert_raw(contents: Sequence[bytes], database: Path) -> float:
    """Return microseconds of making one row durable with the driver alone, as many bytes as a pushed row."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        for table in range(_TABLES):
            connection.execute(f"CREATE TABLE raw_{table} (number INTEGER PRIMARY KEY, content BLOB)")
        begin = time.perf_counter()
        for batch in _batches(contents):
            connection.execute("BEGIN IMMEDIATE")
            for table in range(_TABLES):
                connection.executemany(f"INSERT INTO raw_{table} VALUES (?, ?)", _cut(batch, table))  # noqa: S608
            connection.execute("COMMIT")
        return (time.perf_counter() - begin) / len(contents) * 1e6


async def _copy_raw(contents: Sequence[bytes], url: str) -> float:
    """Return microseconds of making one row durable by COPY alone, as many bytes as a pushed row."""
    import asyncpg

    parsed = make_url(url)
    connection = await asyncpg.connect(user=parsed.username, database=parsed.database, host=parsed.query["host"])
    try:
        for table in range(_TABLES):
            await connection.execute(f"CREATE TABLE raw_{table} (number bigint PRIMARY KEY, content bytea)")
        begin = time.perf_counter()
        for batch in _batches(contents):
            async with connection.transaction():
                for table in range(_TABLES):
                    await connection.copy_records_to_table(f"raw_{table}", records=_cut(batch, table))
        return (time.perf_counter() - begin) / len(contents) * 1e6
    finally:
        await connection.close()


def _batches(contents: Sequence[bytes]) -> Iterator[Sequence[tuple[int, bytes]]]:
    for start in range(0, len(contents), STREAM_ROWS):
        yield list(enumerate(contents[start : start + STREAM_ROWS], start))


def _cut(batch: Sequence[tuple[int, bytes]], table: int) -> Sequence[tuple[int, bytes]]:
    """Return the rows for one table: one takes the contents, the others what governs them."""
    return batch if table == 0 else [(number, content[:100]) for number, content in batch]


def main(arguments: Sequence[str] | None = None) -> int:
    """Push a register of any size and print rate, ratio, memory, and how long the nation's register would take."""
    parser = argparse.ArgumentParser(prog="python -m bench.push", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--workers", type=int, default=None, help="of the server (cores; 1 with SQLite)")
    options = parser.parse_args(arguments)
    workers = options.workers or (1 if options.database == "sqlite" else CORES)
    console = Console(highlight=False)
    with console.status("") as status:
        new, again = push(
            options.database,
            options.rows,
            workers=workers,
            progress=lambda so_far: status.update(f"{so_far.rows:,} rows, {_rate(so_far.microseconds)}"),
        )
    console.print(f"{new.rows:,} rows of {new.row_bytes / 1000:.1f} kB into {options.database}, {workers} workers")
    console.print(f"  {_rate(new.microseconds)}; the same again {_rate(again.microseconds)}")
    console.print(f"  processor time of the server: {new.server_seconds / new.rows * 1e6:,.0f} us a row")
    for name, figure in new.limits.items():
        console.print(f"  {name}: {_rate(figure)}, ratio {figure / new.microseconds:.2f}")
    for name, memory in (("at a tenth", new.memory[len(new.memory) // 10]), ("at the end", new.memory[-1])):
        console.print(f"  memory {name}: client {memory[0]:.0f} MiB, server {memory[1]:.0f} MiB")
    console.print(f"  {NATION:,} rows at this rate: {NATION * new.microseconds / 1e6 / 3600:.1f} h")
    return 0


def _rate(microseconds: float) -> str:
    return f"{1e6 / microseconds:,.0f} rows/s"


if __name__ == "__main__":
    sys.exit(main())
