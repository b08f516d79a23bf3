"""What the command says of a push: for people by kind of problem, for programs in full."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from giayto_crypto.localised import Localised
from giayto_sdk import PushReport, RowOutcome, RowResult
from giayto_sdk._issuing.results import CountDifference, Reconciliation
from giayto_sdk.cli.push_report import print_push_report, write_push_report
from giayto_sdk.errors import ColumnProblem, Problem

JOURNAL = Path("/agency/of/a/long/name/journal") / ("urn-giayto-type-criminal-record-1-1." + "ab" * 16 + ".1.ndjson")
EXPECTED = Localised("một giá trị: trường này bắt buộc", "a value: this field is mandatory")
COLUMN = ColumnProblem("HO_TEN", Localised("không có gì", "nothing"), EXPECTED)
INVALID = Problem(
    0, "record_invalid", "row 9, column HO_TEN: …", "Dòng có lỗi.", "The row has errors.", columns=(COLUMN,)
)
CONFLICT = Problem(0, "row_key_conflict", "use \x1b[2J replaces", "Mã đã dùng.", "The key was used.")
RESULTS = [
    RowResult(2, "key-2", RowOutcome.STORED, document_id="doc_2"),
    *(RowResult(row, f"key-{row}", RowOutcome.WAITING_FOR_WALLET) for row in range(100, 1300)),
    RowResult(5, "key-5", RowOutcome.MISMATCH, mismatching_fields=("full_name", "birth_date")),
    *(RowResult(row, "", RowOutcome.REFUSED, problem=INVALID) for row in (9, 11)),
    RowResult(12, "key-12", RowOutcome.REFUSED, problem=CONFLICT),
]


def report(results: list[RowResult]) -> PushReport:
    counts = {outcome: sum(result.outcome is outcome for result in results) for outcome in RowOutcome}
    return PushReport(
        document_type="urn:giayto:type:criminal-record-1:1",
        job_id="job_1",
        journal=JOURNAL,
        counts=counts,
        reconciliation=Reconciliation((), ()),
        refused_file=JOURNAL.with_name("to-correct.csv"),
        _read_results=lambda: iter(results),
    )


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_each_kind_of_problem_is_told_once_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    print_push_report(report(RESULTS))
    shown = capsys.readouterr().out
    assert "1,200 dòng · rows (100, 101, 102, 103, 104, 105, 106, 107, 108, 109, …)" in shown
    assert "signed once they have a wallet" in shown
    assert "2 dòng · rows (9, 11)" in shown
    assert "column HO_TEN: expected a value: this field is mandatory" in shown
    assert "cột HO_TEN: cần một giá trị: trường này bắt buộc" in shown
    assert "correct it: full_name, birth_date" in shown
    assert "row_key_conflict: Mã đã dùng. The key was used." in shown
    assert len(shown.splitlines()) <= 30
    assert "\x1b" not in shown


def test_columns_that_are_wrong_in_the_same_way_in_the_same_rows_are_told_together(
    capsys: pytest.CaptureFixture[str],
) -> None:
    columns = tuple(replace(COLUMN, column=name) for name in ("A", "B", "C"))
    every = replace(INVALID, columns=columns)
    only_b = replace(INVALID, columns=columns[1:2])
    rows = [*((row, every) for row in range(2, 5)), (5, only_b)]
    print_push_report(report([RowResult(row, "", RowOutcome.REFUSED, problem=problem) for row, problem in rows]))
    shown = capsys.readouterr().out
    assert "rows (2, 3, 4)\n    cột A, C: cần" in shown
    assert "column A, C: expected" in shown
    assert "rows (2, 3, 4, 5)\n    cột B: cần" in shown


def test_the_journal_is_named_whole_with_what_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    print_push_report(report(RESULTS[:1]))
    *_, sentence, path = capsys.readouterr().out.splitlines()
    assert path == str(JOURNAL)
    assert "personal data" in sentence


def test_more_problems_than_are_kept_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    letters = [chr(number) * 3 for number in range(65, 65 + 26)] + [chr(number) * 4 for number in range(65, 65 + 26)]
    results = [RowResult(1, "", RowOutcome.MISMATCH, mismatching_fields=(name,)) for name in letters]
    print_push_report(report(results))
    assert "and 2 other problems" in capsys.readouterr().out


def test_programs_get_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    write_push_report(report(RESULTS))
    told = json.loads(capsys.readouterr().out)
    assert told["document_type"] == "urn:giayto:type:criminal-record-1:1"
    assert told["journal"] == str(JOURNAL)
    assert (told["rows"], told["all_delivered"]) == (len(RESULTS), False)
    assert told["counts"] == {"stored": 1, "unchanged": 0, "waiting_for_wallet": 1200, "mismatch": 1, "refused": 3}
    waiting, _, invalid, conflict = told["problems"]
    assert (waiting["outcome"], waiting["count"], waiting["code"]) == ("waiting_for_wallet", 1200, None)
    assert (invalid["column"], invalid["first_rows"], invalid["expected"]["vi"]) == ("HO_TEN", [9, 11], EXPECTED.vi)
    assert (conflict["code"], conflict["column"]) == ("row_key_conflict", None)
    assert len(told["results"]) == len(RESULTS)
    assert told["results"][0] == {
        "row": 2,
        "row_key": "key-2",
        "outcome": "stored",
        "document_id": "doc_2",
        "mismatching_fields": [],
        "problem": None,
    }
    (column,) = told["results"][-2]["problem"]["columns"]
    assert (column["column"], column["found"]["en"]) == ("HO_TEN", "nothing")


def test_an_empty_push_is_whole_json(capsys: pytest.CaptureFixture[str]) -> None:
    write_push_report(report([]))
    told = json.loads(capsys.readouterr().out)
    assert (told["results"], told["problems"], told["all_delivered"]) == ([], [], True)


def test_what_the_server_counts_otherwise_is_told_to_people_and_to_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    differs = Reconciliation((CountDifference("refused", "record_invalid", 2, 1),), (9,))
    differing = replace(report(RESULTS), reconciliation=differs)
    print_push_report(differing)
    shown = capsys.readouterr().out
    assert "refused (record_invalid): nhật ký · journal 2, máy chủ · server 1" in shown
    assert "rows 9" in shown
    write_push_report(differing)
    told = json.loads(capsys.readouterr().out)
    assert told["agrees_with_server"] is False
    assert told["differences"] == [{"outcome": "refused", "code": "record_invalid", "in_journal": 2, "on_server": 1}]
    assert told["differing_rows"] == [9]


def test_the_file_of_rows_to_correct_is_named_whole(capsys: pytest.CaptureFixture[str]) -> None:
    print_push_report(report(RESULTS))
    assert str(JOURNAL.with_name("to-correct.csv")) in capsys.readouterr().out.splitlines()
