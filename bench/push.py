"""Pushing health books over loopback HTTP into SQLite (synchronous=FULL), against its two limits.

The wallet API runs in a process of its own; two connections of the agency send streams at the same time, as the SDK
does: 200 rows each. The limit is the slower of two things that every row needs: one raw P-256 verification, and raw
inserts of as many bytes in batches of the same size.
"""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bench.harness import Bound, Row, compare
from bench.register import Register
from giayto_sdk._issuing.api import IssuerApi

ROWS = 2000
STREAM_ROWS = 200
CONNECTIONS = 2
WANTED = 0.5
_ES256 = ec.ECDSA(hashes.SHA256())
_TABLES = 6
"""So many rows in as many tables make one document: version, status, change, document, copy, audit entry."""


def rows() -> list[Row]:
    """Push a register twice: new rows, then the same again."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        register = Register.make(Path(folder) / "sandbox", ROWS)
        stack.enter_context(register.served())
        connections = [stack.enter_context(register.api()) for _ in range(CONNECTIONS)]
        lines = register.signed_rows(connections[0])
        streams = [lines[start : start + STREAM_ROWS] for start in range(0, ROWS, STREAM_ROWS)]
        verified, inserted = _verify_raw(lines), _insert_raw(lines, Path(folder) / "raw.db")
        new = _push_all(connections, streams, "stored")
        again = _push_all(connections, streams, "unchanged")
    limit = ("raw inserts", inserted) if inserted > verified else ("1 P-256 verification", verified)
    size = sum(map(len, lines)) // len(lines) // 1000
    return [
        compare(f"push a row of {size} kB", new, Bound(*limit, WANTED)),
        compare("push a row again", again, Bound("1 P-256 verification", verified)),
    ]


def _push_all(connections: Sequence[IssuerApi], streams: Sequence[Sequence[str]], expected: str) -> float:
    """Send all streams, shared among the connections; return microseconds a row."""

    def push_share(number: int) -> Counter[str]:
        results: Counter[str] = Counter()
        for stream in streams[number :: len(connections)]:
            with connections[number].push(stream) as answers:
                results.update(answer["result"] for answer in answers)
        return results

    with ThreadPoolExecutor(len(connections)) as senders:
        begin = time.perf_counter()
        results = sum(senders.map(push_share, range(len(connections))), Counter[str]())
        elapsed = time.perf_counter() - begin
    if results != {expected: ROWS}:
        raise RuntimeError(f"the benchmark's own rows are answered {dict(results)}, and not {expected}")
    return elapsed / ROWS * 1e6


def _verify_raw(lines: Sequence[str]) -> float:
    """Return microseconds of verifying one signature over what a row's credential signs."""
    key = ec.generate_private_key(ec.SECP256R1())
    message = max(lines, key=len).partition("~")[0].encode()
    signature, public_key = key.sign(message, _ES256), key.public_key()
    return _each(lambda: [public_key.verify(signature, message, _ES256) for _ in range(ROWS)])


def _insert_raw(lines: Sequence[str], database: Path) -> float:
    """Return microseconds of making one row durable with the driver alone, as many bytes as a pushed row."""
    contents = [line.encode() for line in lines]

    def insert() -> None:
        for start in range(0, ROWS, STREAM_ROWS):
            batch = list(enumerate(contents[start : start + STREAM_ROWS], start))
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO documents VALUES (?, ?)", batch)
            for table in range(1, _TABLES):
                connection.executemany(
                    f"INSERT INTO facts_{table} VALUES (?, ?)",  # noqa: S608
                    [(number, content[:100]) for number, content in batch],
                )
            connection.execute("COMMIT")

    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE documents (number INTEGER PRIMARY KEY, content BLOB)")
        for table in range(1, _TABLES):
            connection.execute(f"CREATE TABLE facts_{table} (number INTEGER PRIMARY KEY, content BLOB)")
        return _each(insert)


def _each(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) / ROWS * 1e6
