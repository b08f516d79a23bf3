"""The guard in tests/conftest.py: without it a unit test could quietly depend on the network."""

import asyncio
import socket

import pytest


def test_a_connection_is_refused() -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match="may not use the network"):
        client.connect(("127.0.0.1", 9))


def test_a_name_is_not_resolved() -> None:
    with pytest.raises(RuntimeError, match="may not use the network"):
        socket.getaddrinfo("localhost", 80)


async def test_a_coroutine_is_refused_too() -> None:
    with pytest.raises(RuntimeError, match="may not use the network"):
        await asyncio.open_connection("127.0.0.1", 9)
