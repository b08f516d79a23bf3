"""Remembering presentations: once, bounded, across threads, processes and crashes."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from giayto_verifiers import FileReplayGuard, InMemoryReplayGuard, ReplayGuard, ReplayGuardError
from giayto_verifiers.replay_guard import CLOCK_CORRECTION, replay_key
from trust_scheme import NOW

KEY, OTHER = b"k" * 32, b"o" * 32
UNTIL = NOW + timedelta(seconds=60)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", "file"])
def guard(request: pytest.FixtureRequest, tmp_path: Path) -> ReplayGuard:
    return InMemoryReplayGuard() if request.param == "memory" else FileReplayGuard(tmp_path / "seen")


def test_the_first_caller_is_told_so(guard: ReplayGuard) -> None:
    assert not guard.seen(KEY, NOW)
    assert guard.remember(KEY, UNTIL, NOW)
    assert guard.seen(KEY, NOW)
    assert not guard.remember(KEY, UNTIL, NOW)
    assert not guard.seen(OTHER, NOW)
    assert guard.remember(OTHER, UNTIL, NOW)


def test_asking_records_nothing(guard: ReplayGuard) -> None:
    guard.seen(KEY, NOW)
    assert guard.remember(KEY, UNTIL, NOW)


def test_a_clock_that_is_set_back_revives_nothing(guard: ReplayGuard) -> None:
    guard.remember(KEY, UNTIL, NOW)
    guard.remember(OTHER, UNTIL + CLOCK_CORRECTION, UNTIL + CLOCK_CORRECTION)
    assert not guard.remember(KEY, UNTIL, NOW)


def test_of_many_threads_one_wins(guard: ReplayGuard) -> None:
    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(lambda _: guard.remember(KEY, UNTIL, NOW), range(64)))
    assert won.count(True) == 1


def test_memory_is_freed_after_the_presentation_is_long_stale() -> None:
    guard = InMemoryReplayGuard(max_entries=1)
    assert guard.remember(KEY, UNTIL, NOW)
    ended = UNTIL + CLOCK_CORRECTION
    with pytest.raises(ReplayGuardError):
        guard.remember(OTHER, UNTIL, ended)
    assert guard.remember(OTHER, ended, ended + SECOND)
    assert not guard.seen(KEY, NOW)


def test_a_full_guard_refuses_rather_than_forgets() -> None:
    guard = InMemoryReplayGuard(max_entries=2)
    guard.remember(KEY, UNTIL, NOW)
    guard.remember(OTHER, UNTIL, NOW)
    with pytest.raises(ReplayGuardError, match="full"):
        guard.remember(b"x" * 32, UNTIL, NOW)
    assert not guard.remember(KEY, UNTIL, NOW)


# the file


def remember(path: Path, _: int) -> bool:
    return FileReplayGuard(path).remember(KEY, UNTIL, NOW)


def test_of_many_processes_one_wins(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        won = list(processes.map(partial(remember, tmp_path / "seen"), range(16)))
    assert won.count(True) == 1


def test_a_new_guard_on_the_same_file_remembers(tmp_path: Path) -> None:
    FileReplayGuard(tmp_path / "seen").remember(KEY, UNTIL, NOW)
    assert not FileReplayGuard(str(tmp_path / "seen")).remember(KEY, UNTIL, NOW)


def test_the_file_holds_hashes_and_times_only_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "seen"
    FileReplayGuard(path).remember(KEY, UNTIL, NOW)
    end = int((UNTIL + CLOCK_CORRECTION).timestamp())
    assert path.read_text() == f"giayto replay guard 1\n{KEY.hex()} {end}\n"
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("cut", [1, 5, 40, 70])
def test_a_line_that_a_crash_cut_off_disturbs_nothing(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "seen"
    guard = FileReplayGuard(path)
    guard.remember(KEY, UNTIL, NOW)
    guard.remember(OTHER, UNTIL, NOW)
    path.write_bytes(path.read_bytes()[:-cut])
    assert not guard.remember(KEY, UNTIL, NOW)
    assert guard.remember(b"x" * 32, UNTIL, NOW)
    assert not guard.remember(b"x" * 32, UNTIL, NOW)


def test_the_file_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "seen"
    guard = FileReplayGuard(path)
    guard.remember(KEY, UNTIL, NOW)
    old = int(NOW.timestamp()) - 1
    with path.open("a") as file:
        file.writelines(f"{number:064x} {old}\n" for number in range(1000))
    assert guard.remember(OTHER, UNTIL, NOW)
    assert len(path.read_text().splitlines()) == 3
    assert guard.seen(KEY, NOW)
    assert guard.seen(OTHER, NOW)


def test_a_file_of_another_kind_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear sir,\n")
    guard = FileReplayGuard(path)
    uses: list[Callable[[], bool]] = [lambda: guard.seen(KEY, NOW), lambda: guard.remember(KEY, UNTIL, NOW)]
    for use in uses:
        with pytest.raises(ReplayGuardError, match="something else"):
            use()
    assert path.read_text() == "Dear sir,\n"


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReplayGuardError):
        FileReplayGuard(tmp_path / "missing" / "seen").remember(KEY, UNTIL, NOW)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ReplayGuardError):
        FileReplayGuard(tmp_path / "folder").remember(KEY, UNTIL, NOW)


def test_the_key_is_of_what_was_signed() -> None:
    assert replay_key("header.payload.one") == replay_key("header.payload.two")
    assert replay_key("header.payload.one") != replay_key("header.other.one")
