"""Organisations of the sandbox."""

import re

import pytest

from giayto_wallet_api.sandbox.organisations import organisations, tax_codes
from giayto_wallet_api.sandbox.people import REFERENCE_DAY, people

# Written again from the rule, not imported: a wrong weight must not agree with itself.
_WEIGHTS = [31, 29, 23, 19, 17, 13, 7, 5, 3]


def _is_valid(tax_code: str) -> bool:
    if not re.fullmatch(r"\d{10}(-(?!000)\d{3})?", tax_code):
        return False
    weighted = sum(w * int(d) for w, d in zip(_WEIGHTS, tax_code[:9], strict=True))
    return int(tax_code[9]) == 10 - weighted % 11


def test_the_rule_itself_knows_a_known_code() -> None:
    assert _is_valid("0100109106")  # published by its owner, a telecommunications company
    assert not _is_valid("0100109107")


def test_tax_codes_are_valid_unique_and_of_a_range_that_nobody_has() -> None:
    firms = organisations(500, seed=3, people=people(50, seed=3))
    assert all(_is_valid(firm.tax_code) for firm in firms)
    assert all(firm.tax_code.startswith("99") for firm in firms)
    assert len({firm.tax_code for firm in firms}) == 500


def test_some_are_branches() -> None:
    firms = organisations(200, seed=3, people=people(50, seed=3))
    branches = [firm for firm in firms if "-" in firm.tax_code]
    assert branches
    assert all(firm.name.startswith("Chi nhánh ") for firm in branches)


def test_numbers_without_a_check_digit_are_skipped() -> None:
    codes = [code for code, _ in zip(tax_codes(), range(100), strict=False)]
    assert all(_is_valid(code) for code in codes)
    assert int(codes[-1][:9]) - int(codes[0][:9]) > 99


def test_adults_head_them() -> None:
    crowd = people(60, seed=3)
    assert all(firm.representative.age(REFERENCE_DAY) >= 18 for firm in organisations(30, seed=3, people=crowd))


def test_without_an_adult_there_is_no_organisation() -> None:
    children = [person for person in people(60, seed=3) if person.age(REFERENCE_DAY) < 18]
    with pytest.raises(ValueError, match="needs an adult"):
        organisations(1, seed=3, people=children)


def test_the_same_seed_gives_the_same_organisations() -> None:
    crowd = people(20, seed=3)
    assert organisations(20, seed=3, people=crowd) == organisations(30, seed=3, people=crowd)[:20]
