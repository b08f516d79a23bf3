"""The journal of a job: what survives a crash, and what a resumed run does with it."""

import os
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from giayto_crypto.sdjwt import StatusReference
from giayto_sdk._issuing.job_folder import JobSource, OpenJob, open_job
from giayto_sdk._issuing.journal import Journal, read_records
from giayto_sdk._issuing.records import (
    BatchBegun,
    BatchClosed,
    BatchIntents,
    BatchResults,
    IndexesReserved,
    Intent,
    JobLinked,
    PartDone,
    Record,
    Result,
)
from giayto_sdk._issuing.results import RowOutcome, RowResult
from giayto_sdk.errors import ConfigurationError, JournalError, Problem

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SOURCE = JobSource("G18", "urn:giayto:type:health-book:1", "ab" * 32, None)
LIST = "https://list"


def stored(row: int) -> RowResult:
    return RowResult(row, f"key-{row}", RowOutcome.STORED, document_id=f"doc_{row}")


def refused(row: int, code: str = "record_invalid") -> RowResult:
    return RowResult(row, "", RowOutcome.REFUSED, problem=Problem(0, code, f"row {row}", "lỗi", "error"))


def results(batch: int, *ended: RowResult) -> BatchResults:
    return BatchResults(batch, tuple(map(Result.of, ended)))


def intents(batch: int, *indexes: int) -> BatchIntents:
    return BatchIntents(batch, tuple(Intent(idx, f"key-{idx}", ("thumb",), ((LIST, idx),)) for idx in indexes))


def corrections(job: OpenJob, sha256: str) -> JobSource:
    return JobSource(SOURCE.agency_id, SOURCE.document_type, sha256, job.job.job_key)


def reopened(folder: Path, *records: Record) -> OpenJob:
    """A job that died after these records."""
    with open_job(folder, SOURCE, NOW) as job:
        job.record(*records)
    return open_job(folder, SOURCE, NOW)


def test_a_job_begins_with_a_key_of_its_own(tmp_path: Path) -> None:
    with open_job(tmp_path / "a", SOURCE, NOW) as one, open_job(tmp_path / "b", SOURCE, NOW) as other:
        assert one.state.open_batches == {}
        assert one.state.last_position == 0
        assert one.job.document_type == SOURCE.document_type
        assert len(one.job.job_key) >= 32
        assert one.job.job_key != other.job.job_key


def test_folder_and_files_are_private(tmp_path: Path) -> None:
    with open_job(tmp_path / "journal", SOURCE, NOW) as job:
        for folder in (tmp_path / "journal", job.folder, job.outgoing(1).parent):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(job.journal.path.stat().st_mode) == 0o600


def test_a_run_goes_on_with_the_batches_that_were_open(tmp_path: Path) -> None:
    with reopened(
        tmp_path,
        JobLinked("job_1"),
        BatchBegun(1, 1, 400),
        BatchBegun(2, 401, 800),
        BatchBegun(3, 801, 900),
        results(1, stored(2)),
        results(2, stored(402), refused(403)),
        BatchClosed(1),
    ) as job:
        state = job.state
        assert state.job_id == "job_1"
        assert (state.next_batch, state.last_position) == (4, 900)
        assert list(state.open_batches) == [2, 3]
        assert sorted(state.open_batches[2].results) == [402, 403]
        assert state.open_batches[3].results == {}
        assert state.rows.counts_by_outcome() == {RowOutcome.STORED: 2, RowOutcome.REFUSED: 1}


def test_indexes_that_stand_in_no_intent_are_used_by_the_next_run(tmp_path: Path) -> None:
    reserved = IndexesReserved(((LIST, (7, 5, 9, 4)),))
    with reopened(tmp_path, reserved, BatchBegun(1, 1, 2), intents(1, 7, 9)) as job:
        assert list(job.state.spare_indexes) == [StatusReference(LIST, 5), StatusReference(LIST, 4)]


def test_a_record_that_a_crash_tore_is_dropped(tmp_path: Path) -> None:
    with open_job(tmp_path, SOURCE, NOW) as job:
        job.record(BatchBegun(1, 1, 2), results(1, stored(1)))
    whole = job.journal.path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for kept in range(last, len(whole)):
        job.journal.path.write_bytes(whole[:kept])
        with open_job(tmp_path, SOURCE, NOW) as resumed:
            assert resumed.state.open_batches[1].results == {}
            resumed.record(results(1, stored(2)))
        with open_job(tmp_path, SOURCE, NOW) as again:
            assert sorted(again.state.open_batches[1].results) == [2]


@pytest.mark.parametrize("end", [bytes(100), b"\x00\n\x00", b"00000000 {}\n", b"\xff" * 10 + b"\n"])
def test_whatever_lies_behind_the_last_good_record_is_dropped(tmp_path: Path, end: bytes) -> None:
    with open_job(tmp_path, SOURCE, NOW) as job:
        job.record(BatchBegun(1, 1, 2))
    whole = job.journal.path.read_bytes()
    job.journal.path.write_bytes(whole + end)
    with open_job(tmp_path, SOURCE, NOW) as resumed:
        assert list(resumed.state.open_batches) == [1]
    assert job.journal.path.read_bytes() == whole


def test_damage_in_the_middle_is_never_passed_over(tmp_path: Path) -> None:
    with open_job(tmp_path, SOURCE, NOW) as job:
        job.record(BatchBegun(1, 1, 2), BatchBegun(2, 3, 4))
    whole = job.journal.path.read_bytes()
    for place in range(whole.rindex(b"\n", 0, -1)):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        job.journal.path.write_bytes(damaged)
        with pytest.raises(JournalError, match="damaged"):
            open_job(tmp_path, SOURCE, NOW)
    with pytest.raises(JournalError, match="damaged"):
        list(read_records(job.journal.path))


def test_two_processes_never_push_the_same_job_at_once(tmp_path: Path) -> None:
    with open_job(tmp_path, SOURCE, NOW), pytest.raises(JournalError, match="another process"):
        open_job(tmp_path, SOURCE, NOW)
    with open_job(tmp_path, SOURCE, NOW):
        pass


def test_a_job_that_is_done_is_followed_by_another_one(tmp_path: Path) -> None:
    keys = set()
    for _ in range(11):
        with open_job(tmp_path, SOURCE, NOW) as job:
            assert job.state.last_position == 0
            keys.add(job.job.job_key)
            job.record(BatchBegun(1, 1, 1), results(1, stored(1)), BatchClosed(1), PartDone())
    assert len(keys) == 11


def test_another_type_or_another_source_is_another_job(tmp_path: Path) -> None:
    other_source = JobSource("G18", SOURCE.document_type, "cd" * 32, None)
    other_type = JobSource("G18", "urn:giayto:type:procedure-result:1", SOURCE.sha256, None)
    keys = set()
    for source in (SOURCE, other_source, other_type):
        with open_job(tmp_path, source, NOW) as job:
            keys.add(job.job.job_key)
    assert len(keys) == 3


def test_corrected_rows_count_once_and_their_newest_result_is_read(tmp_path: Path) -> None:
    with open_job(tmp_path, SOURCE, NOW) as job:
        job.record(BatchBegun(1, 1, 3), results(1, stored(2), refused(3), refused(4)), BatchClosed(1), PartDone())
    with open_job(tmp_path, corrections(job, "cd" * 32), NOW) as again:
        assert again.folder == job.folder
        assert (again.state.last_position, again.state.part_is_done) == (0, False)
        again.record(BatchBegun(2, 1, 2), results(2, stored(3), refused(4, "other")), BatchClosed(2), PartDone())
        assert again.state.rows.counts_by_outcome() == {RowOutcome.STORED: 2, RowOutcome.REFUSED: 1}
        read = {result.row: result for result in again.read_results()}
        assert list(read) == [2, 3, 4]
        assert read[3].outcome is RowOutcome.STORED
        assert read[4].problem is not None
        assert read[4].problem.code == "other"


def test_what_was_accepted_stays_accepted(tmp_path: Path) -> None:
    late = RowResult(2, "key-2", RowOutcome.UNCHANGED, document_id="doc_2")
    with reopened(tmp_path, BatchBegun(1, 1, 1), results(1, stored(2)), results(1, late, refused(2))) as job:
        assert job.state.rows.counts_by_outcome() == {RowOutcome.STORED: 1}


def test_corrections_of_an_unfinished_push_are_refused(tmp_path: Path) -> None:
    with reopened(tmp_path, BatchBegun(1, 1, 2)) as job:
        pass
    with pytest.raises(ConfigurationError, match="not finished"):
        open_job(tmp_path, corrections(job, "cd" * 32), NOW)
    unknown = JobSource("G18", SOURCE.document_type, "cd" * 32, "another-key")
    with pytest.raises(ConfigurationError, match="not in the journal folder"):
        open_job(tmp_path, unknown, NOW)


def test_corrections_go_on_too_and_give_way_to_newer_ones(tmp_path: Path) -> None:
    with reopened(tmp_path, BatchBegun(1, 1, 2), results(1, refused(2), refused(3)), BatchClosed(1), PartDone()):
        pass
    with open_job(tmp_path, SOURCE, NOW) as other:
        pass  # the register once more is another job
    first = next(path for path in tmp_path.iterdir() if path != other.folder)
    job = OpenJob(first, Journal(first / "journal.ndjson"), other.state)
    job.journal.close()
    key = next(iter(read_records(job.journal.path))).job_key  # type: ignore[union-attr]
    once = JobSource("G18", SOURCE.document_type, "cd" * 32, key)
    twice = JobSource("G18", SOURCE.document_type, "ef" * 32, key)
    with open_job(tmp_path, once, NOW) as begun:
        begun.record(BatchBegun(2, 1, 2))
        begun.outgoing(2).write_bytes(b"signed")
    with open_job(tmp_path, once, NOW) as resumed:
        assert list(resumed.state.open_batches) == [2]
        assert resumed.outgoing(2).exists()
    with open_job(tmp_path, twice, NOW) as replaced:
        assert (replaced.state.open_batches, replaced.state.last_position) == ({}, 0)
        assert not replaced.outgoing(2).exists()


def test_results_are_read_back_as_they_were(tmp_path: Path) -> None:
    ended = [stored(1), RowResult(2, "key-2", RowOutcome.MISMATCH, mismatching_fields=("full_name",)), refused(3)]
    with reopened(tmp_path, BatchBegun(1, 1, 3), results(1, *ended)) as job:
        assert list(job.read_results()) == ended


def test_a_full_disk_is_told_before_anything_is_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = open_job(tmp_path, SOURCE, NOW)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with job:
        monkeypatch.setattr(os, "fsync", full)
        job.record(BatchBegun(1, 1, 2))
        with pytest.raises(JournalError, match="No space"):
            job.journal.sync()
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(JournalError, match="No space"):
            job.record(BatchBegun(2, 3, 4))


def test_threads_that_sync_together_share_one_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs = []
    entered, go_on = threading.Event(), threading.Event()

    def slow(descriptor: int) -> None:
        syncs.append(descriptor)
        entered.set()
        go_on.wait(5)

    with open_job(tmp_path, SOURCE, NOW) as job:
        monkeypatch.setattr(os, "fsync", slow)

        def work(batch: int) -> None:
            job.record(BatchBegun(batch, batch, batch))
            job.journal.sync()

        threads = [threading.Thread(target=work, args=(batch,)) for batch in range(1, 9)]
        threads[0].start()
        assert entered.wait(5)
        for thread in threads[1:]:
            thread.start()
        while len(job.state.open_batches) < len(threads):
            threading.Event().wait(0.001)
        go_on.set()
        for thread in threads:
            thread.join(5)
    assert len(syncs) <= 3


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError):
        open_job(tmp_path / "file", SOURCE, NOW)
