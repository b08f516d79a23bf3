"""Remembering presentations, so that one that was accepted is not accepted again.

A QR can be photographed over a shoulder. Within its minute it would still be fresh; the guard makes it good for one
acceptance. A hash of what the holder signed is remembered, and only until the presentation would be stale anyway.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from heapq import heappop, heappush
from pathlib import Path
from threading import Lock
from typing import Protocol

from giayto_crypto.errors import GiaytoError

CLOCK_CORRECTION = timedelta(minutes=5)
"""Entries outlive their presentation by this, so that a clock that is set back does not revive one."""
DEFAULT_MAX_ENTRIES = 100_000
_HEADER = b"giayto replay guard 1\n"
_ENTRY = re.compile(rb"([0-9a-f]{64}) ([0-9]{1,12})")
_COMPACT_ABOVE_BYTES = 64 * 1024


class ReplayGuardError(GiaytoError):
    """The guard cannot remember: it is full, or its file cannot be written. The check then ends `unknown`."""

    code = "replay_guard_unavailable"
    retryable = True
    message_vi = "Không ghi nhận được lượt xuất trình."
    message_en = "The presentation could not be recorded."


class ReplayGuard(Protocol):
    """Remembers accepted presentations."""

    def seen(self, key: bytes, now: datetime) -> bool:
        """Tell whether a presentation was accepted before; changes nothing."""
        ...

    def remember(self, key: bytes, until: datetime, now: datetime) -> bool:
        """Record an acceptance, atomically.

        Args:
            key: from `replay_key`.
            until: when the presentation is stale at the latest.
            now: time of the check.

        Returns:
            True for the first caller, False if it was there already.

        Raises:
            ReplayGuardError: it cannot be recorded.
        """
        ...


def replay_key(key_binding_token: str) -> bytes:
    """Return what a presentation is remembered by: SHA-256 of the key-binding JWT without its signature.

    Anybody can turn one valid ECDSA signature (r, s) into another, (r, n - s). What was signed cannot be varied: it
    holds `iat`, `nonce`, `aud` and the hash of the presentation.
    """
    signing_input = key_binding_token.rpartition(".")[0]
    return sha256(signing_input.encode()).digest()


class InMemoryReplayGuard:
    """For one process; safe for threads. When it is full it refuses rather than forgets."""

    def __init__(self, max_entries: int = DEFAULT_MAX_ENTRIES) -> None:
        """Bound the memory: an entry takes about 200 bytes."""
        self._max_entries = max_entries
        self._lock = Lock()
        self._keys: set[bytes] = set()
        self._by_end: list[tuple[datetime, bytes]] = []

    def seen(self, key: bytes, now: datetime) -> bool:
        """See `ReplayGuard.seen`."""
        with self._lock:
            return key in self._keys

    def remember(self, key: bytes, until: datetime, now: datetime) -> bool:
        """See `ReplayGuard.remember`."""
        with self._lock:
            self._forget_ended(now)
            if key in self._keys:
                return False
            if len(self._keys) >= self._max_entries:
                raise ReplayGuardError("replay guard: full", limit=self._max_entries)
            self._keys.add(key)
            heappush(self._by_end, (until + CLOCK_CORRECTION, key))
            return True

    def _forget_ended(self, now: datetime) -> None:
        while self._by_end and self._by_end[0][0] < now:
            self._keys.discard(heappop(self._by_end)[1])


class FileReplayGuard:
    """For many processes of one machine: a small file, one line an entry, guarded by a lock file beside it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Use this file; it is made when the first presentation is remembered. It holds hashes and times only."""
        self._path = Path(path)
        self._lock_path = self._path.with_name(self._path.name + ".lock")

    def seen(self, key: bytes, now: datetime) -> bool:
        """See `ReplayGuard.seen`."""
        with self._locked():
            return key in self._read()

    def remember(self, key: bytes, until: datetime, now: datetime) -> bool:
        """See `ReplayGuard.remember`."""
        with self._locked():
            entries = self._read()
            if key in entries:
                return False
            self._append(key, int((until + CLOCK_CORRECTION).timestamp()))
            if self._path.stat().st_size > _COMPACT_ABOVE_BYTES:
                self._compact(now)
            return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _lock(descriptor)
                yield
            finally:
                os.close(descriptor)  # which releases the lock
        except OSError as error:
            raise ReplayGuardError("replay guard: its file cannot be used") from error

    def _read(self) -> dict[bytes, int]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        if not data.startswith(_HEADER):
            raise ReplayGuardError("replay guard: the file is something else; name another")
        # A line that does not match was cut off by a crash, before its presentation was accepted.
        matches = (_ENTRY.fullmatch(line) for line in data.splitlines())
        return {bytes.fromhex(match[1].decode("ascii")): int(match[2]) for match in matches if match}

    def _append(self, key: bytes, end: int) -> None:
        # The line break comes first, so that a line that was cut off before does not swallow this one.
        start = b"\n" if self._path.exists() else _HEADER
        _write(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, start + _line(key, end))

    def _compact(self, now: datetime) -> None:
        kept = (_line(key, end) for key, end in self._read().items() if end >= now.timestamp())
        fresh = self._path.with_name(self._path.name + ".new")
        _write(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _HEADER + b"".join(kept))
        fresh.replace(self._path)


def _line(key: bytes, end: int) -> bytes:
    return f"{key.hex()} {end}\n".encode()


def _write(path: Path, flags: int, data: bytes) -> None:
    descriptor = os.open(path, flags, 0o600)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
