"""Records against their type: all problems of a row at once, by column, never with a value."""

import json
from datetime import date
from typing import Any

import pytest

from giayto_issuers import DocumentType, ValidRecord, load_builtin_types, validate_record
from giayto_issuers.errors import RecordError, RecordProblem
from giayto_issuers.subjects import SubjectIdentity
from sample_records import (
    ORGANISATION,
    PERSON,
    ROWS,
    VISITS,
    criminal_record,
    health_book,
    procedure_result,
    subject_of,
)

TYPES = load_builtin_types()
HEALTH_BOOK = TYPES["health-book"]
CRIMINAL_RECORD = TYPES["criminal-record-1"]
PROCEDURE_RESULT = TYPES["procedure-result"]


def problems_of(document_type: DocumentType, row: dict[str, Any]) -> dict[str, RecordProblem]:
    with pytest.raises(RecordError) as caught:
        validate_record(document_type, row, 7)
    assert caught.value.row == 7
    assert caught.value.fields == {"row": 7, "count": len(caught.value.problems)}
    assert all(problem.row == 7 for problem in caught.value.problems)
    return {problem.column: problem for problem in caught.value.problems}


@pytest.mark.parametrize("code", ROWS)
def test_a_good_row_of_every_type(code: str) -> None:
    record = validate_record(TYPES[code], ROWS[code](), 2)
    assert record.subject == subject_of(code)
    if TYPES[code].holder_kind == "person":
        assert record.identity == SubjectIdentity(PERSON["name"], date(2001, 3, 15))
    else:
        assert record.identity == SubjectIdentity(ORGANISATION["name"])
    assert record.vct == TYPES[code].vct
    assert record.warnings == ()
    assert list(record.claims) == [claim.name for claim in TYPES[code].claims if claim.name in record.claims]


def test_a_flat_csv_row_becomes_grouped_claims() -> None:
    claims = validate_record(HEALTH_BOOK, health_book(), 2).claims
    assert claims["background"] == {"ethnic_group": "01"}
    assert claims["contact"]["phone"] == "0912345678"
    assert claims["health_insurance"] == {
        "card_numbers": ["DN4011234567890", "0123456789"],
        "valid_until": ["2026-12-31"],
    }
    assert claims["history"] == {
        "allergies": ["Penicillin", "Tôm"],
        "conditions": ["Tăng huyết áp", "Đái tháo đường"],
    }
    assert claims["visits"] == [
        {
            "facility": "01901",
            "admitted_at": "2026-10-08T14:30:00+07:00",
            "discharged_at": "2026-10-08T15:15:00+07:00",
            "form": "NGOAI_TRU",
            "reason": "Đau đầu\nchóng mặt",
            "discharge_diagnoses": ["E11.9", "I10"],
            "weight": "58.5",
            "medicines": [{"name": "Metformin", "quantity": "30"}],
        },
        {"facility": "79001", "admitted_at": "2026-11-02T08:00:00+07:00"},
    ]
    assert claims["record_summary"] == {"course": "Ổn định"}
    assert "legal_representative" not in claims


def test_json_rows_and_csv_rows_give_the_same_claims() -> None:
    native = health_book(DOT_KCB=VISITS, DI_UNG=["Penicillin", "Tôm"], GIOI_TINH=2)
    assert validate_record(HEALTH_BOOK, native, 1).claims == validate_record(HEALTH_BOOK, health_book(), 1).claims


def test_claim_names_are_understood_as_columns() -> None:
    row = health_book(
        HO_TEN=None, full_name=PERSON["name"], DIA_CHI=None, DIEN_THOAI=None, MA_SO_SK=None, row_key="SK-0001"
    )
    row["contact"] = {"phone": "0912345678", "DIA_CHI": "Số 1 phố Hàng Bài, phường Cửa Nam, Hà Nội"}
    assert validate_record(HEALTH_BOOK, row, 1).claims == validate_record(HEALTH_BOOK, health_book(), 1).claims


def test_what_json_systems_write_is_understood() -> None:
    claims = validate_record(PROCEDURE_RESULT, procedure_result(), 1).claims
    assert claims["dossier_status"] == "10"
    assert claims["dates"] == {"received_at": "2026-10-08T09:30:00+07:00", "due_at": "2026-10-15"}
    assert claims["handling"] == {"paid_online": True}
    assert claims["fees"] == [{"name": "Lệ phí", "amount": 8000}]
    assert claims["attachments"] == [{"file_name": "to-khai.pdf", "copy_kind": "2"}]


def test_text_is_signed_in_normal_form_c() -> None:
    record = validate_record(HEALTH_BOOK, health_book(HO_TEN="Nguye\u0302\u0303n  A\u0301nh "), 1)
    assert record.claims["full_name"] == record.identity.name == "Nguyễn Ánh"


def test_all_problems_of_a_row_come_at_once() -> None:
    found = problems_of(
        HEALTH_BOOK,
        health_book(
            SO_CCCD="1301012345",
            HO_TEN="Ng\u202eA",
            NGAY_SINH="199000000000",
            GIOI_TINH="9",
            MA_DANTOC="99",
            DIEN_THOAI="113",
            MA_THE_BHYT="DN4011234567890;12",
            GT_THE_DEN="31/12/2026;32/12/2026",
            DI_UNG="x" * 501,
            MA_SO_SK="",
            LA="x",
            DOT_KCB=[{"MA_CSKCB": "1", "MA_BENH": "E11;??", "X": 1}, "y", {}],
        ),
    )
    assert {column: problem.found.en for column, problem in found.items()} == {
        "SO_CCCD": "text of 10 digits",
        "HO_TEN": "text of 4 characters",
        "NGAY_SINH": "text of 12 digits",
        "GIOI_TINH": "text of 1 digit",
        "MA_DANTOC": "text of 2 digits",
        "DIEN_THOAI": "text of 3 digits",
        "MA_THE_BHYT[2]": "text of 2 digits",
        "GT_THE_DEN[2]": "text of 10 characters",
        "DI_UNG[1]": "text of 501 letters",
        "MA_SO_SK": "nothing",
        "LA": "text of 1 letter",
        "DOT_KCB[1].MA_CSKCB": "text of 1 digit",
        "DOT_KCB[1].NGAY_VAO": "nothing",
        "DOT_KCB[1].MA_BENH[2]": "text of 2 characters",
        "DOT_KCB[1].X": "an integer",
        "DOT_KCB[2]": "text of 1 letter",
        "DOT_KCB[3]": "an object of 0 members",
    }
    assert "12 digits" in found["SO_CCCD"].expected.en
    assert "U+202E" in found["HO_TEN"].expected.en


def test_a_problem_is_one_line_in_both_languages() -> None:
    problem = problems_of(HEALTH_BOOK, health_book(GIOI_TINH="9"))["GIOI_TINH"]
    assert str(problem) == "row 7, column GIOI_TINH: found text of 1 digit, expected one of the codes 1, 2, 3"
    assert problem.in_vietnamese() == "dòng 7, cột GIOI_TINH: có chuỗi 1 chữ số, cần một trong các mã 1, 2, 3"


@pytest.mark.parametrize("column", ["SO_CCCD", "HO_TEN", "NGAY_SINH"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_mandatory_must_be_there(column: str, value: str | None) -> None:
    assert problems_of(HEALTH_BOOK, health_book(**{column: value}))[column].found.en == "nothing"


def test_mandatory_fields_of_an_optional_object_count_only_when_it_is_there() -> None:
    assert "legal_representative" not in validate_record(HEALTH_BOOK, health_book(), 1).claims
    found = problems_of(HEALTH_BOOK, health_book(QUAN_HE_NDD="Mẹ"))
    assert set(found) == {"HO_TEN_NDD"}


def test_a_mandatory_object_is_missed_by_its_first_column() -> None:
    assert set(problems_of(PROCEDURE_RESULT, procedure_result(MaTTHC=None, TenTTHC=None))) == {"MaTTHC"}


def test_a_value_is_given_once() -> None:
    found = problems_of(HEALTH_BOOK, health_book(full_name=PERSON["name"]))
    assert found["full_name"].expected.en == "only one of the columns HO_TEN, full_name"


def test_an_object_is_either_flat_or_in_a_cell() -> None:
    found = problems_of(HEALTH_BOOK, health_book(NGUOI_DAI_DIEN={"HO_TEN_NDD": "An"}, QUAN_HE_NDD="Mẹ"))
    assert "either this column or HO_TEN_NDD" in found["NGUOI_DAI_DIEN"].expected.en


def test_names_of_fields_mean_nothing_in_a_flat_row() -> None:
    """`full_name` is the holder's; it must not become the representative's too."""
    row = health_book(HO_TEN=None, full_name=PERSON["name"], QUAN_HE_NDD="Mẹ", HO_TEN_NDD="Trần Thị Hoa")
    claims = validate_record(HEALTH_BOOK, row, 1).claims
    assert claims["full_name"] == PERSON["name"]
    assert claims["legal_representative"]["full_name"] == "Trần Thị Hoa"


@pytest.mark.parametrize("cell", ["[", "x", "{}x", "5", '"a"', {"MA_CSKCB": "01901"}, 5])
def test_a_nested_list_must_be_json(cell: Any) -> None:
    found = problems_of(HEALTH_BOOK, health_book(DOT_KCB=cell))
    assert found["DOT_KCB"].expected.en == "a JSON array [...]"


def test_a_nested_object_must_be_json() -> None:
    assert (
        "JSON object"
        in problems_of(HEALTH_BOOK, health_book(TOM_TAT_HSBA="text", QT_BENHLY=None))["TOM_TAT_HSBA"].expected.en
    )


def test_lists_have_a_limit() -> None:
    found = problems_of(HEALTH_BOOK, health_book(DOT_KCB=[VISITS[1]] * 501))
    assert found["DOT_KCB"].expected.en == "at most 500 elements"


def test_empty_parts_of_a_separated_list_are_passed_over() -> None:
    claims = validate_record(HEALTH_BOOK, health_book(DI_UNG=" ;Tôm; ;"), 1).claims
    assert claims["history"]["allergies"] == ["Tôm"]


@pytest.mark.parametrize("blank", ["", [], {}, None])
def test_blank_optional_values_leave_no_claim(blank: Any) -> None:
    row = {**health_book(), "DOT_KCB": blank, "DI_UNG": blank, "TIEN_SU_BENH": blank}
    claims = validate_record(HEALTH_BOOK, row, 1).claims
    assert "visits" not in claims
    assert "history" not in claims


def test_ignored_columns_are_ignored_and_others_are_not() -> None:
    validate_record(HEALTH_BOOK, health_book(MA_LK="123", DU_PHONG="x", KHAC=""), 1)
    assert set(problems_of(HEALTH_BOOK, health_book(KHAC="x"))) == {"KHAC"}


@pytest.mark.parametrize("name", ["Nguyễn Văn An", "001301012345", "SO_001301012345", "An Binh", "a" * 80])
def test_an_unknown_column_that_could_be_data_is_not_repeated(name: str) -> None:
    """A CSV without a header has the first person where the column names should be."""
    with pytest.raises(RecordError) as caught:
        validate_record(HEALTH_BOOK, health_book(**{name: "x"}), 2)
    assert name not in str(caught.value)


# ------------------------------------------------------------------------------------------------ row keys


def test_the_row_key_comes_from_the_column_that_the_type_names() -> None:
    assert validate_record(HEALTH_BOOK, health_book(), 1).row_key == "SK-0001"
    assert validate_record(CRIMINAL_RECORD, criminal_record(), 1).row_key == "123/2026/PLLTP"
    assert validate_record(PROCEDURE_RESULT, procedure_result(), 1).row_key == "H15.50.05.13-261008-0975"


@pytest.mark.parametrize("key", [None, "", 5, "a b", "x" * 129])
def test_a_row_key_is_needed_and_has_a_form(key: Any) -> None:
    assert set(problems_of(HEALTH_BOOK, health_book(MA_SO_SK=key))) == {"MA_SO_SK"}


def test_a_row_key_of_its_own_goes_before_the_column_of_the_type() -> None:
    record = validate_record(PROCEDURE_RESULT, procedure_result(row_key="261008-0975.2"), 1)
    assert record.row_key == "261008-0975.2"
    assert record.claims["dossier_code"] == "H15.50.05.13-261008-0975"
    assert validate_record(HEALTH_BOOK, health_book(row_key=" "), 1).row_key == "SK-0001"


@pytest.mark.parametrize("key", [5, "a b", "x" * 129, f"SK-{PERSON['number']}"])
def test_a_row_key_of_its_own_has_the_same_form(key: Any) -> None:
    assert set(problems_of(HEALTH_BOOK, health_book(row_key=key))) == {"row_key"}


def test_a_record_names_the_version_that_it_replaces() -> None:
    assert validate_record(HEALTH_BOOK, health_book(), 1).replaces is None
    assert validate_record(HEALTH_BOOK, health_book(replaces=" "), 1).replaces is None
    assert validate_record(HEALTH_BOOK, health_book(replaces=" SK-0000 "), 1).replaces == "SK-0000"


@pytest.mark.parametrize("key", [5, "a b", "x" * 129, f"SK-{PERSON['number']}", "SK-0001"])
def test_what_a_record_replaces_is_the_row_key_of_another_record(key: Any) -> None:
    assert set(problems_of(HEALTH_BOOK, health_book(replaces=key))) == {"replaces"}


def test_a_row_key_carries_no_personal_number() -> None:
    found = problems_of(HEALTH_BOOK, health_book(MA_SO_SK=f"SK-{PERSON['number']}"))
    assert "written to logs" in found["MA_SO_SK"].expected.en


# ------------------------------------------------------------------------------------------------ conditions, warnings


CONVICTION = {"TOI_DANH": "Trộm cắp tài sản", "HINH_PHAT": "12 tháng tù", "BAN_AN": "15/2024/HS-ST", "TOA_AN": "TAND"}


def test_convictions_are_listed_exactly_when_there_are_any() -> None:
    some = criminal_record(TINH_TRANG_AN_TICH="CO_AN_TICH", AN_TICH=json.dumps([CONVICTION]))
    assert len(validate_record(CRIMINAL_RECORD, some, 1).claims["convictions"]) == 1
    missing = problems_of(CRIMINAL_RECORD, criminal_record(TINH_TRANG_AN_TICH="CO_AN_TICH"))
    assert missing["AN_TICH"].expected.en == "a value in this case"
    contradiction = problems_of(CRIMINAL_RECORD, criminal_record(AN_TICH=[CONVICTION]))
    assert contradiction["AN_TICH"].expected.en == "nothing in this case"


def test_a_number_of_another_year_or_sex_only_warns() -> None:
    record = validate_record(HEALTH_BOOK, health_book(NGAY_SINH="15/03/1971", GIOI_TINH="1"), 3)
    assert [(warning.row, warning.column) for warning in record.warnings] == [(3, "SO_CCCD"), (3, "SO_CCCD")]
    assert {warning.expected.en for warning in record.warnings} == {
        "the century and year of the birth date",
        "the sex that the record states",
    }


def test_a_number_of_no_known_place_only_warns() -> None:
    number = health_book()["SO_CCCD"]
    record = validate_record(HEALTH_BOOK, health_book(SO_CCCD="003" + number[3:]), 3)
    (warning,) = record.warnings
    assert warning.expected.en == "three first digits of the province of birth registration"
    # Hà Giang ended on 2025-07-01, and its numbers stay; from 1xx the digits are those of a country.
    for place in ("002", "101"):
        assert validate_record(HEALTH_BOOK, health_book(SO_CCCD=place + number[3:]), 3).warnings == ()


def test_a_missing_or_undetermined_sex_does_not_warn() -> None:
    assert validate_record(HEALTH_BOOK, health_book(GIOI_TINH=None), 3).warnings == ()
    assert validate_record(HEALTH_BOOK, health_book(GIOI_TINH="3"), 3).warnings == ()


# ------------------------------------------------------------------------------------------------ privacy


def test_no_error_repeats_a_value() -> None:
    canary = "Cănăriđ-9731"
    row = {column: canary for column in health_book() if column != "STT"}
    with pytest.raises(RecordError) as caught:
        validate_record(HEALTH_BOOK, {**row, "DOT_KCB": [{"MA_CSKCB": canary, canary: canary}]}, 1)
    error = caught.value
    said = " ".join([str(error), repr(error), repr(error.fields), *(p.in_vietnamese() for p in error.problems)])
    assert canary not in said


def test_a_valid_record_does_not_show_its_values() -> None:
    record: ValidRecord = validate_record(HEALTH_BOOK, health_book(), 1)
    for value in (PERSON["name"], PERSON["number"], "Penicillin"):
        assert value not in repr(record)
        assert value not in repr(record.subject)
        assert value not in repr(record.identity)


def test_a_long_list_of_problems_is_summed_up() -> None:
    with pytest.raises(RecordError, match=r"and \d+ more"):
        validate_record(HEALTH_BOOK, health_book(DOT_KCB=["x"] * 100), 1)
