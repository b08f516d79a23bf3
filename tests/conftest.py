"""What holds for all tests: unit and property tests open no connection, others none beyond this machine."""

import gc
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
OFFLINE = (TESTS / "unit", TESTS / "property", TESTS / "vectors", TESTS / "fuzz")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SocketGuard:
    """Refuses connections by an audit hook, which sees every socket whichever library opens it."""

    def __init__(self) -> None:
        self.loopback_allowed = True

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.bind", "socket.sendto"):
            self._check(args[1])
        elif event == "socket.getaddrinfo":
            self._check((args[0], args[1]))

    def _check(self, address: Any) -> None:
        if not isinstance(address, tuple):  # a path: a socket of this machine
            return
        host = address[0].decode() if isinstance(address[0], bytes) else address[0]
        if self.loopback_allowed and (host is None or host in LOOPBACK):
            return
        raise RuntimeError(f"this test may not use the network ({host!r})")


if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # Run in the background of a shell; the processes that tests start would ignore Ctrl-C as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)

_guard = SocketGuard()
sys.addaudithook(_guard)  # a hook cannot be taken out again, hence one that is switched


def pytest_collection_finish() -> None:
    """Spare the collector what stays until the end: it would look at all of it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _guarded_sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    _guard.loopback_allowed = not any(request.path.is_relative_to(folder) for folder in OFFLINE)
    yield
    _guard.loopback_allowed = True
