"""A push that dies, at any point and any time, and is called again: every row is there once, and both sides agree."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from giayto_sdk import Issuer
from giayto_sdk._issuing.journal import read_records
from giayto_sdk._issuing.records import BatchIntents
from health_register import TYPE, HealthRegister
from invariants import Evidence, check
from push_client import POINTS, Order, push, start, wait_for

ROWS_EACH = 20
WITHOUT_WALLET = 3
"""Of the rows of each part."""
INVALID = 2
PARTS = len(POINTS) + 6


def numbers_of(part: int) -> range:
    return range(part * ROWS_EACH + 1, (part + 1) * ROWS_EACH + 1)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HealthRegister]:
    """A served register, of which each test takes a part of its own. At the end, all that must hold is checked."""
    without = {number for part in range(PARTS) for number in numbers_of(part)[:WITHOUT_WALLET]}
    folder = tmp_path_factory.mktemp("register") / "sandbox"
    made = HealthRegister.make(folder, PARTS * ROWS_EACH, without_wallet=without)
    server = made.start_server()
    try:
        yield made
    finally:
        server.terminate()
        server.wait(20)
    settings = made.sandbox.settings
    assert check(Evidence(database_url=settings.database_url, keys_folder=settings.keys_folder)) == []


def order(register: HealthRegister, part: int, **changes: object) -> Order:
    source = register.sandbox.folder.root / f"part-{part}.ndjson"
    if not source.exists():
        lines = register.records.read_text(encoding="utf-8").splitlines(keepends=True)
        chosen = [lines[number - 1] for number in numbers_of(part)]
        chosen[-INVALID:] = [line.replace('"SO_CCCD": "', '"SO_CCCD": "x') for line in chosen[-INVALID:]]
        source.write_text("".join(chosen), encoding="utf-8")
    return Order(str(register.config), str(source), TYPE, **changes)  # type: ignore[arg-type]


def wait_until_open(register: HealthRegister, process: "subprocess.Popen[str]") -> None:
    """Wait until a process has a journal of its own that it has written into."""
    journals = register.sandbox.folder.agency("G18") / "journal"
    known = {path: path.stat().st_size for path in journals.glob("*/journal.ndjson")}
    while process.poll() is None:
        if any(path.stat().st_size > known.get(path, 0) for path in journals.glob("*/journal.ndjson")):
            return
        time.sleep(0.005)


def check_outcome(register: HealthRegister, told: dict[str, object], rows: int = ROWS_EACH) -> None:
    """All rows ended, once, here and there; no status index was meant for two credentials."""
    counts = told["counts"]
    assert isinstance(counts, dict)
    accepted = counts.pop("stored", 0) + counts.pop("unchanged", 0)
    assert accepted == rows - WITHOUT_WALLET - INVALID
    assert counts == {"waiting_for_wallet": WITHOUT_WALLET, "refused": INVALID}
    assert told["agrees"], told["differences"]
    intents = [each for each in read_records(Path(str(told["journal"]))) if isinstance(each, BatchIntents)]
    indexes = [index for batch in intents for intent in batch.intents for index in intent.status_indexes]
    assert len(indexes) == len(set(indexes))
    with Issuer.from_file(register.config) as issuer:
        on_server = {row.row: row for row in issuer.jobs.rows(str(told["job_id"]))}
        assert list(on_server) == list(range(1, rows + 1))
        stored = [row for row in on_server.values() if row.document_id is not None]
        assert len({row.document_id for row in stored}) == accepted
        assert {row.version for row in stored} == {1}
    assert list(Path(str(told["journal"])).parent.glob("outgoing/*")) == []


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(register: HealthRegister, point: str) -> None:
    part = POINTS.index(point)
    times = 1 if point == "before_finish" else 2
    killed = push(order(register, part, kill_at=point, kill_at_time=times))
    assert killed.code == -signal.SIGKILL
    again = push(order(register, part))
    assert again.code == 0, again.errors
    check_outcome(register, again.told)


def test_killed_again_and_again_at_seeded_times(register: HealthRegister) -> None:
    part, dice, kills = len(POINTS), random.Random(5), 0
    while kills < 4:
        process = start(order(register, part, processes=2, batch_rows=4, stream_rows=1))
        time.sleep(dice.uniform(0.6, 1.8))
        if process.poll() is not None:
            process.communicate()
            break
        process.kill()
        process.communicate()
        kills += 1
    done = push(order(register, part))
    assert done.code == 0, done.errors
    check_outcome(register, done.told)


def test_ctrl_c_ends_the_batches_under_way_and_the_same_call_goes_on(register: HealthRegister) -> None:
    part = len(POINTS) + 1
    process = start(order(register, part, batch_rows=1, stream_rows=1))
    wait_until_open(register, process)
    process.send_signal(signal.SIGINT)
    stopped = wait_for(process)
    assert stopped.told == {
        "error": "push_interrupted",
        "detail": "stopped on request; the batches under way were finished",
    }
    done = push(order(register, part))
    check_outcome(register, done.told)


def test_the_server_is_killed_and_started_again_meanwhile(tmp_path: Path) -> None:
    register = HealthRegister.make(tmp_path / "sandbox", 60, without_wallet=range(1, WITHOUT_WALLET + 1))
    source = register.sandbox.folder.root / "all.ndjson"
    lines = register.records.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[-INVALID:] = [line.replace('"SO_CCCD": "', '"SO_CCCD": "x') for line in lines[-INVALID:]]
    source.write_text("".join(lines), encoding="utf-8")
    server = register.start_server()
    dice = random.Random(7)
    try:
        client = start(Order(str(register.config), str(source), TYPE, batch_rows=5, stream_rows=1))
        for _ in range(2):
            time.sleep(dice.uniform(0.7, 1.4))
            server.kill()
            server.wait()
            server = register.start_server()
        done = wait_for(client, 90)
        assert done.code == 0, (done.told, done.errors)
        check_outcome(register, done.told, rows=60)
    finally:
        server.terminate()
        server.wait(20)
    settings = register.sandbox.settings
    assert check(Evidence(database_url=settings.database_url, keys_folder=settings.keys_folder)) == []


def test_two_clients_on_one_job_the_second_is_refused(register: HealthRegister) -> None:
    part = len(POINTS) + 2
    first = start(order(register, part, batch_rows=1, stream_rows=1))
    wait_until_open(register, first)
    first.send_signal(signal.SIGSTOP)
    second = push(order(register, part))
    first.send_signal(signal.SIGCONT)
    done = wait_for(first)
    assert second.told.get("error") == "journal_unusable"
    assert "another process is pushing this job" in second.told["detail"]
    check_outcome(register, done.told)
