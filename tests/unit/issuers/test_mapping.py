"""Column mappings: what they do to a row, all their mistakes at once, and what is proposed from a header."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from giayto_issuers import DocumentType, load_builtin_types, validate_record
from giayto_issuers.errors import MappingError, RecordError
from giayto_issuers.mapping.column_mapping import ColumnMapping
from giayto_issuers.mapping.date_format import is_date_format, read_day
from giayto_issuers.mapping.proposing import mapping_text, propose
from giayto_issuers.mapping.reading import read_mapping
from giayto_issuers.records.header import check_header
from giayto_issuers.records.readers import BrokenRow, SourceError, SourceRow
from giayto_issuers.records.validation import validate_row
from giayto_issuers.values.unfit import UnfitValue

TYPE = load_builtin_types()["marital-status"]
WRITTEN = """
document_type = "marital-status"
ignored = ["STT"]

[source]
sheet = "Danh sách"

[claims.certificate_number]
column = "Số giấy"

[claims.personal_number]
column = "CCCD"

[claims.full_name]
columns = ["Họ", "Tên đệm", "Tên"]

[claims.birth_date]
column = "Sinh"
split = ","
part = 1
date_format = "mm/dd/yyyy"

[claims."background.residence"]
column = "Sinh"
split = ","
part = -1

[claims.sex]
column = "Giới"
values = { "Nam" = "1", "Nữ" = "2" }

[claims.marital_status]
column = "Tình trạng"
values = { "Độc thân" = "CHUA_KET_HON" }

[claims.purpose]
column = "Mục đích"

[claims.issuing_agency]
constant = "UBND phường Cửa Nam"

[claims.issued_on]
columns = ["Ngày", "Tháng", "Năm"]
separator = "/"
"""
ROW = {
    "STT": "1", "Số giấy": "12/XN", "CCCD": "001190000017", "Họ": "Nguyễn", "Tên đệm": "", "Tên": "Ánh",
    "Sinh": "12/25/1990, Hà Nội", "Giới": " nữ ", "Tình trạng": "độc  thân", "Mục đích": "Vay vốn",
    "Ngày": "5", "Tháng": "3", "Năm": "2026",
}  # fmt: skip


def mapping(tmp_path: Path, text: str = WRITTEN, document_type: DocumentType = TYPE) -> ColumnMapping:
    path = tmp_path / "mapping.toml"
    path.write_text(text, "utf-8")
    return read_mapping(path, document_type)


def mapped(tmp_path: Path, **changes: Any) -> SourceRow:
    row = mapping(tmp_path).apply(SourceRow(7, {**ROW, **changes}))
    assert isinstance(row, SourceRow)
    return row


def test_a_row_becomes_what_its_type_understands(tmp_path: Path) -> None:
    row = mapped(tmp_path)
    record = validate_record(TYPE, row.values, row.number)
    assert record.row_key == "12/XN"
    assert record.claims == {
        "personal_number": "001190000017",
        "full_name": "Nguyễn Ánh",
        "birth_date": "1990-12-25",
        "sex": "2",
        "background": {"residence": "Hà Nội"},
        "marital_status": "CHUA_KET_HON",
        "purpose": "Vay vốn",
        "certificate_number": "12/XN",
        "issuing_agency": "UBND phường Cửa Nam",
        "issued_on": "2026-03-05",
    }


def test_the_header_that_comes_out_is_that_of_the_type(tmp_path: Path) -> None:
    check_header(TYPE, mapping(tmp_path).checked_header(list(ROW)))
    assert mapping(tmp_path).source.sheet == "Danh sách"


def test_columns_that_are_not_named_keep_their_names(tmp_path: Path) -> None:
    assert mapped(tmp_path, NGUOI_KY="Trần Bình").values["NGUOI_KY"] == "Trần Bình"


def test_columns_that_the_source_lacks_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as refusal:
        mapping(tmp_path).checked_header(["Số giấy", "Họ", "Ngày", "Tháng", "Năm", "Sinh", "Giới", "Mục đích"])
    assert [mistake.reason.en for mistake in refusal.value.mistakes] == [
        f"the source has no column {name}" for name in ("CCCD", "Tên đệm", "Tên", "Tình trạng")
    ]


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        ({"Sinh": "25/12/1990, Hà Nội"}, "Sinh", "an existing day as mm/dd/yyyy"),
        ({"Sinh": "31/02/1990, Hà Nội"}, "Sinh", "an existing day as mm/dd/yyyy"),
        ({"Tình trạng": "Goá"}, "Tình trạng", "one of the codes"),
        ({"CCCD": ""}, "CCCD", "a value"),
        ({"Ngày": "31", "Tháng": "2"}, "Ngày + Tháng + Năm", "an existing day"),
    ],
)
def test_problems_are_told_by_the_columns_of_the_source(
    tmp_path: Path, changes: dict[str, str], column: str, expected: str
) -> None:
    with pytest.raises(RecordError) as refusal:
        validate_row(TYPE, mapped(tmp_path, **changes))
    (problem,) = refusal.value.problems
    assert (problem.column, problem.row) == (column, 7)
    assert expected in problem.expected.en


def test_warnings_too(tmp_path: Path) -> None:
    record = validate_row(TYPE, mapped(tmp_path, Giới="Nam"))
    assert [warning.column for warning in record.warnings] == ["CCCD", "CCCD"][: len(record.warnings)]
    assert record.warnings


def test_what_the_source_found_unusable_stays_so(tmp_path: Path) -> None:
    unusable = UnfitValue("#N/A", mapping(tmp_path).document_type.titles)
    assert mapped(tmp_path, Họ=unusable).values["HO_TEN"] is unusable
    assert mapped(tmp_path, Giới=unusable).values["GIOI_TINH"] is unusable


def test_too_few_parts_are_refused_where_they_are_needed(tmp_path: Path) -> None:
    text = WRITTEN.replace("part = -1", "part = 3")
    row = mapping(tmp_path, text).apply(SourceRow(7, ROW))
    assert isinstance(row, SourceRow)
    with pytest.raises(RecordError, match="at least 3 separated parts"):
        validate_row(TYPE, row)


def test_a_spreadsheets_own_day_needs_no_form(tmp_path: Path) -> None:
    assert mapped(tmp_path, Sinh="1990-12-25").values["NGAY_SINH"] == "1990-12-25"


def test_a_row_that_cannot_be_read_passes_through(tmp_path: Path) -> None:
    broken = BrokenRow(3, SourceError("torn"))
    assert mapping(tmp_path).apply(broken) is broken


def test_every_mistake_is_told_in_one_go(tmp_path: Path) -> None:
    text = """
document_type = "referral"
ignored = ["A"]
colour = "red"

[source]
encoding = "latin-1"
header_row = 0

[claims.no_such_claim]
column = "X"

[claims.full_name]
column = "A"
columns = ["B"]
date_format = "dd/mm/yyyy"

[claims.birth_date]
column = "B"
date_format = "dd/mm/yy"

[claims.sex]
column = "C"
values = { "Nam" = "9", "NAM" = "1" }

[claims.purpose]
constant = "Vay"
values = { "A" = "B" }

[claims.issued_on]
columns = ["D", "E"]
split = "-"

[claims.issuing_agency]
column = "F"
split = ","
part = 0

[claims.signed_by]
"""
    with pytest.raises(MappingError) as refusal:
        mapping(tmp_path, text)
    first = {mistake.path for mistake in refusal.value.mistakes}
    assert {"colour", "source.encoding", "source.header_row"} <= first
    well_formed = text.replace('colour = "red"', "").replace('encoding = "latin-1"\nheader_row = 0', "")
    with pytest.raises(MappingError) as refusal:
        mapping(tmp_path, well_formed)
    assert {mistake.path for mistake in refusal.value.mistakes} == {
        "document_type", "ignored", "claims.no_such_claim", "claims.full_name", "claims.full_name.date_format",
        "claims.birth_date.date_format", "claims.sex.values", "claims.purpose", "claims.issued_on.split",
        "claims.issuing_agency.part", "claims.signed_by",
    }  # fmt: skip


def test_each_mistake_says_on_which_line_it_stands(tmp_path: Path) -> None:
    text = (
        'ignored = ["B"]\n\n[claims.birth_day]\ncolumn = "A"\n\n[claims.sex]\ncolumn = "B"\nvalues = { "Nam" = "9" }\n'
    )
    with pytest.raises(MappingError) as refusal:
        mapping(tmp_path, text)
    assert [(mistake.line, mistake.path, mistake.reason.en) for mistake in refusal.value.mistakes] == [
        (1, "ignored", "column B is used, so it cannot be ignored"),
        (3, "claims.birth_day", "no such claim of marital-status; is birth_date meant?"),
        (8, "claims.sex.values", "9 is not a code of sex"),
    ]
    assert "mapping.toml:8: claims.sex.values: " in refusal.value.detail


def test_a_column_that_the_source_lacks_is_told_with_the_line_of_its_claim(tmp_path: Path) -> None:
    text = '[claims.full_name]\ncolumn = "A"\n\n[claims."background.residence"]\ncolumns = ["B", "C"]\n'
    with pytest.raises(MappingError) as refusal:
        mapping(tmp_path, text).checked_header(["A", "B"])
    assert [(mistake.place, mistake.path) for mistake in refusal.value.mistakes] == [
        ("mapping.toml:4", "claims.background.residence")
    ]


@pytest.mark.parametrize("content", [b"\xff", b"claims = ", b"x" * 300_000])
def test_what_is_no_mapping_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mapping.toml"
    path.write_bytes(content)
    with pytest.raises(MappingError):
        read_mapping(path, TYPE)
    with pytest.raises(MappingError, match="cannot be read"):
        read_mapping(tmp_path / "absent.toml", TYPE)


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("dd.mm.yyyy", "5.3.2024", "2024-03-05"),
        ("mm/dd/yyyy", "03/05/2024", "2024-03-05"),
        ("yyyy/mm/dd", "2024/3/5", "2024-03-05"),
        ("dd/mm/yyyy HH:MM", "05/03/2024 7:05", "2024-03-05 07:05:00"),
        ("dd/mm/yyyy", "05/13/2024", None),
        ("dd/mm/yyyy", "05/03/1024", None),
        ("dd/mm/yyyy", "05-03-2024", None),
        ("dd/mm/yyyy", "٠٥/٠٣/٢٠٢٤", None),
    ],
)
def test_days_are_read_in_the_form_that_is_named(form: str, text: str, day: str | None) -> None:
    assert is_date_format(form)
    assert read_day(text, form) == day


@pytest.mark.parametrize("form", ["dd/mm/yy", "dd/mm", "dd/dd/mm/yyyy", "D/M/YYYY", "ddmmyyyyx"])
def test_other_forms_are_none(form: str) -> None:
    assert not is_date_format(form)


# ------------------------------------------------------------------------------------------------ proposals


def test_a_header_without_diacritics_is_matched() -> None:
    columns = [
        "STT",
        "So giay",
        "SỐ CCCD",
        "ho va ten",
        "Ngày tháng năm sinh",
        "Phái",
        "Muc dich",
        "Cơ quan cấp",
        "Ngay cap",
    ]
    proposal = propose(TYPE, columns)
    assert proposal.certain["personal_number"] == "SỐ CCCD"
    assert proposal.certain["full_name"] == "ho va ten"
    assert proposal.certain["birth_date"] == "Ngày tháng năm sinh"
    assert proposal.certain["sex"] == "Phái"
    assert proposal.certain["issued_on"] == "Ngay cap"
    assert "marital_status" in proposal.missing
    assert "STT" not in proposal.unmatched


def test_a_likely_match_is_marked_for_a_person_to_look_at() -> None:
    proposal = propose(TYPE, ["Ngày cấp giấy", "Màu mắt"])
    text = mapping_text(TYPE, proposal)
    assert proposal.unmatched == ("Màu mắt",)
    if proposal.likely:
        assert "a guess: look at it" in text
    assert "full_name" in proposal.missing


@pytest.mark.parametrize("document_type", list(load_builtin_types()), ids=lambda one: one.code)
def test_a_proposal_is_a_mapping_that_can_be_read(tmp_path: Path, document_type: DocumentType) -> None:
    columns = [claim.label.vi.upper() for claim in document_type.claims] + ['Cột "lạ"\\']
    text = mapping_text(document_type, propose(document_type, columns))
    assert tomllib.loads(text)["document_type"] == document_type.code
    read = mapping(tmp_path, text, document_type)
    assert 'Cột "lạ"\\' in read.ignored
    assert set(read.checked_header(columns)) <= {claim.key for claim in read.claims}
