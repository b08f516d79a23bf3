"""The checker sees each invariant broken: a good database is damaged in one way at a time."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fault_injection import World
from invariants import Evidence, check

ROWS = 6


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Evidence]:
    """A database after an undisturbed push, with one revoked document, and what the client knows of it."""
    folder = tmp_path_factory.mktemp("world")
    with World.made(folder, ROWS, on="sqlite") as world:
        world.start_server()
        ended = world.push_to_the_end()
        evidence = world.evidence(ended)
        world.kill_server()
    return folder / "giayto.db", evidence


@pytest.fixture
def damaged(good: tuple[Path, Evidence], tmp_path: Path) -> tuple[sqlite3.Connection, Evidence]:
    """A copy of it that may be damaged: its triggers and constraints are off."""
    path, evidence = good
    copy = tmp_path / "copy.db"
    for suffix in ("", "-wal", "-shm"):
        if Path(f"{path}{suffix}").exists():
            shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    connection = sqlite3.connect(copy, isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    return connection, replace(evidence, database_url=f"sqlite+aiosqlite:///{copy}")


def broken(connection: sqlite3.Connection, evidence: Evidence) -> set[str]:
    connection.close()
    return {violation.invariant for violation in check(evidence)}


def test_a_good_database_breaks_none(good: tuple[Path, Evidence]) -> None:
    assert check(good[1]) == []


ONE_CREDENTIAL = "SELECT rowid FROM wallet_credentials LIMIT 1"
LAST_STORED = "SELECT max(sequence) FROM audit_entries WHERE action = 'document.stored'"
DAMAGES: dict[str, tuple[str, str]] = {
    "a row is lost": ("I1", "DELETE FROM document_versions WHERE rowid = (SELECT min(rowid) FROM document_versions)"),
    "a copy is lost": ("I1", f"DELETE FROM wallet_credentials WHERE rowid = ({ONE_CREDENTIAL})"),
    "a version is missing": ("I2", "UPDATE document_versions SET version = 2 WHERE rowid = 1"),
    "an entry is lost": ("I3", "DELETE FROM status_entries WHERE rowid = (SELECT min(rowid) FROM status_entries)"),
    "an index of another agency": ("I3", "UPDATE status_reservations SET agency_id = 'G99'"),
    "a revocation is undone": ("I4", "UPDATE document_versions SET state = 'revoked' WHERE rowid = 1"),
    "a published list is silent": ("I4", "UPDATE status_entries SET value = 1 WHERE rowid = 1"),
    "the log is cut": ("I5", "DELETE FROM audit_entries WHERE sequence = 2"),
    "an entry is edited": ("I5", "UPDATE audit_entries SET target = 'doc_x' WHERE sequence = 3"),
    "the log is cut off": ("I5", f"DELETE FROM audit_entries WHERE sequence >= ({LAST_STORED})"),
    "a foreign key's copy": ("I6", "UPDATE holder_key_directory SET wallet_id = 'wal_other'"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damage_is_seen(name: str, damaged: tuple[sqlite3.Connection, Evidence]) -> None:
    connection, evidence = damaged
    invariant, statement = DAMAGES[name]
    assert connection.execute(statement).rowcount > 0
    assert invariant in broken(connection, evidence)


KNOWLEDGE: dict[str, Callable[[Evidence, Path], Evidence]] = {
    "I4": lambda evidence, _: replace(evidence, revoked=[next(iter(evidence.stored.values()))]),
    "I8": lambda evidence, log: replace(evidence, logs=[log]),
    "I9": lambda evidence, _: replace(evidence, ready_after=60.0),
    "I10": lambda evidence, _: replace(evidence, intended=()),
}


@pytest.mark.parametrize("invariant", KNOWLEDGE)
def test_what_clients_and_logs_know_is_compared(invariant: str, good: tuple[Path, Evidence], tmp_path: Path) -> None:
    evidence = good[1]
    log = tmp_path / "server.log"
    log.write_text(f"looked up {next(iter(evidence.secrets))}", encoding="utf-8")
    assert invariant in {violation.invariant for violation in check(KNOWLEDGE[invariant](evidence, log))}
