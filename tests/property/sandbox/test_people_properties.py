"""What holds for the sandbox's people whatever the seed."""

import re
from datetime import date
from unicodedata import is_normalized

from hypothesis import given, settings
from hypothesis import strategies as st

from giayto_wallet_api.sandbox.dice import Dice
from giayto_wallet_api.sandbox.organisations import organisations
from giayto_wallet_api.sandbox.people import REFERENCE_DAY, people, personal_number
from giayto_wallet_api.sandbox.records import criminal_record_rows, health_book_rows, procedure_result_rows

seeds = st.integers(min_value=-(2**63), max_value=2**63)


@settings(deadline=None, max_examples=60)
@given(seed=seeds, count=st.integers(min_value=0, max_value=60))
def test_any_seed_gives_well_formed_people(seed: int, count: int) -> None:
    crowd = people(count, seed=seed)
    assert len(crowd) == count
    assert len({person.personal_number for person in crowd}) == count
    for person in crowd:
        assert re.fullmatch(r"0\d{2}[0-3]\d{8}", person.personal_number)
        assert is_normalized("NFC", person.full_name)
        assert person.birth_date <= REFERENCE_DAY
        assert 0 <= person.age(REFERENCE_DAY) <= 92
        assert (person.representative is not None) == (person.age(REFERENCE_DAY) < 18)


@settings(deadline=None, max_examples=30)
@given(seed=seeds, today=st.dates(date(2026, 10, 1), date(2046, 1, 1)))
def test_any_day_gives_records(seed: int, today: date) -> None:
    crowd = people(8, seed=seed)
    assert len(list(health_book_rows(crowd, seed=seed, today=today))) == 8
    old_enough = [person for person in crowd if person.age(today) >= 16]
    assert len(list(criminal_record_rows(crowd, seed=seed, today=today))) == len(old_enough)
    assert len(list(procedure_result_rows(crowd, seed=seed, today=today))) <= len(old_enough)


@settings(deadline=None, max_examples=30)
@given(seed=seeds)
def test_any_seed_gives_organisations(seed: int) -> None:
    firms = organisations(20, seed=seed, people=people(30, seed=seed))
    assert len({firm.tax_code for firm in firms}) == 20
    assert all(firm.founded_on <= REFERENCE_DAY for firm in firms)


@given(
    prefix=st.from_regex(r"\A[0-9]{3}\Z"),
    sex=st.sampled_from(("male", "female")),
    year=st.integers(1900, 2099),
    serial=st.integers(0, 999_999),
)
def test_a_personal_number_says_what_it_was_made_from(prefix: str, sex: str, year: int, serial: int) -> None:
    number = personal_number(prefix, "male" if sex == "male" else "female", year, serial)
    assert len(number) == 12
    assert number[:3] == prefix
    assert 1900 + 100 * (int(number[3]) // 2) + int(number[4:6]) == year
    assert (int(number[3]) % 2 == 1) == (sex == "female")
    assert int(number[6:]) == serial


@given(seed=st.text(max_size=20), low=st.integers(-1000, 1000), width=st.integers(0, 1000))
def test_dice_stay_between_their_ends(seed: str, low: int, width: int) -> None:
    assert low <= Dice(seed).between(low, low + width) <= low + width
