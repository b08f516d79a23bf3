"""Processes that share nothing but the database and the keys behave as one."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.server_keys import SigningIdentity, generate_secrets, write_identity
from giayto_wallet_api.settings import Settings

HONG = "001199000017"
EVENTS = "/wallet/v1/events"
START_SECONDS = 30
CODES, TASKS = 200, 32
PhoneAt = Callable[[httpx2.AsyncClient], Any]


@pytest.fixture
def environment(settings: Settings, authority, server_keys, tmp_path: Path) -> dict[str, str]:
    """What a worker of a process of its own reads at its start."""
    keys = tmp_path / "keys"
    generate_secrets(keys)
    for member in fields(server_keys):
        identity = getattr(server_keys, member.name)
        if isinstance(identity, SigningIdentity):
            write_identity(keys, member.name.replace("_", "-"), identity.signer, identity.chain)
    (keys / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    return os.environ | {
        "GIAYTO_BASE_URL": settings.base_url,
        "GIAYTO_DATABASE_URL": settings.database_url,
        "GIAYTO_KEYS_FOLDER": str(keys),
        "GIAYTO_MODE": "sandbox",
        "GIAYTO_POPULATION_FILE": str(settings.population_file),
    }


@contextmanager
def serving(environment: dict[str, str], *, workers: int = 1) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve on a free port until the block ends; gives the address and the process."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "giayto_wallet_api.cli", "serve"]
    arguments = ["--port", str(port), "--workers", str(workers)]
    with subprocess.Popen([*command, *arguments], env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url, process)
            yield url, process
        finally:
            process.terminate()
            assert process.wait(START_SECONDS) in (0, -signal.SIGTERM)


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"{url}/health/ready").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")


@pytest.fixture
def phone_at(new_phone) -> PhoneAt:
    """A phone that talks to a server, by the machine's own clock."""

    def make(http: httpx2.AsyncClient):
        phone = new_phone()
        phone.http, phone.clock = http, system_clock
        return phone

    return make


@pytest.fixture
def two_processes(environment) -> Iterator[list[str]]:
    with ExitStack() as stack:
        yield [stack.enter_context(serving(environment))[0] for _ in range(2)]


@pytest.mark.both_databases
async def test_two_processes_behave_as_one(two_processes, phone_at, database_kind) -> None:
    limits = httpx2.Limits(max_connections=2 * TASKS)
    async with (
        httpx2.AsyncClient(base_url=two_processes[0], limits=limits, timeout=30) as one,
        httpx2.AsyncClient(base_url=two_processes[1], limits=limits, timeout=30) as other,
    ):
        await each_code_works_once(phone_at, one, other)
        await a_change_at_one_is_heard_at_the_other(phone_at, one, other, 1.0 if database_kind == "postgresql" else 3.0)


async def each_code_works_once(phone_at: PhoneAt, one: httpx2.AsyncClient, other: httpx2.AsyncClient) -> None:
    phone = phone_at(one)
    codes = [await phone.code(HONG) for _ in range(CODES)]
    answers: dict[str, Counter[int]] = {code: Counter() for code in codes}

    async def redeem(http: httpx2.AsyncClient, own: list[str]) -> None:
        for code in own:
            answers[code][(await phone_at(http).exchange(code)).status_code] += 1

    # Each code is taken to both processes by two tasks each, at about the same time.
    shares = [codes[task % (TASKS // 2) :: TASKS // 2] for task in range(TASKS)]
    await asyncio.gather(*(redeem(http, share) for share in shares for http in (one, other)))
    assert set(map(frozenset, (answer.items() for answer in answers.values()))) == {frozenset({(200, 1), (400, 3)})}


async def a_change_at_one_is_heard_at_the_other(
    phone_at: PhoneAt, one: httpx2.AsyncClient, other: httpx2.AsyncClient, seconds: float
) -> None:
    phone = await phone_at(one).enrol(HONG)
    headers = {"Authorization": f"DPoP {phone.token}", "DPoP": phone.proof("GET", EVENTS, token=phone.token)}
    async with one.stream("GET", EVENTS, headers=headers) as response:
        lines = response.aiter_lines()
        assert await anext(lines) == ": open"
        await asyncio.sleep(0.5)  # long enough to be waiting, whichever way
        await phone_at(other).enrol(HONG)
        begin = time.monotonic()
        async for line in lines:
            if line.startswith("event: device_enrolled"):
                break
        assert time.monotonic() - begin < seconds


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_a_worker_that_dies_is_replaced_and_stopping_is_clean(environment) -> None:
    with serving(environment, workers=2) as (url, process):
        supervisor = psutil.Process(process.pid)
        before = workers_of(supervisor)
        assert len(before) == 2
        before.pop().kill()
        deadline = time.monotonic() + START_SECONDS
        while len(workers_of(supervisor)) < 2 and time.monotonic() < deadline:
            async with httpx2.AsyncClient(base_url=url) as client:
                assert (await client.get("/health/live")).status_code == 200
            await asyncio.sleep(0.1)
        assert len(workers_of(supervisor)) == 2
    assert process.returncode == 0


def workers_of(supervisor: psutil.Process) -> list[psutil.Process]:
    return [
        child
        for child in supervisor.children()
        if child.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(child.cmdline())
    ]


def test_a_server_refuses_to_start_on_an_old_schema(environment, tmp_path) -> None:
    changed = environment | {"GIAYTO_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"}
    command = [sys.executable, "-m", "giayto_wallet_api.cli", "serve", "--port", "1"]
    refused = subprocess.run(command, env=changed, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "run giayto-wallet-api migrate" in refused.stderr
