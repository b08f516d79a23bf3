"""The people of the sandbox: formed by the rules, always the same, and varied enough to be worth testing with."""

import re
from collections import Counter
from datetime import date
from unicodedata import is_normalized, normalize

import pytest

from giayto_wallet_api.sandbox.people import MAX_PEOPLE, REFERENCE_DAY, Person, adults, people
from giayto_wallet_api.sandbox.places import provinces

_MERGER = date(2025, 7, 1)
_FIRST_OF_SEED_1 = [
    ("051083994591", "Nguyễn Hữu Dũng", date(1983, 10, 8)),
    ("051183376558", "Nguyễn Ngọc Dung", date(1983, 12, 4)),
    ("051324612624", "Nguyễn Khánh Ngọc", date(2024, 1, 8)),
    ("030085848690", "Nguyễn Thanh Tùng", date(1985, 9, 3)),
]


@pytest.fixture(scope="module")
def crowd() -> tuple[Person, ...]:
    return people(5_000, seed=20261001)


def _vietnamese_letters() -> set[str]:
    vowels = "aăâeêioôơuưy"
    tones = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    return {normalize("NFC", vowel + tone) for vowel in vowels for tone in tones} | {"đ"}


def test_a_seed_means_the_same_people_on_every_machine() -> None:
    # Written out, so that a change of the generator or of its data cannot pass unnoticed.
    first = people(4, seed=1)
    assert [(person.personal_number, person.full_name, person.birth_date) for person in first] == _FIRST_OF_SEED_1


def test_a_smaller_population_is_the_beginning_of_a_larger_one() -> None:
    assert people(60, seed=7) == people(400, seed=7)[:60]


def test_another_seed_means_other_people() -> None:
    assert {person.personal_number for person in people(50, seed=1)}.isdisjoint(
        person.personal_number for person in people(50, seed=2)
    )


def test_personal_numbers_are_unique_and_say_sex_century_and_year(crowd: tuple[Person, ...]) -> None:
    assert len({person.personal_number for person in crowd}) == len(crowd)
    for person in crowd:
        number = person.personal_number
        assert re.fullmatch(r"\d{12}", number)
        century = {"0": 1900, "1": 1900, "2": 2000, "3": 2000}[number[3]]
        assert century + int(number[4:6]) == person.birth_date.year
        assert ("female" if number[3] in "13" else "male") == person.sex


def test_the_first_digits_are_the_province_of_the_time_of_birth(crowd: tuple[Person, ...]) -> None:
    former = {old.prefix: province.name for province in provinces() for old in province.registered_before_merger}
    since = {f"0{province.code}": province.name for province in provinces()}
    born_since = [person for person in crowd if person.birth_date >= _MERGER]
    assert born_since
    assert len(former) == 63
    for person in crowd:
        register = since if person.birth_date >= _MERGER else former
        assert register[person.personal_number[:3]] == person.birth_province


def test_somebody_was_registered_in_a_province_that_is_gone(crowd: tuple[Person, ...]) -> None:
    codes_today = {f"0{province.code}" for province in provinces()}
    assert any(person.personal_number[:3] not in codes_today for person in crowd)


def test_names_hold_every_letter_and_tone_and_are_nfc(crowd: tuple[Person, ...]) -> None:
    assert all(is_normalized("NFC", person.full_name) for person in crowd)
    assert _vietnamese_letters() <= set("".join(person.full_name for person in crowd).lower())


def test_names_are_clean(crowd: tuple[Person, ...]) -> None:
    for person in crowd:
        assert person.full_name == " ".join(person.full_name.split())
        assert "{" not in person.full_name
        assert len(person.full_name.split()) >= 2


def test_surnames_are_as_frequent_as_in_life(crowd: tuple[Person, ...]) -> None:
    kinh = [person for person in adults(crowd) if person.ethnicity == "Kinh"]
    share = Counter(person.surname for person in kinh)
    assert 0.27 < share["Nguyễn"] / len(kinh) < 0.36
    assert share.most_common(3)[1][0] == "Trần"


def test_small_peoples_are_named_in_their_own_way(crowd: tuple[Person, ...]) -> None:
    by_people = {ethnicity: [p for p in crowd if p.ethnicity == ethnicity] for ethnicity in ("Ê Đê", "Mông", "Khmer")}
    assert all(by_people.values())
    for person in by_people["Ê Đê"]:
        assert person.full_name.startswith("Y " if person.sex == "male" else "H'")
        assert person.full_name.endswith(person.surname)
    for person in by_people["Mông"]:
        assert person.full_name.split()[1] == ("A" if person.sex == "male" else "Thị")


def test_there_are_long_names(crowd: tuple[Person, ...]) -> None:
    assert max(len(person.full_name) for person in crowd) >= 25


def test_children_have_a_parent_of_the_same_list_to_represent_them(crowd: tuple[Person, ...]) -> None:
    by_number = {person.personal_number: person for person in crowd}
    children = [person for person in crowd if person.age(REFERENCE_DAY) < 18]
    assert children
    for child in children:
        assert child.representative is not None
        parent = by_number[child.representative.personal_number]
        assert parent.full_name == child.representative.full_name
        assert parent.sex == ("female" if child.representative.relation == "Mẹ" else "male")
        assert parent.address == child.address
        assert (child.birth_date - parent.birth_date).days >= 19 * 365
    assert all(person.representative is None for person in adults(crowd))


def test_parents_come_before_their_children(crowd: tuple[Person, ...]) -> None:
    place = {person.personal_number: index for index, person in enumerate(crowd)}
    for index, person in enumerate(crowd):
        if person.representative is not None:
            assert place[person.representative.personal_number] < index


def test_children_are_named_after_the_parent_that_their_people_follow(crowd: tuple[Person, ...]) -> None:
    by_number = {person.personal_number: person for person in crowd}
    mothers_children = [
        (child, by_number[child.representative.personal_number])
        for child in crowd
        if child.ethnicity == "Ê Đê" and child.representative is not None and child.representative.relation == "Mẹ"
    ]
    assert mothers_children
    assert all(child.surname == mother.surname for child, mother in mothers_children)


def test_addresses_are_of_after_the_merger(crowd: tuple[Person, ...]) -> None:
    communes = {province.code: {commune.code for commune in province.communes} for province in provinces()}
    assert len(communes) == 34
    assert all(3 <= len(codes) <= 6 for codes in communes.values())
    for person in crowd:
        assert person.address.commune.code in communes[person.address.province.code]
        assert re.fullmatch(r"\d{5}", person.address.commune.code)
        assert "huyện" not in person.address.text.lower()


def test_the_written_address_runs_from_house_to_province() -> None:
    address = people(1, seed=1)[0].address
    expected = (
        f"{address.line}, {address.commune.type.lower()} {address.commune.name}, "
        f"{address.province.type.lower()} {address.province.name}"
    )
    assert address.text == expected


def test_everybody_lives_everywhere(crowd: tuple[Person, ...]) -> None:
    assert {person.address.province.code for person in crowd} == {province.code for province in provinces()}


def test_telephone_and_insurance_numbers_are_of_ranges_that_nobody_has(crowd: tuple[Person, ...]) -> None:
    phones = [person.phone for person in crowd if person.phone is not None]
    assert len(set(phones)) == len(phones)
    assert all(re.fullmatch(r"0100\d{6}", phone) for phone in phones)
    cards = [person.insurance_card for person in crowd]
    assert len(set(cards)) == len(cards)
    assert all(re.fullmatch(r"[A-Z]{2}[1-5]\d{2}00\d{8}", card) for card in cards)
    assert all(person.insurance_card[3:5] == person.address.province.code for person in crowd)


def test_insurance_groups_fit_the_age(crowd: tuple[Person, ...]) -> None:
    for person in crowd:
        age = person.age(REFERENCE_DAY)
        assert (person.insurance_card[:2] == "TE") == (age < 6)
        assert (person.insurance_card[:2] == "HS") == (6 <= age < 18)


@pytest.mark.parametrize("count", [-1, MAX_PEOPLE + 1])
def test_numbers_run_out_after_a_million(count: int) -> None:
    with pytest.raises(ValueError, match="0 to 1000000 people"):
        people(count, seed=1)


def test_age_changes_on_the_birthday() -> None:
    person = people(1, seed=1)[0]
    birthday = person.birth_date.replace(year=2026)
    assert person.age(birthday) == 2026 - person.birth_date.year
    assert person.age(date.fromordinal(birthday.toordinal() - 1)) == 2025 - person.birth_date.year
