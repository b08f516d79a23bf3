"""Made-up people of Vietnam, in families: the same seed gives the same people on every machine and Python.

Everything about a person is formed by the public rules (names, personal number, address since the merger of
2025-07-01, health-insurance card), and nobody is real. Telephone numbers begin with 0100, which has not been
allotted since the eleven-digit numbers ended in 2018; insurance numbers begin with 00.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count as count_from
from itertools import islice

from giayto_wallet_api.sandbox.dice import Dice
from giayto_wallet_api.sandbox.naming import (
    Sex,
    full_name,
    names_file,
    some_ethnicity,
    some_surname,
)
from giayto_wallet_api.sandbox.places import (
    Address,
    Facility,
    facilities,
    some_address,
    some_birth_register,
    some_province,
)

REFERENCE_DAY = date(2026, 10, 1)
"""Ages are those of this day, so that the people do not change with the calendar."""

MAX_PEOPLE = 1_000_000
"""The six last digits of the personal number are given out once each."""

_BENEFIT_LEVEL = {"TE": 1, "DT": 2, "HT": 3, "HS": 4, "DN": 4, "HC": 4, "GD": 4}
"""Benefit digit of the insurance card by the group of the insured."""


@dataclass(frozen=True, slots=True)
class Representative:
    """The parent who stands for a child before the agencies; `relation` in Vietnamese (`Mẹ`, `Cha`)."""

    full_name: str
    relation: str
    personal_number: str
    phone: str


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person.

    `personal_number` has 12 digits, `ethnicity_code` 2, `occupation_code` 5; a small child has no `phone`.
    `birth_province` is the name, since the merger, of the province that registered the birth.
    `insurance_card` has 15 characters, `first_facility` is where its holder is registered for treatment.
    `representative` stands for who is under 18.
    """

    personal_number: str
    full_name: str
    surname: str
    sex: Sex
    birth_date: date
    birth_province: str
    ethnicity_code: str
    ethnicity: str
    nationality: str
    address: Address
    phone: str | None
    occupation_code: str | None
    occupation: str | None
    insurance_card: str
    first_facility: Facility
    representative: Representative | None

    def age(self, on: date) -> int:
        """Return the completed years of life on the day `on`."""
        return completed_years(self.birth_date, on)


def completed_years(birth_date: date, on: date) -> int:
    """Return the age in completed years on the day `on`."""
    before_birthday = (on.month, on.day) < (birth_date.month, birth_date.day)
    return on.year - birth_date.year - before_birthday


def people(count: int, *, seed: int) -> tuple[Person, ...]:
    """Return the first `count` people of the population of `seed`, always in the same order.

    Parents come before their children. Raises ValueError for more than `MAX_PEOPLE`.
    """
    if not 0 <= count <= MAX_PEOPLE:
        raise ValueError(f"the sandbox has 0 to {MAX_PEOPLE} people")
    return tuple(islice(_population(seed), count))


def _population(seed: int) -> Iterator[Person]:
    serials = count_from()
    for number in count_from():
        yield from _Family(seed, number, serials).members()


class _Family:
    """One household: everybody lives at one address and belongs to one people."""

    def __init__(self, seed: int, number: int, serials: Iterator[int]) -> None:
        self._dice = Dice("family", seed, number)
        self._seed = seed
        self._serials = serials
        self._province = some_province(self._dice)
        self._ethnicity = some_ethnicity(self._province, self._dice)
        self._address = some_address(self._province, self._dice)
        self._register = some_birth_register(self._province, self._dice)
        self._names: set[str] = set()

    def members(self) -> Iterator[Person]:
        kind = self._dice.weighted({"alone": 20, "couple": 15, "old couple": 15, "parents": 50})
        if kind == "alone":
            yield self._adult(self._dice.pick(("male", "female")), self._dice.between(18, 88))
            return
        wife_age = {"couple": (23, 50), "old couple": (58, 86), "parents": (24, 46)}[kind]
        mother = self._adult("female", self._dice.between(*wife_age))
        father = self._adult("male", mother.age(REFERENCE_DAY) + self._dice.between(0, 6))
        yield from (father, mother)
        if kind == "parents":
            for _ in range(self._dice.weighted({1: 35, 2: 50, 3: 15})):
                yield self._child(father, mother)

    def _adult(self, sex: Sex, age: int) -> Person:
        surname = some_surname(self._ethnicity, self._province, self._dice)
        return self._person(sex, self._birthday(age), surname, representative=None)

    def _child(self, father: Person, mother: Person) -> Person:
        sex: Sex = self._dice.pick(("male", "female"))
        oldest = min(mother.age(REFERENCE_DAY) - 20, 17)
        birth_date = self._birthday(self._dice.between(0, oldest))
        bearer = father if self._ethnicity.child_surname == "father" else mother
        parent, relation = self._dice.pick(((father, "Cha"), (mother, "Mẹ")))
        stands_for = Representative(parent.full_name, relation, parent.personal_number, parent.phone or "")
        return self._person(sex, birth_date, bearer.surname, representative=stands_for)

    def _birthday(self, age: int) -> date:
        first = REFERENCE_DAY.replace(year=REFERENCE_DAY.year - age - 1)
        last = REFERENCE_DAY.replace(year=REFERENCE_DAY.year - age)
        # Born on `first` one would be a year older; on `last` the birthday is the reference day itself.
        return self._dice.day(date.fromordinal(first.toordinal() + 1), last)

    def _person(self, sex: Sex, birth_date: date, surname: str, representative: Representative | None) -> Person:
        serial = next(self._serials)
        dice = self._dice
        age = completed_years(birth_date, REFERENCE_DAY)
        born_in, register = self._province, self._register
        if representative is None and dice.chance(0.2):
            born_in = some_province(dice)
            register = some_birth_register(born_in, dice)
        digits = _spread(serial, self._seed)
        occupation_code = dice.pick(tuple(names_file().occupations)) if 18 <= age < 62 else None
        return Person(
            personal_number=personal_number(register.prefix(birth_date), sex, birth_date.year, digits),
            full_name=self._new_name(surname, sex, birth_date.year),
            surname=surname,
            sex=sex,
            birth_date=birth_date,
            birth_province=born_in.name,
            ethnicity_code=self._ethnicity.code,
            ethnicity=self._ethnicity.name,
            nationality="Việt Nam",
            address=self._address,
            phone=f"0100{_spread(serial, self._seed + 1):06}" if age >= 12 else None,
            occupation_code=occupation_code,
            occupation=names_file().occupations[occupation_code] if occupation_code else None,
            insurance_card=self._insurance_card(age, occupation_code, serial),
            first_facility=dice.pick(facilities(self._province)),
            representative=representative,
        )

    def _new_name(self, surname: str, sex: Sex, birth_year: int) -> str:
        """Return a name that nobody of the family bears yet, unless there are too few."""
        for _ in range(8):
            name = full_name(self._ethnicity, surname, sex, birth_year, self._dice)
            if name not in self._names:
                break
        self._names.add(name)
        return name

    def _insurance_card(self, age: int, occupation_code: str | None, serial: int) -> str:
        group = self._insured_group(age, occupation_code)
        number = f"00{self._dice.digits(2)}{_spread(serial, self._seed + 2):06}"
        return f"{group}{_BENEFIT_LEVEL[group]}{self._province.code}{number}"

    def _insured_group(self, age: int, occupation_code: str | None) -> str:
        if age < 6:
            return "TE"
        if age < 18:
            return "HS"
        if self._ethnicity.code != names_file().kinh.code and self._dice.chance(0.6):
            return "DT"
        if occupation_code is None:
            return self._dice.pick(("HT", "GD"))
        works_for_others = occupation_code.startswith(("2", "4"))
        return self._dice.pick(("DN", "HC", "DN") if works_for_others else ("GD", "DN", "GD"))


def personal_number(birth_prefix: str, sex: Sex, birth_year: int, serial: int) -> str:
    """Return the 12 digits: province of registration (3), century and sex, year of birth (2), `serial` (6).

    `birth_year` is in 1900 … 2099. There is no check digit.
    """
    century_and_sex = (birth_year - 1900) // 100 * 2 + (1 if sex == "female" else 0)
    return f"{birth_prefix}{century_and_sex}{birth_year % 100:02}{serial:06}"


def _spread(serial: int, seed: int) -> int:
    # The multiplier has no factor in common with 10^6, so different serials stay different.
    return (serial * 618_033 + seed * 271_829 + 104_729) % MAX_PEOPLE


def adults(population: Sequence[Person], on: date = REFERENCE_DAY) -> tuple[Person, ...]:
    """Return those of `population` who are 18 or older on the day `on`."""
    return tuple(person for person in population if person.age(on) >= 18)
