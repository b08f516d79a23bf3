"""Single values: text, times, numbers, codes, and how they are named without being shown."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import Claim, ClaimType
from giayto_issuers.values.single import MAX_TEXT, normalise_single
from giayto_issuers.values.text import clean_line, clean_paragraphs
from giayto_issuers.values.times import (
    VIETNAM,
    day_in_vietnam,
    end_of_day,
    format_moment,
    parse_date,
    parse_datetime,
    start_of_day,
)
from giayto_issuers.values.unfit import CellNumber, Unfit, UnfitValue
from giayto_issuers.values.value_class import value_class

LABEL = Localised(vi="Thử", en="Test")
CODES = {"01": LABEL, "02": LABEL, "7": LABEL, "CÓ": LABEL}


def claim(kind: ClaimType, **settings: Any) -> Claim:
    return Claim(name="test", type=kind, label=LABEL, **settings)


# ------------------------------------------------------------------------------------------------ text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Nguyễn \t Văn\u00a0An ", "Nguyễn Văn An"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("dòng 1\r\ndòng 2", "dòng 1 dòng 2"),
        ("", ""),
    ],
)
def test_a_line_is_normalised(text: str, clean: str) -> None:
    assert clean_line(text) == clean


def test_paragraphs_keep_their_lines() -> None:
    assert clean_paragraphs("\n Sốt \r\n\r\nho\tkhan  \rmệt\n") == "Sốt\n\nho khan\nmệt"
    assert clean_paragraphs("tie\u0302\u0301ng") == "tiếng"


REFUSED = {
    "NUL": "\x00",
    "escape": "\x1b",
    "C1 control": "\x85",
    "bidi override": "\u202e",
    "bidi isolate": "\u2066",
    "right-to-left mark": "\u200f",
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "BOM": "\ufeff",
    "soft hyphen": "\xad",
    "tag": "\U000e0041",
    "unassigned": "\u0378",
    "noncharacter": "\uffff",
    "private use": "\ue000",
    "surrogate": "\ud800",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
}


@pytest.mark.parametrize("character", REFUSED.values(), ids=REFUSED.keys())
def test_characters_that_deceive_are_refused_and_named(character: str) -> None:
    for clean in (clean_line, clean_paragraphs):
        with pytest.raises(Unfit) as refusal:
            clean(f"An{character}h")
        assert f"U+{ord(character):04X}" in refusal.value.expected.en
        assert f"U+{ord(character):04X}" in refusal.value.expected.vi


# ------------------------------------------------------------------------------------------------ times


@pytest.mark.parametrize(
    "text",
    ["08/10/2026", "8/10/2026", "8-10-2026", "20261008", "202610081430", "20261008143005", "2026-10-08",
     "2026-10-08T14:30:00+07:00", "2026-10-08 14:30", "08/10/2026 14:30:05", "2026-10-07T20:00:00Z"],
)  # fmt: skip
def test_every_vietnamese_form_of_a_day_is_read(text: str) -> None:
    assert parse_date(text) == date(2026, 10, 8)


@pytest.mark.parametrize(
    "text",
    ["", "31/02/2026", "29/02/2025", "00/00/1990", "199000000000", "1990", "10/1990", "2026-13-01", "8/10-2026",
     "202610082530", "20261008143", "2026-10-08T14:30:00+25:00", "08.10.2026", "0001-01-01", "2200-01-01", "1849-12-31",
     "٠٨/١٠/٢٠٢٦", "2026-10-08x", "08/10/26"],
)  # fmt: skip
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        parse_date(text)
    with pytest.raises(Unfit):
        parse_datetime(text)


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("202610081430", "2026-10-08T14:30:00+07:00"),
        ("08/10/2026 9:05", "2026-10-08T09:05:00+07:00"),
        ("08/10/2026 09:05:59", "2026-10-08T09:05:59+07:00"),
        ("2026-10-08T07:30:00Z", "2026-10-08T14:30:00+07:00"),
        ("2026-10-08T07:30:00.123456+00:00", "2026-10-08T14:30:00+07:00"),
        ("2026-10-08 14:30", "2026-10-08T14:30:00+07:00"),
        ("08/10/2026", "2026-10-08"),
    ],
)
def test_moments_are_signed_in_vietnams_time(text: str, signed: str) -> None:
    assert format_moment(parse_datetime(text)) == signed
    assert format_moment(parse_datetime(signed)) == signed


def test_a_day_begins_and_ends_in_vietnam() -> None:
    assert start_of_day(date(2026, 10, 8)) == datetime(2026, 10, 7, 17, tzinfo=UTC)
    assert end_of_day(date(2026, 10, 8)) == datetime(2026, 10, 8, 17, tzinfo=UTC)
    assert day_in_vietnam(datetime(2026, 10, 7, 17, tzinfo=UTC)) == date(2026, 10, 8)
    assert day_in_vietnam(datetime(2026, 10, 7, 16, 59, 59, tzinfo=UTC)) == date(2026, 10, 7)
    assert timezone(timedelta(hours=7)) == VIETNAM


# ------------------------------------------------------------------------------------------------ by claim

GOOD: list[tuple[Claim, Any, Any]] = [
    (claim(ClaimType.STRING), " a  b ", "a b"),
    (claim(ClaimType.STRING, pattern="[0-9]{2}"), "12", "12"),
    (claim(ClaimType.STRING, max_length=3), "abc", "abc"),
    (claim(ClaimType.TEXT), "a\r\nb", "a\nb"),
    (claim(ClaimType.IDENTIFIER, identifier="icd-10"), " e11.9 ", "E11.9"),
    (claim(ClaimType.DATE), "202610081430", "2026-10-08"),
    (claim(ClaimType.DATETIME), "202610081430", "2026-10-08T14:30:00+07:00"),
    (claim(ClaimType.INTEGER), "-12", -12),
    (claim(ClaimType.INTEGER), 2**53 - 1, 2**53 - 1),
    (claim(ClaimType.INTEGER, minimum=1, maximum=3), "3", 3),
    (claim(ClaimType.DECIMAL), "58,5", "58.5"),
    (claim(ClaimType.DECIMAL), "58.50", "58.5"),
    (claim(ClaimType.DECIMAL), "058", "58"),
    (claim(ClaimType.DECIMAL), 58.0, "58"),
    (claim(ClaimType.DECIMAL), 58, "58"),
    (claim(ClaimType.DECIMAL), "0,125", "0.125"),
    (claim(ClaimType.DECIMAL), "-0.125", "-0.125"),
    (claim(ClaimType.DECIMAL), "-0", "0"),
    (claim(ClaimType.DECIMAL), "100", "100"),
    (claim(ClaimType.CODE, codes=CODES), "01", "01"),
    (claim(ClaimType.CODE, codes=CODES), "1", "01"),
    (claim(ClaimType.CODE, codes=CODES), "001", "01"),
    (claim(ClaimType.CODE, codes=CODES), 7, "7"),
    (claim(ClaimType.CODE, codes=CODES), "CO\u0301", "CÓ"),
    (claim(ClaimType.BOOLEAN), "1", True),
    (claim(ClaimType.BOOLEAN), "FALSE", False),
    (claim(ClaimType.BOOLEAN), "Có", True),
    (claim(ClaimType.BOOLEAN), "không", False),
    (claim(ClaimType.BOOLEAN), 0, False),
    (claim(ClaimType.BOOLEAN), True, True),
    (claim(ClaimType.LIST, item=ClaimType.INTEGER), "4", 4),
]


@pytest.mark.parametrize(("kind", "value", "signed"), GOOD)
def test_values_take_their_signed_form_and_keep_it(kind: Claim, value: Any, signed: Any) -> None:
    normal = normalise_single(kind, value)
    assert (type(normal), normal) == (type(signed), signed)
    again = normalise_single(kind, normal)
    assert (type(again), again) == (type(normal), normal)


BAD: list[tuple[Claim, Any, str]] = [
    (claim(ClaimType.STRING), 5, "text"),
    (claim(ClaimType.STRING), ["a"], "text"),
    (claim(ClaimType.STRING, pattern="[0-9]{2}"), "123", "of the form"),
    (claim(ClaimType.STRING, max_length=3), "abcd", "at most 3"),
    (claim(ClaimType.STRING), "a" * (MAX_TEXT + 1), f"at most {MAX_TEXT}"),
    (claim(ClaimType.STRING, max_length=10 * MAX_TEXT), "a" * (MAX_TEXT + 1), f"at most {MAX_TEXT}"),
    (claim(ClaimType.STRING), "a\u202eb", "U+202E"),
    (claim(ClaimType.TEXT, max_length=3), "a\nbc", "at most 3"),
    (claim(ClaimType.IDENTIFIER, identifier="icd-10"), "hello", "ICD-10"),
    (claim(ClaimType.IDENTIFIER, identifier="phone", max_length=5), "0912345678", "at most 5"),
    (claim(ClaimType.DATE), 20261008, "text"),
    (claim(ClaimType.INTEGER), "1.000", "whole number"),
    (claim(ClaimType.INTEGER), "1,5", "whole number"),
    (claim(ClaimType.INTEGER), 1.0, "whole number"),
    (claim(ClaimType.INTEGER), True, "whole number"),
    (claim(ClaimType.INTEGER), 2**53, "whole number"),
    (claim(ClaimType.INTEGER), "9" * 16, "whole number"),
    (claim(ClaimType.INTEGER), "١٢", "whole number"),
    (claim(ClaimType.INTEGER, minimum=1), "0", "not below 1"),
    (claim(ClaimType.INTEGER, maximum=3), "4", "not above 3"),
    (claim(ClaimType.DECIMAL), "1.500", "two decimals"),
    (claim(ClaimType.DECIMAL), "1,234.5", "two decimals"),
    (claim(ClaimType.DECIMAL), "1e3", "two decimals"),
    (claim(ClaimType.DECIMAL), 1e300, "two decimals"),
    (claim(ClaimType.DECIMAL), True, "two decimals"),
    (claim(ClaimType.DECIMAL), [], "two decimals"),
    (claim(ClaimType.DECIMAL, minimum=20), "19.99", "not below 20"),
    (claim(ClaimType.DECIMAL, maximum=20), "20.01", "not above 20"),
    (claim(ClaimType.CODE, codes=CODES), "3", "one of the codes 01, 02"),
    (claim(ClaimType.CODE, codes=CODES), True, "text"),
    (claim(ClaimType.CODE, codes=CODES), "010", "one of the codes"),
    (claim(ClaimType.CODE, codes=CODES), "000", "one of the codes"),
    (claim(ClaimType.CODE, codes={"01": LABEL, "001": LABEL}), "1", "one of the codes"),
    (claim(ClaimType.BOOLEAN), "yes", "yes or no"),
    (claim(ClaimType.BOOLEAN), 2, "yes or no"),
    (claim(ClaimType.BOOLEAN), 1.0, "yes or no"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), BAD)
def test_other_values_are_refused_with_what_is_expected(kind: Claim, value: Any, expected: str) -> None:
    with pytest.raises(Unfit) as refusal:
        normalise_single(kind, value)
    assert expected in refusal.value.expected.en
    assert refusal.value.expected.vi


def test_a_long_code_list_is_not_recited() -> None:
    codes = {str(number): LABEL for number in range(100, 200)}
    with pytest.raises(Unfit) as refusal:
        normalise_single(claim(ClaimType.CODE, codes=codes), "1")
    assert refusal.value.expected.en.endswith("111, …")


# ------------------------------------------------------------------------------------------------ naming values


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (None, "ô trống", "nothing"),
        ("   ", "ô trống", "nothing"),
        ("Ánh", "chuỗi 3 chữ cái", "text of 3 letters"),
        ("A", "chuỗi 1 chữ cái", "text of 1 letter"),
        (" 001301012345", "chuỗi 12 chữ số", "text of 12 digits"),
        ("A12", "chuỗi 3 chữ cái và chữ số", "text of 3 letters and digits"),
        ("Nguyễn Văn", "chuỗi 10 ký tự", "text of 10 characters"),
        (True, "giá trị đúng/sai", "a boolean"),
        (12, "số nguyên", "an integer"),
        (1.5, "số thập phân", "a decimal number"),
        ([1], "danh sách 1 phần tử", "a list of 1 element"),
        ({"a": 1, "b": 2}, "đối tượng có 2 trường", "an object of 2 members"),
        (object(), "giá trị không rõ loại", "a value of unknown kind"),
    ],
)
def test_a_value_is_named_without_being_shown(value: Any, vi: str, en: str) -> None:
    assert value_class(value) == Localised(vi=vi, en=en)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", "2024"),
        ("năm 2024", "2024"),
        ("00/00/2024", "2024"),
        ("20240000", "2024"),
        ("3/2024", "2024-03"),
        ("00/03/2024", "2024-03"),
        ("2024-03", "2024-03"),
        ("20240300", "2024-03"),
        ("tháng 3 năm 2024", "2024-03"),
        ("05/03/2024", "2024-03-05"),
        ("202403051430", "2024-03-05"),
        ("Ngày 5 tháng 3 năm 2024", "2024-03-05"),
    ],
)
def test_a_partial_date_keeps_what_is_known(text: str, expected: str) -> None:
    kind = claim(ClaimType.DATE, partial=True)
    assert normalise_single(kind, text) == expected
    assert normalise_single(kind, expected) == expected


@pytest.mark.parametrize(
    "text", ["13/2024", "0/2024", "1849", "2200", "20241300", "24", "tháng 13 năm 2024", "31/02/2024"]
)
def test_a_partial_date_must_exist(text: str) -> None:
    with pytest.raises(Unfit):
        normalise_single(claim(ClaimType.DATE, partial=True), text)


@pytest.mark.parametrize("text", ["ngày 5 tháng 3 năm 2024", "NGÀY 05 tháng 03 năm 2024", "5 tháng 3 năm 2024"])
def test_a_day_may_be_written_in_words(text: str) -> None:
    assert normalise_single(claim(ClaimType.DATE), text.replace("NGÀY", "Ngày")) == "2024-03-05"


def test_a_number_cell_that_lost_its_zeros_is_refused_and_told_why() -> None:
    kind = claim(ClaimType.IDENTIFIER, identifier="personal-number")
    with pytest.raises(Unfit) as refusal:
        normalise_single(kind, CellNumber(79123456789))
    assert "loses leading zeros" in refusal.value.expected.en
    assert "số 0 ở đầu" in refusal.value.expected.vi
    assert "79123456789" not in refusal.value.expected.en + refusal.value.expected.vi


def test_a_number_cell_whose_digits_are_whole_is_taken() -> None:
    assert normalise_single(claim(ClaimType.IDENTIFIER, identifier="health-facility"), CellNumber(79001)) == "79001"
    assert normalise_single(claim(ClaimType.STRING), CellNumber(12)) == "12"
    number = normalise_single(claim(ClaimType.INTEGER), CellNumber(12))
    assert (number, type(number)) == (12, int)


def test_what_was_found_unusable_is_refused_in_its_place() -> None:
    expected = Localised(vi="ngày", en="a day")
    with pytest.raises(Unfit) as refusal:
        normalise_single(claim(ClaimType.STRING), UnfitValue("#N/A", expected))
    assert refusal.value.expected == expected
    assert value_class(UnfitValue("12", expected)) == value_class("12")
    assert "12" not in repr(UnfitValue("12", expected))
