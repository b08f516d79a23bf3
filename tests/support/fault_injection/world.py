"""Server and client as processes, what the client was told, and the check of the invariants."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from bench.register import AGENCY, Register
from fault_injection.databases import Databases, KillablePostgresql, database
from giayto_sdk._issuing.journal import read_records
from giayto_sdk._issuing.records import BatchIntents
from invariants import Evidence, Violation, check

_READY_SECONDS = 60
_ROW_OUTCOMES = ("stored", "unchanged")


@dataclass(frozen=True, slots=True)
class PushEnded:
    """How one run of the client ended, and what it said."""

    exit_code: int
    report: Mapping[str, Any] | None

    @property
    def stored(self) -> dict[tuple[str, str], str]:
        """The rows that the client was told are stored."""
        results = self.report["results"] if self.report else ()
        return {
            (AGENCY.agency_id, each["row_key"]): each["document_id"]
            for each in results
            if each["outcome"] in _ROW_OUTCOMES
        }


@dataclass
class World:
    """A register of health books, a server and a client."""

    folder: Path
    register: Register
    postgresql: KillablePostgresql | None
    workers: int = 1
    ready_after: float | None = None
    _server: "subprocess.Popen[bytes] | None" = None
    _client: "subprocess.Popen[bytes] | None" = None
    _client_output: Path | None = None
    _logs: list[Path] = field(default_factory=list)

    @classmethod
    @contextmanager
    def made(
        cls, folder: Path, rows: int, *, on: Databases, workers: int = 1, disk: Path | None = None
    ) -> Iterator["World"]:
        """Make everything, SQLite's file on `disk` if one is given; no process is left over when the block ends."""
        folder.mkdir(parents=True, exist_ok=True)
        with database(on, disk or folder) as (url, postgresql):
            world = cls(folder, Register.make(folder / "sandbox", rows, database_url=url), postgresql, workers)
            try:
                yield world
            finally:
                world.kill_client()
                world.kill_server()

    @property
    def base_url(self) -> str:
        """Where the server listens."""
        return self.register.base_url

    def start_server(self) -> None:
        """Start the server and wait until it answers; the time that took is remembered."""
        settings = self.register.sandbox.settings
        environment = os.environ | {
            "GIAYTO_BASE_URL": settings.base_url,
            "GIAYTO_DATABASE_URL": settings.database_url,
            "GIAYTO_KEYS_FOLDER": str(settings.keys_folder),
            "GIAYTO_MODE": settings.mode.value,
        }
        port = settings.base_url.rpartition(":")[2]
        command = ["-m", "giayto_wallet_api.cli", "serve", "--port", port, "--workers", str(self.workers)]
        begun = time.monotonic()
        self._server = self._spawn(command, "server", environment)
        self._wait_until_ready(begun)

    def kill_server(self) -> None:
        """Kill the server and its workers, who get no chance to say anything."""
        self._server = _kill(self._server)

    def start_push(self) -> None:
        """Start the client: a new job, or the one that was interrupted."""
        sandbox = self.register.sandbox
        command = [
            *("-m", "giayto_sdk.cli", "push", str(sandbox.records_file(AGENCY))),
            *("--type", AGENCY.type_code, "--config", str(sandbox.folder.agency_config(AGENCY.agency_id)), "--json"),
        ]
        self._client = self._spawn(command, "client", dict(os.environ))
        self._client_output = self._logs[-1].with_suffix(".out")

    def kill_client(self) -> None:
        """Kill the client and the processes that sign for it."""
        self._client = _kill(self._client)

    @property
    def is_pushing(self) -> bool:
        """Whether the client still runs."""
        return self._client is not None and self._client.poll() is None

    def wait_for_push(self, seconds: float) -> PushEnded:
        """Wait until the client ends by itself."""
        client, output_file = self._client, self._client_output
        if client is None or output_file is None:
            raise RuntimeError("no client was started")
        code = client.wait(seconds)
        output = output_file.read_text(encoding="utf-8")
        with suppress(json.JSONDecodeError):
            return PushEnded(code, json.loads(output))
        return PushEnded(code, None)

    def push_to_the_end(self, *, runs: int = 5, seconds: float = 300) -> PushEnded:
        """Run the client, again when it gave up, until it has a report."""
        for run in range(runs):
            if run or self._client is None:  # one that ended by itself meanwhile has its report
                self.start_push()
            ended = self.wait_for_push(seconds)
            if ended.report is not None:
                return ended
        raise AssertionError(
            f"the push has no end after {runs} runs (exit code {ended.exit_code}): {self.last_words()}"
        )

    def intended(self) -> Iterator[tuple[str, int]]:
        """What the client wrote down before it signed."""
        journals = self.register.sandbox.folder.agency(AGENCY.agency_id) / "journal"
        for journal in journals.glob("*/journal.ndjson"):
            for record in read_records(journal):
                if isinstance(record, BatchIntents):
                    for intent in record.intents:
                        yield from intent.status_indexes

    def violations(self, ended: PushEnded, *, revoked: Sequence[str] = ()) -> list[Violation]:
        """Check the invariants against what the client was told."""
        return check(self.evidence(ended, revoked=revoked))

    def evidence(self, ended: PushEnded, *, revoked: Sequence[str] = ()) -> Evidence:
        """Gather what is known apart from the server's database."""
        secrets = [record.subject.id for record in self.register.records]
        secrets += [record.identity.name for record in self.register.records]
        return Evidence(
            database_url=self.register.sandbox.settings.database_url,
            keys_folder=self.register.sandbox.settings.keys_folder,
            stored=ended.stored,
            revoked=revoked,
            intended=set(self.intended()),
            logs=self._logs,
            secrets=secrets,
            published=self.published_status_lists(),
            ready_after=self.ready_after,
        )

    def published_status_lists(self) -> dict[str, str]:
        """What a verifier gets."""
        listed = httpx2.get(f"{self.base_url}/public/v1/status-lists").json()["status_lists"]
        return {uri: httpx2.get(uri, headers={"Accept": "application/statuslist+jwt"}).text for uri in listed}

    def wait_until_logged(self, word: str, *, seconds: float) -> None:
        """Wait until one of the processes writes a word into its log."""
        end = time.monotonic() + seconds
        while not any(word in log.read_text(errors="replace") for log in self._logs):
            if time.monotonic() > end:
                raise AssertionError(f"{word} was not logged: {self.last_words()}")
            time.sleep(0.1)

    def last_words(self) -> str:
        """The end of what the processes wrote to their logs."""
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-600:]}" for log in self._logs[-2:])

    def _spawn(self, command: Sequence[str], name: str, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        log = self.folder / f"{name}-{len(self._logs)}.log"
        with log.open("wb") as errors, log.with_suffix(".out").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *command], env=environment, stdout=output, stderr=errors, start_new_session=True
            )
        self._logs.append(log)
        return process

    def _wait_until_ready(self, begun: float) -> None:
        while time.monotonic() - begun < _READY_SECONDS:
            with suppress(httpx2.HTTPError):
                if httpx2.get(f"{self.base_url}/health/ready", timeout=2).status_code == 200:
                    self.ready_after = time.monotonic() - begun
                    return
            if self._server is not None and self._server.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"the server is not ready: {self.last_words()}")


def _kill(process: "subprocess.Popen[bytes] | None") -> None:
    if process is not None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
