"""A register of made-up health books of any size, whose subjects all have wallets, and a server that can be killed.

    .venv/bin/python -m health_register ROWS      (with tests/support on PYTHONPATH)

pushes so many through the command and tells the speed and how much memory client and server took.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.dialects import sqlite

from bench.register import add_phones
from giayto_issuers.subjects import Subject
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity
from giayto_wallet_api.runtime import Runtime, build_runtime
from giayto_wallet_api.sandbox.agencies import agency
from giayto_wallet_api.sandbox.folder import Plan, SandboxFolder
from giayto_wallet_api.sandbox.preparation import PreparedSandbox, prepare

AGENCY = "G18"
TYPE = "health-book"
FIRST_ROW = 1
_SEED = 20260701
_PEOPLE = 8
_START_SECONDS = 30
_WALLETS_AT_ONCE = 2000


@dataclass(frozen=True)
class HealthRegister:
    """A sandbox, and a register beside it."""

    sandbox: PreparedSandbox
    rows: int

    @classmethod
    def make(
        cls, folder: Path, rows: int, *, without_wallet: Collection[int] = (), invalid: Collection[int] = ()
    ) -> "HealthRegister":
        """Write a register, and open a wallet with one phone for each of its people.

        Args:
            folder: for everything.
            rows: how many.
            without_wallet: numbers of rows whose subject has none.
            invalid: numbers of rows that cannot be signed.
        """
        now = datetime.now(UTC)
        plan = Plan(port=_free_port(), seed=_SEED, people=_PEOPLE, made_on=now.date())
        register = cls(prepare(SandboxFolder(folder), plan, now=now), rows)
        with register.records.open("w", encoding="utf-8") as file:
            for number in range(FIRST_ROW, FIRST_ROW + rows):
                file.write(json.dumps(register.record(number, is_valid=number not in invalid), ensure_ascii=False))
                file.write("\n")
        asyncio.run(register._open_wallets(without_wallet, now))
        return register

    @property
    def records(self) -> Path:
        """The register."""
        return self.sandbox.folder.root / "register.ndjson"

    @property
    def config(self) -> Path:
        """The agency's configuration."""
        return self.sandbox.folder.agency_config(AGENCY)

    def record(self, number: int, *, is_valid: bool = True) -> dict[str, Any]:
        """The record of one row: that of a made-up person, under a number and a book of its own."""
        record = dict(self._template)
        record["SO_CCCD"] = f"{record['SO_CCCD'][:6]}{number:06}"
        record["MA_SO_SK"] = f"SSK-2026-{number:07}"
        if not is_valid:
            record["NGAY_SINH"] = "199913450000"
        return record

    @contextmanager
    def served(self) -> Iterator["subprocess.Popen[bytes]"]:
        """Serve the wallet API in a process of its own, which may be killed."""
        server = self.start_server()
        try:
            yield server
        finally:
            server.terminate()
            server.wait(20)

    def start_server(self) -> "subprocess.Popen[bytes]":
        """Start the wallet API and return when it answers."""
        settings = self.sandbox.settings
        environment = os.environ | {
            "GIAYTO_BASE_URL": settings.base_url,
            "GIAYTO_DATABASE_URL": settings.database_url,
            "GIAYTO_KEYS_FOLDER": str(settings.keys_folder),
            "GIAYTO_MODE": settings.mode.value,
        }
        port = settings.base_url.rpartition(":")[2]
        command = [sys.executable, "-m", "giayto_wallet_api.cli", "serve", "--port", port]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_for(int(port), server)
        return server

    @property
    def _template(self) -> dict[str, Any]:
        with self.sandbox.records_file(agency(AGENCY)).open(encoding="utf-8") as lines:
            first: dict[str, Any] = json.loads(next(lines))
        return first

    async def _open_wallets(self, without: Collection[int], now: datetime) -> None:
        runtime = build_runtime(self.sandbox.settings, clock=system_clock)
        numbers = [number for number in range(FIRST_ROW, FIRST_ROW + self.rows) if number not in without]
        try:
            for start in range(0, len(numbers), _WALLETS_AT_ONCE):
                await self._open_some(runtime, numbers[start : start + _WALLETS_AT_ONCE], now)
        finally:
            await runtime.database.close()

    async def _open_some(self, runtime: Runtime, numbers: list[int], now: datetime) -> None:
        template = self._template
        born = template["NGAY_SINH"]
        birth_date = f"{born[:4]}-{born[4:6]}-{born[6:8]}"
        collected, wallets = _CollectedInserts(), []
        for number in numbers:
            subject = Subject("person", f"{template['SO_CCCD'][:6]}{number:06}")
            identity = CitizenIdentity(subject, template["HO_TEN"], birth_date)
            wallet = await runtime.wallets.create_wallet(collected, identity, now)  # type: ignore[arg-type]
            assert wallet is not None
            wallets.append(wallet)
        async with runtime.database.transaction() as tx:
            for table, rows in collected.rows.items():
                await tx.execute(insert(table), rows)
            await add_phones(tx, wallets, now)


class _CollectedInserts:
    """Stands in for a transaction while wallets are made: what they insert goes in together, which is much quicker."""

    dialect = sqlite.dialect()

    def __init__(self) -> None:
        self.rows: dict[Table, list[dict[str, Any]]] = {}

    async def execute(self, statement: Any) -> Any:
        if not statement.is_insert:
            return ()  # nobody's number was replaced
        self.rows.setdefault(statement.table, []).append(statement.compile().params)
        return SimpleNamespace(rowcount=1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(_START_SECONDS * 20):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError("the wallet API did not start")
