"""Equal problems of many rows are one, and little is kept however many rows there are."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from giayto_crypto.localised import Localised
from giayto_sdk._issuing.problem_groups import KINDS_KEPT, ROWS_NAMED, ProblemGroup, ProblemGroups
from giayto_sdk._issuing.results import RowOutcome, RowResult
from giayto_sdk.errors import ColumnProblem, Problem

NAME = ColumnProblem("HO_TEN", Localised("không có gì", "nothing"), Localised("họ tên", "a name"))
NUMBER = ColumnProblem("SO_CCCD", Localised("chuỗi 9 chữ số", "text of 9 digits"), Localised("12 số", "12 digits"))


def refused(row: int, *columns: ColumnProblem, detail: str = "", code: str = "record_invalid") -> RowResult:
    return RowResult(row, f"key-{row}", RowOutcome.REFUSED, problem=Problem(0, code, detail, "v", "e", columns=columns))


def told(results: list[RowResult]) -> list[tuple[object, int, list[int]]]:
    def what(group: ProblemGroup) -> object:
        if group.column is not None:
            return group.column.column
        return group.problem.code if group.problem else group.mismatching_fields or group.outcome

    return [(what(group), group.count, group.first_rows) for group in ProblemGroups(results)]


def test_rows_that_are_in_their_wallet_are_no_problem() -> None:
    outcomes = (RowOutcome.STORED, RowOutcome.UNCHANGED)
    assert told([RowResult(row, "k", outcome, document_id="d") for row, outcome in enumerate(outcomes)]) == []


def test_waiting_rows_are_one_group_and_mismatches_one_for_each_set_of_fields() -> None:
    waiting = [RowResult(row, "k", RowOutcome.WAITING_FOR_WALLET) for row in (5, 6, 9)]
    mismatch = [RowResult(row, "k", RowOutcome.MISMATCH, mismatching_fields=("full_name",)) for row in (7, 8)]
    other = RowResult(10, "k", RowOutcome.MISMATCH, mismatching_fields=("birth_date",))
    assert told([waiting[0], *mismatch, *waiting[1:], other]) == [
        (RowOutcome.WAITING_FOR_WALLET, 3, [5, 6, 9]),
        (("full_name",), 2, [7, 8]),
        (("birth_date",), 1, [10]),
    ]


def test_the_same_expectation_of_a_column_is_one_group_whatever_was_found() -> None:
    longer = replace(NUMBER, found=Localised("chuỗi 8 chữ số", "text of 8 digits"))
    elsewhere = replace(NUMBER, column="SO_CCCD_NDD")
    otherwise = replace(NUMBER, expected=Localised("số", "digits"))
    results = [refused(2, NUMBER, NAME), refused(3, longer), refused(4, elsewhere), refused(5, otherwise)]
    assert told(results) == [
        ("SO_CCCD", 2, [2, 3]),
        ("HO_TEN", 1, [2]),
        ("SO_CCCD_NDD", 1, [4]),
        ("SO_CCCD", 1, [5]),
    ]


def test_positions_in_a_list_make_no_difference_and_a_row_counts_once() -> None:
    visits = [replace(NAME, column=f"DOT_KCB[{position}].NGAY_VAO") for position in (1, 2, 12)]
    assert told([refused(2, *visits), refused(3, visits[2])]) == [("DOT_KCB[].NGAY_VAO", 2, [2, 3])]


def test_details_that_differ_in_numbers_alone_are_one_group() -> None:
    broken = [refused(row, detail=f"CSV: line {row}: 3 cells", code="source_unreadable") for row in (2, 30)]
    other = refused(4, detail="CSV: not UTF", code="source_unreadable")
    assert told([*broken, other]) == [("source_unreadable", 2, [2, 30]), ("source_unreadable", 1, [4])]
    (first, _) = ProblemGroups([*broken, other])
    assert first.problem is not None
    assert first.problem.detail == "CSV: line 2: 3 cells"


@pytest.mark.parametrize("rows", [ROWS_NAMED, 100_000])
def test_a_group_keeps_its_first_rows_only(rows: int) -> None:
    def waiting() -> Iterator[RowResult]:
        return (RowResult(row, "k", RowOutcome.WAITING_FOR_WALLET) for row in range(rows))

    (group,) = ProblemGroups(waiting())
    assert group.count == rows
    assert group.first_rows == list(range(ROWS_NAMED))


def test_no_more_kinds_are_kept_than_people_read() -> None:
    columns = [replace(NAME, column=f"X{chr(number)}") for number in range(65, 65 + KINDS_KEPT + 7)]
    groups = ProblemGroups([*(refused(row, column) for row, column in enumerate(columns)), refused(99, columns[0])])
    assert [group.count for group in groups] == [2, *[1] * (KINDS_KEPT - 1)]
    assert groups.not_grouped == 7
