"""The 12-digit personal number: place of birth registration (3), century and sex (1), year (2), sequence (6).

It has no check digit, and a number may be cancelled and replaced. So its form is checked strictly, while a sex or year
that differs from the rest of the record is only a warning, and so is a place that no list has.
"""

from datetime import date
from re import ASCII
from re import compile as compile_pattern

from giayto_issuers.code_lists.dated import dated_code_lists
from giayto_issuers.code_lists.places import PROVINCES
from giayto_issuers.values.unfit import unfit

FORM = compile_pattern(r"\d{12}", ASCII)
MALE, FEMALE = "1", "2"
"""Codes of the `sex` code list."""


def check_personal_number(text: str) -> str:
    """Return the number.

    Raises:
        Unfit: not 12 digits.
    """
    if not FORM.fullmatch(text):
        raise unfit(
            "số định danh 12 chữ số (bảng tính có thể đã bỏ số 0 ở đầu)",
            "a personal number of 12 digits (a spreadsheet may have dropped leading zeros)",
        )
    return text


def names_a_known_place(number: str) -> bool:
    """Tell whether the place in a well-formed number is a province of any time, or abroad (from 1xx, not looked up)."""
    return number[0] != "0" or number[1:3] in dated_code_lists()[PROVINCES]


def agrees_with_birth_date(number: str, birth_date: date) -> bool:
    """Tell whether the century and year in a well-formed number are those of the birth date."""
    century_and_sex, year = int(number[3]), int(number[4:6])
    return 1900 + 100 * (century_and_sex // 2) + year == birth_date.year


def agrees_with_sex(number: str, sex: str) -> bool:
    """Tell whether the sex in a well-formed number (even male, odd female) is `sex`, a code of the `sex` list."""
    if sex not in (MALE, FEMALE):
        return True
    return sex == (FEMALE if int(number[3]) % 2 else MALE)
