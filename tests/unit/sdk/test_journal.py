"""The journal of a push: what survives a crash, and what a resumed run does with it."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from giayto_sdk._issuing.journal import (
    Entry,
    Intent,
    Job,
    Signed,
    batch_entry,
    open_run,
    read_entries,
    read_results,
    result_entry,
)
from giayto_sdk._issuing.results import RowOutcome, RowResult
from giayto_sdk.errors import JournalError, Problem

JOB = Job("urn:giayto:type:health-book:1", "ab" * 32, datetime(2026, 11, 22, tzinfo=UTC))


def signed(row: int) -> Entry:
    return Entry(signed=Signed(row, f"key-{row}", f'{{"row_key":"key-{row}"}}'))


def stored(row: int) -> RowResult:
    return RowResult(row, f"key-{row}", RowOutcome.STORED, document_id=f"doc_{row}")


def test_a_run_begins_empty(tmp_path: Path) -> None:
    with open_run(tmp_path, JOB) as journal:
        assert journal.open_batch().rows == ()
    assert [entry.job for entry in read_entries(journal.path)] == [JOB]


def test_the_folder_and_the_file_are_private(tmp_path: Path) -> None:
    with open_run(tmp_path / "journal", JOB) as journal:
        pass
    assert stat.S_IMODE((tmp_path / "journal").stat().st_mode) == 0o700
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_only_what_was_signed_and_not_answered_is_sent_again(tmp_path: Path) -> None:
    journal = open_run(tmp_path, JOB)
    journal.append(batch_entry([1, 2]), signed(1), signed(2), result_entry(stored(1)), result_entry(stored(2)))
    journal.append(batch_entry([3, 4, 5, 6]))
    journal.append(Entry(intent=Intent(5, "key-5", ("thumbprint",), (("https://list", 7),))))
    journal.append(signed(3), signed(4), result_entry(stored(4)))
    journal.sync()
    journal.close()
    with open_run(tmp_path, JOB) as resumed:
        batch = resumed.open_batch()
    assert batch.rows == (3, 4, 5, 6)
    assert batch.finished == {4}
    assert [line.row for line in batch.to_send_again] == [3]


def test_a_line_that_a_crash_tore_is_dropped(tmp_path: Path) -> None:
    journal = open_run(tmp_path, JOB)
    journal.append(batch_entry([1, 2]), signed(1), signed(2))
    journal.sync()
    journal.close()
    whole = journal.path.read_bytes()
    for cut in range(1, 40):
        journal.path.write_bytes(whole[:-cut])
        resumed = open_run(tmp_path, JOB)
        assert [line.row for line in resumed.open_batch().to_send_again] == [1]
        resumed.append(signed(2))
        resumed.sync()
        assert [line.row for line in resumed.open_batch().to_send_again] == [1, 2]
        resumed.close()


def test_damage_in_the_middle_is_never_passed_over(tmp_path: Path) -> None:
    journal = open_run(tmp_path, JOB)
    journal.append(batch_entry([1]), signed(1))
    journal.sync()
    journal.close()
    journal.path.write_bytes(journal.path.read_bytes().replace(b'"batch"', b'"batch', 1))
    with open_run(tmp_path, JOB) as resumed, pytest.raises(JournalError, match="line 2"):
        resumed.open_batch()


def test_two_processes_never_push_the_same_source_at_once(tmp_path: Path) -> None:
    with open_run(tmp_path, JOB), pytest.raises(JournalError, match="another process"):
        open_run(tmp_path, JOB)
    open_run(tmp_path, JOB).close()


def test_a_complete_run_is_followed_by_a_new_one(tmp_path: Path) -> None:
    names = []
    for _ in range(11):
        run = open_run(tmp_path, JOB)
        names.append(run.path.name)
        assert run.open_batch().rows == ()
        run.append(batch_entry([1]), result_entry(stored(1)), Entry(done=True))
        run.sync()
        run.close()
    assert len(set(names)) == 11


def test_another_type_or_another_source_is_another_job(tmp_path: Path) -> None:
    other_source = Job(JOB.document_type, "cd" * 32, JOB.started_at)
    other_type = Job("urn:giayto:type:procedure-result:1", JOB.source_sha256, JOB.started_at)
    paths = set()
    for job in (JOB, other_source, other_type):
        with open_run(tmp_path, job) as journal:
            paths.add(journal.path)
    assert len(paths) == 3


def test_results_are_read_back_as_they_were(tmp_path: Path) -> None:
    results = [
        stored(1),
        RowResult(2, "key-2", RowOutcome.MISMATCH, mismatching_fields=("full_name",)),
        RowResult(3, "", RowOutcome.REFUSED, problem=Problem(0, "record_invalid", "row 3", "lỗi", "error")),
    ]
    with open_run(tmp_path, JOB) as journal:
        journal.append(*map(result_entry, results))
        journal.sync()
    assert list(read_results(journal.path)) == results


def test_a_full_disk_is_told_before_anything_is_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = open_run(tmp_path, JOB)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    journal.append(batch_entry([1]))
    with journal, pytest.raises(JournalError, match="No space"):
        journal.sync()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError):
        open_run(tmp_path / "file", JOB)
