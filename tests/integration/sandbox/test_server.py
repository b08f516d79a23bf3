"""The sandbox's server comes up, goes away, and says clearly when the port is taken."""

import socket
import urllib.request
from contextlib import closing

import pytest
from litestar import Litestar, get

from giayto_wallet_api.sandbox.server import HOST, PortTakenError, ServerStartError, serving, take_port


@get("/ping", sync_to_thread=False)
def ping() -> str:
    return "pong"


async def _fail() -> None:
    raise RuntimeError("this application cannot start")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        body: bytes = answer.read()
        return body


def test_it_serves_within_the_block_and_not_after_it() -> None:
    port = _free_port()
    with serving(Litestar([ping], openapi_config=None), take_port(port)):
        assert _get(f"http://{HOST}:{port}/ping") == b"pong"
    with pytest.raises(OSError, match="refused"):
        _get(f"http://{HOST}:{port}/ping")


def test_the_port_can_be_taken_again_at_once() -> None:
    port = _free_port()
    for _ in range(2):
        with serving(Litestar([ping], openapi_config=None), take_port(port)):
            assert _get(f"http://{HOST}:{port}/ping") == b"pong"


def test_a_taken_port_is_named() -> None:
    with closing(take_port(_free_port())) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} .*--port"):
            take_port(port)


def test_an_application_that_cannot_start_is_an_error_and_not_a_wait() -> None:
    broken = Litestar([ping], openapi_config=None, on_startup=[_fail])
    with pytest.raises(ServerStartError), serving(broken, take_port(_free_port())):
        pytest.fail("it must not get here")


def test_an_error_in_the_block_stops_the_server_too() -> None:
    port = _free_port()
    with pytest.raises(KeyError), serving(Litestar([ping], openapi_config=None), take_port(port)):
        raise KeyError
    with closing(take_port(port)):
        pass
