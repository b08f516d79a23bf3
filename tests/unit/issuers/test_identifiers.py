"""Identifiers: what each rule takes, what it makes of it, and what it refuses."""

import re
from datetime import date

import pytest

from giayto_issuers.identifiers.agency import agency_matches, normalise_agency_id
from giayto_issuers.identifiers.personal_number import agrees_with_birth_date, agrees_with_sex
from giayto_issuers.identifiers.rules import PATTERNS, RULES, check_row_key
from giayto_issuers.values.unfit import Unfit

GOOD = [
    ("personal-number", "001301012345", "001301012345"),
    ("person-name", "Nguyễn Thị Ánh-Tuyết", "Nguyễn Thị Ánh-Tuyết"),
    ("person-name", "Y Bih Ê-ban", "Y Bih Ê-ban"),
    ("person-name", "Nguyễn T. O'Neil", "Nguyễn T. O'Neil"),
    ("person-name", "n\u0308\u0301", "n\u0308\u0301"),
    ("tax-code", "0100233488", "0100233488"),
    ("tax-code", "0314409058-002", "0314409058-002"),
    ("agency", "H15.50.05.13", "H15.50.05.13"),
    ("agency", "000.00.12.H62", "H62.12"),
    ("agency", "000.00.00.G01", "G01"),
    ("agency", "013.05.50.H15", "H15.50.05.13"),
    ("dossier-code", "H15.50.05.13-261008-0975", "H15.50.05.13-261008-0975"),
    ("dossier-code", "G01-261008-123456", "G01-261008-123456"),
    ("dossier-code", "G01.05-240229-1234567", "G01.05-240229-1234567"),
    ("procedure-code", "1.011442", "1.011442"),
    ("procedure-code", "1.011442.000.00.00.H38", "1.011442.000.00.00.H38"),
    ("health-facility", "01901", "01901"),
    ("health-facility", "8930000000019", "8930000000019"),
    ("health-insurance-card", "DN4011234567890", "DN4011234567890"),
    ("health-insurance-card", "dn 4 01 1234567890", "DN4011234567890"),
    ("health-insurance-card", "0123456789", "0123456789"),
    ("icd-10", "e11", "E11"),
    ("icd-10", "I10.1", "I10.1"),
    ("icd-10", "M01.3*", "M01.3*"),
    ("phone", "0912.345.678", "0912345678"),
    ("phone", "+84 912-345-678", "+84912345678"),
    ("email", "nguyen.an@example.vn", "nguyen.an@example.vn"),
]


@pytest.mark.parametrize(("kind", "text", "signed"), GOOD)
def test_good_identifiers_take_one_form_and_keep_it(kind: str, text: str, signed: str) -> None:
    assert RULES[kind](text) == signed
    assert RULES[kind](signed) == signed


BAD = [
    ("personal-number", "00130101234"),
    ("personal-number", "0013010123456"),
    ("personal-number", "00130101234a"),
    ("personal-number", "٠٠١٣٠١٠١٢٣٤٥"),
    ("person-name", "Nguyễn Văn 2"),
    ("person-name", "Nguyễn|Văn"),
    ("person-name", "-"),
    ("person-name", ""),
    ("tax-code", "0100233480"),  # check digit
    ("tax-code", "0314409058-000"),
    ("tax-code", "0314409058002"),
    ("tax-code", "010023348"),
    ("tax-code", "0100000000"),
    ("agency", "H1"),
    ("agency", "15.50.05.13"),
    ("agency", "H15.50.05.13.02"),
    ("agency", "h15"),
    ("dossier-code", "H15.50.05.13-261308-0975"),  # month 13
    ("dossier-code", "H15.50.05.13-250229-0975"),  # no leap year
    ("dossier-code", "H15.50.05.13-261008-097"),
    ("dossier-code", "H15.50.05.13-261008-09751"),
    ("dossier-code", "261008-0975"),
    ("procedure-code", "1.01144"),
    ("procedure-code", "1.011442.H38"),
    ("health-facility", "0190"),
    ("health-facility", "019012"),
    ("health-insurance-card", "DN9011234567890"),  # benefit level 9
    ("health-insurance-card", "0000000000"),  # "no card" of forms
    ("health-insurance-card", "DN4010000000000"),
    ("health-insurance-card", "123456789"),
    ("icd-10", "11E"),
    ("icd-10", "E1"),
    ("icd-10", "E11.12345"),
    ("phone", "912345678"),
    ("phone", "113"),
    ("phone", "+0912345678"),
    ("email", "nguyen.an"),
    ("email", "a@b"),
    ("email", "a b@example.vn"),
]


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_bad_identifiers_are_refused(kind: str, text: str) -> None:
    with pytest.raises(Unfit) as refusal:
        RULES[kind](text)
    with pytest.raises(Unfit) as another:
        RULES[kind]("!")
    assert refusal.value.expected == another.value.expected  # so it says nothing about the value


def weighted_remainder(nine_digits: str) -> int:
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    return sum(weight * int(digit) for weight, digit in zip(weights, nine_digits, strict=True)) % 11


def test_the_check_digit_of_tax_codes_is_the_published_one() -> None:
    """Ten minus the weighted sum modulo 11; a remainder of 0 gives no code at all."""
    remainders = set()
    for number in range(10_000_001, 10_000_200):
        nine = f"{number:09}"
        remainder = weighted_remainder(nine)
        remainders.add(remainder)
        accepted = []
        for digit in range(10):
            try:
                accepted.append(RULES["tax-code"](f"{nine}{digit}"))
            except Unfit:
                continue
        assert accepted == ([] if remainder == 0 else [f"{nine}{10 - remainder}"])
    assert remainders == set(range(11))


@pytest.mark.parametrize(
    ("pattern", "agency", "covered"),
    [
        ("G01", "G01", True),
        ("G01", "G01.12", False),
        ("G01", "G02", False),
        ("G01.*", "G01", False),
        ("G01.*", "G01.12", True),
        ("G01.*", "G01.12.3", True),
        ("G01.*", "G011.12", False),
        ("H??", "H62", True),
        ("H??", "G62", False),
        ("H??.*", "H62.12.03", True),
        ("H15.50", "H15.50", True),
        ("H15.50.*", "H15.50.05.13", True),
        ("H15.50.*", "H15.51.05.13", False),
        ("H15.50.*", "H15.50", False),
    ],
)
def test_agency_patterns(pattern: str, agency: str, covered: bool) -> None:
    assert agency_matches(pattern, agency) is covered


@pytest.mark.parametrize(("rule", "signed"), sorted({(rule, signed) for rule, _, signed in GOOD}))
def test_the_signed_form_has_the_pattern_that_is_published(rule: str, signed: str) -> None:
    if rule == "person-name":
        assert rule not in PATTERNS
    else:
        assert re.fullmatch(PATTERNS[rule], signed)


def test_the_former_form_of_an_agency_loses_only_unused_levels() -> None:
    assert normalise_agency_id("000.10.00.H62") == "H62.00.10"


@pytest.mark.parametrize(
    ("number", "year"),
    [
        ("001099000001", 1999),
        ("001199000001", 1999),
        ("001200000001", 2000),
        ("001312000001", 2012),
        ("001905000001", 2305),
    ],
)
def test_century_and_year_of_a_personal_number(number: str, year: int) -> None:
    assert agrees_with_birth_date(number, date(year, 6, 1))
    assert not agrees_with_birth_date(number, date(year - 100, 6, 1))
    assert not agrees_with_birth_date(number, date(year - 1, 6, 1))


def test_sex_of_a_personal_number() -> None:
    assert agrees_with_sex("001200000001", "1")
    assert not agrees_with_sex("001200000001", "2")
    assert agrees_with_sex("001300000001", "2")
    assert not agrees_with_sex("001300000001", "1")
    assert agrees_with_sex("001300000001", "3")
    assert agrees_with_sex("001300000001", "")


@pytest.mark.parametrize("key", ["SK-0001", "123/2026/PLLTP-ĐN", "a", "x" * 128, "H15.50-261008-0975"])
def test_row_keys(key: str) -> None:
    assert check_row_key(key) == key


@pytest.mark.parametrize("key", ["", " ", "-a", "a b", "x" * 129, "a\nb", "a;b"])
def test_bad_row_keys(key: str) -> None:
    with pytest.raises(Unfit):
        check_row_key(key)
