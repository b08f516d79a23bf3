"""Data quality by five words: each told apart, over single rows and between rows, with every faulty row named."""

import json
import random
import re
import tracemalloc
from base64 import b64encode
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest

from giayto_crypto.localised import Localised
from giayto_issuers import load_builtin_types
from giayto_issuers.errors import SourceError
from giayto_issuers.quality import Dimension, Finding, QualityReport, Severity, check_quality, row_pairs
from giayto_issuers.quality.findings import MAX_GROUPS, FindingGroups
from giayto_issuers.quality.html import html_report
from giayto_issuers.quality.row_pairs import RowPairs
from giayto_issuers.quality.row_set import RowSet
from giayto_issuers.records.readers import BrokenRow, SourceRow

TYPE = load_builtin_types()["marital-status"]
TODAY = date(2026, 11, 22)
CANARY = {"name": "Nguyễn Thị Ánh Canary", "number": "001190000017"}


def record(number: int = 0, **changes: Any) -> dict[str, Any]:
    return {
        "SO_GIAY": f"{number}/XN",
        "SO_CCCD": f"0011900{number:05}",
        "HO_TEN": CANARY["name"],
        "NGAY_SINH": "25/12/1990",
        "GIOI_TINH": "2",
        "TINH_TRANG_HON_NHAN": "CHUA_KET_HON",
        "MUC_DICH": "Vay vốn",
        "CO_QUAN_CAP": "UBND phường Cửa Nam",
        "NGAY_CAP": "05/11/2026",
    } | changes


def check(*rows: dict[str, Any]) -> QualityReport:
    return check_quality(TYPE, [SourceRow(number, row) for number, row in enumerate(rows, 2)], today=TODAY)


def found(report: QualityReport) -> set[tuple[Dimension, Severity, str, tuple[int, ...]]]:
    return {(group.dimension, group.severity, group.column, tuple(group.rows)) for group in report.groups}


ERROR, WARNING = Severity.ERROR, Severity.WARNING


def test_good_rows_have_no_findings() -> None:
    report = check(record(1), record(2))
    assert report.is_good
    assert found(report) == set()
    assert report.members("x")["accepted"] == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"GIOI_TINH": "9"}, (Dimension.CORRECT, ERROR, "GIOI_TINH")),
        ({"SO_CCCD": "79123456789"}, (Dimension.CORRECT, ERROR, "SO_CCCD")),
        ({"CHUA_BIET": "x"}, (Dimension.CORRECT, ERROR, "CHUA_BIET")),
        ({"MUC_DICH": " "}, (Dimension.COMPLETE, ERROR, "MUC_DICH")),
        ({"SO_GIAY": ""}, (Dimension.COMPLETE, ERROR, "SO_GIAY")),
        ({"MUC_DICH": "Vay\u202evốn"}, (Dimension.CLEAN, ERROR, "MUC_DICH")),
        ({"MUC_DICH": "Vay\0vốn"}, (Dimension.CLEAN, ERROR, "MUC_DICH")),
        ({"HO_TEN": "nguyễn Thị ánh"}, (Dimension.CLEAN, WARNING, "HO_TEN")),
        ({"NGAY_CAP": "05/11/2025"}, (Dimension.LIVE, WARNING, "")),
        ({"NGAY_CAP": "05/12/2026"}, (Dimension.LIVE, WARNING, "")),
        ({"GIOI_TINH": "1"}, (Dimension.CONSISTENT, WARNING, "SO_CCCD")),
    ],
)
def test_each_word_has_its_findings(changes: dict[str, str], expected: tuple[Dimension, Severity, str]) -> None:
    report = check(record(1), record(2, **changes), record(3))
    assert (*expected, (3,)) in found(report)
    assert report.is_good == (expected[1] is WARNING)
    assert list(report.refused) == ([] if expected[1] is WARNING else [3])


def test_a_row_that_cannot_be_read_is_not_clean() -> None:
    rows = [SourceRow(2, record(1)), BrokenRow(3, SourceError(f"torn at {CANARY['number']}"))]
    report = check_quality(TYPE, rows, today=TODAY)
    assert found(report) == {(Dimension.CLEAN, ERROR, "", (3,))}


def test_one_subject_with_two_names_or_birth_dates_is_a_contradiction() -> None:
    same = {"SO_CCCD": CANARY["number"]}
    report = check(
        record(1, **same),
        record(2),
        record(3, HO_TEN="Trần Bình", **same),
        record(4, **same),
        record(5, NGAY_SINH="26/12/1990"),
    )
    assert found(report) == {(Dimension.CONSISTENT, ERROR, "", (2, 4, 5))}
    assert list(report.refused) == [2, 4, 5]


def test_names_that_differ_in_case_alone_are_one() -> None:
    same = {"SO_CCCD": CANARY["number"]}
    assert found(check(record(1, **same), record(2, HO_TEN=CANARY["name"].upper(), **same))) == set()


def test_a_row_key_with_two_contents_is_a_contradiction_and_a_repeated_row_is_not_clean() -> None:
    report = check(record(1), record(2), record(1, MUC_DICH="Nhập học"), record(2), record(2))
    assert found(report) == {
        (Dimension.CONSISTENT, ERROR, "", (2, 4)),
        (Dimension.CLEAN, WARNING, "", (5, 6)),
    }


def test_the_same_content_under_two_row_keys_is_not_clean() -> None:
    report = check(record(1, row_key="a"), record(1, row_key="b"))
    assert found(report) == {(Dimension.CLEAN, WARNING, "", (3,))}


def test_counts_are_by_row_and_by_column() -> None:
    report = check(record(1, GIOI_TINH="9", MUC_DICH=""), record(2, GIOI_TINH="8"), record(3, NGUOI_KY=""))
    members = report.members("records.csv")
    assert (members["rows"], members["accepted"], members["refused"]) == (3, 1, 2)
    assert members["refused_rows"] == ["2-3"]
    dimensions = members["dimensions"]
    assert {name: each["refused"] for name, each in dimensions.items()} == {
        "correct": 2, "complete": 1, "clean": 0, "live": 0, "consistent": 0,
    }  # fmt: skip
    columns = {each["column"]: each for each in members["columns"]}
    assert columns["MUC_DICH"] == {"column": "MUC_DICH", "filled": 2, "empty": 1, "refused": 1}
    assert columns["NGUOI_KY"]["empty"] == 3
    (group, *_) = [each for each in members["findings"] if each["column"] == "GIOI_TINH"]
    assert group["rows"] == 2
    assert group["row_numbers"] == ["2-3"]
    assert group["found"] == [{"vi": "chuỗi 1 chữ số", "en": "text of 1 digit", "count": 2}]


def test_positions_in_lists_are_one_group() -> None:
    book = load_builtin_types()["health-book"]
    rows = [SourceRow(row, {"DOT_KCB": [{"NGAY_VAO": "x"}] * (row - 1)}) for row in (2, 3, 4)]
    report = check_quality(book, rows, today=TODAY)
    columns = {group.column: tuple(group.rows) for group in report.groups}
    assert columns["DOT_KCB[].NGAY_VAO"] == (2, 3, 4)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_names_every_faulty_row_and_needs_nothing_else() -> None:
    report = check(*[record(number, GIOI_TINH="9" if number % 7 == 0 else "2") for number in range(1, 60)])
    content = "".join(html_report(report, "records <script>.csv"))
    page = _Page()
    page.feed(content)
    assert "8, 15, 22, 29, 36, 43, 50, 57" in page.text
    assert "records <script>.csv" in page.text
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "style"]
    style = re.search(r"<style>(.*?)</style>", content, re.DOTALL)
    assert style is not None
    policy = next(attributes["content"] for _, attributes in page.tags if attributes.get("http-equiv"))
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"
    for words in ("đúng", "đủ", "sạch", "sống", "thống nhất", "correct", "consistent"):
        assert words in page.text


def test_a_page_without_findings_says_so() -> None:
    assert "Nothing was found." in "".join(html_report(check(record(1)), "a.csv"))


def test_reports_hold_no_value() -> None:
    same = {"SO_CCCD": CANARY["number"]}
    bad = {CANARY["name"]: CANARY["number"], f"so {CANARY['number']}": "x", "MUC_DICH": f"{CANARY['name']}\0"}
    report = check(record(1, **same), record(2, **same, HO_TEN=f"{CANARY['number']}"), record(3, **same, **bad))
    written = "".join(html_report(report, "a.csv")) + json.dumps(report.members("a.csv"), ensure_ascii=False)
    assert "Canary" not in written
    assert CANARY["number"] not in written


def test_kinds_of_findings_are_bounded() -> None:
    groups = FindingGroups()
    text = Localised(vi="x", en="x")
    for number in range(MAX_GROUPS * 3):
        groups.add(Finding(number, Dimension.CORRECT, ERROR, f"column{number}x", text, text))
    assert len(list(groups)) == MAX_GROUPS + 1
    rest = next(group for group in groups if not group.column)
    assert len(rest.rows) == MAX_GROUPS * 2


# ------------------------------------------------------------------------------------------------ memory


@pytest.mark.parametrize("rows", [[], [0], [5], [1, 2, 3], [7, 8, 9, 63, 64, 65, 100], range(0, 50, 2)])
def test_sets_of_rows_are_told_as_ranges(rows: Iterable[int]) -> None:
    numbers = list(rows)
    shuffled = random.Random(1).sample(numbers * 2, len(numbers) * 2)
    chosen = RowSet()
    for row in shuffled:
        chosen.add(row)
    assert list(chosen) == numbers
    assert len(chosen) == len(numbers)
    again = [row for first, last in chosen.ranges() for row in range(first, last + 1)]
    assert again == numbers
    assert all(row in chosen for row in numbers)
    assert 1_000_000 not in chosen


def test_rows_are_compared_over_many_portions() -> None:
    pairs = RowPairs()
    for row in range(40_000):
        pairs.add(str(row % 30_000).encode(), b"same" if row % 3 else str(row).encode(), row)
    sharing = [sorted(row for _, row in rows) for rows in pairs.sharing()]
    pairs.close()
    assert sorted(sharing) == [[row, row + 30_000] for row in range(10_000)]


def test_memory_does_not_grow_with_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_pairs, "_PORTION", 64)

    def rows(count: int) -> Iterable[SourceRow]:
        return (SourceRow(row, record(row, GIOI_TINH="9" if row % 100 == 0 else "2")) for row in range(2, count))

    check_quality(TYPE, rows(700), today=TODAY)
    peaks = []
    for count in (600, 1_800):
        tracemalloc.start()
        report = check_quality(TYPE, rows(count), today=TODAY)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert [int(text) for text in report.refused.range_texts()] == list(range(100, count, 100))
    # What grows is one bit a row; a row that was kept would take a thousand bytes and more.
    assert peaks[1] - peaks[0] < 1_200 * 150, peaks
