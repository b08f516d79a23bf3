"""How the sandbox's people are named: by people, sex, generation and region, from `names.toml`."""

from bisect import bisect_right
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from giayto_wallet_api.sandbox.dice import Dice
from giayto_wallet_api.sandbox.places import Province

Sex = Literal["male", "female"]


class NamesOfSex(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Middle and given names of one sex: one list for each generation; `rare` ones for the two oldest."""

    middle: tuple[tuple[str, ...], ...]
    given: tuple[tuple[str, ...], ...]
    rare: tuple[str, ...] = ()


class Ethnicity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the peoples of Vietnam by its two-digit code, and how its members are named."""

    code: str
    name: str
    male_pattern: str
    female_pattern: str
    child_surname: Literal["father", "mother"]
    surnames: dict[str, int]
    male: NamesOfSex
    female: NamesOfSex
    provinces: tuple[str, ...] = ()
    share: int = 0


class OrganisationNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Legal forms, trades and names of firms."""

    forms: tuple[str, ...]
    trades: tuple[str, ...]
    names: tuple[str, ...]


class NamesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `names.toml`."""

    eras: tuple[int, ...]
    southern_surnames: dict[str, str]
    female_surnames: dict[str, str]
    kinh: Ethnicity
    peoples: tuple[Ethnicity, ...]
    occupations: dict[str, str]
    organisations: OrganisationNames


@cache
def names_file() -> NamesFile:
    """Return the content of `names.toml`."""
    text = resources.files("giayto_wallet_api.sandbox").joinpath("names.toml").read_bytes()
    return msgspec.toml.decode(text, type=NamesFile)


def some_ethnicity(province: Province, dice: Dice) -> Ethnicity:
    """Return what a family of `province` belongs to: the Kinh, unless `names.toml` says otherwise."""
    left = dice.below(10_000)
    for people in names_file().peoples:
        if province.code in people.provinces:
            left -= people.share
            if left < 0:
                return people
    return names_file().kinh


def some_surname(ethnicity: Ethnicity, province: Province, dice: Dice) -> str:
    """Return the surname of a family of `province`, as likely as it is frequent."""
    surname = dice.weighted(ethnicity.surnames)
    if ethnicity.code == names_file().kinh.code and province.region == "south":
        return names_file().southern_surnames.get(surname, surname)
    return surname


def full_name(ethnicity: Ethnicity, surname: str, sex: Sex, birth_year: int, dice: Dice) -> str:
    """Return a full name in the order in which that people writes it, in NFC."""
    names = ethnicity.male if sex == "male" else ethnicity.female
    pattern = ethnicity.male_pattern if sex == "male" else ethnicity.female_pattern
    era = bisect_right(names_file().eras, birth_year) - 1
    old_country_name = era <= 1 and names.rare and dice.chance(0.1)
    written = pattern.format(
        surname=names_file().female_surnames.get(surname, surname) if sex == "female" else surname,
        middle=dice.pick(names.middle[era]),
        given=dice.pick(names.rare if old_country_name else names.given[era]),
    )
    return " ".join(written.split())
