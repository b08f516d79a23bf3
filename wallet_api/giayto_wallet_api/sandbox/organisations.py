"""Made-up organisations with valid tax codes, headed by people of the sandbox."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from giayto_wallet_api.sandbox.dice import Dice
from giayto_wallet_api.sandbox.naming import names_file
from giayto_wallet_api.sandbox.people import REFERENCE_DAY, Person, adults
from giayto_wallet_api.sandbox.places import Address, some_address, some_province

_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A made-up organisation; `tax_code` has ten digits, or ten and three for a branch."""

    tax_code: str
    name: str
    head_office: Address
    founded_on: date
    representative: Person
    representative_title: str


def organisations(count: int, *, seed: int, people: Sequence[Person]) -> tuple[Organisation, ...]:
    """Return `count` organisations; each is headed by an adult of `people`.

    Raises ValueError where nobody of `people` is of age.
    """
    of_age = adults(people)
    if not of_age:
        raise ValueError("an organisation needs an adult to represent it")
    return tuple(_organisation(number, code, seed, of_age) for number, code in enumerate(islice(tax_codes(), count)))


def _organisation(number: int, code: str, seed: int, of_age: Sequence[Person]) -> Organisation:
    dice = Dice("organisation", seed, number)
    names = names_file().organisations
    form = dice.pick(names.forms)
    is_branch = dice.chance(0.1)
    name = f"{form} {dice.pick(names.trades)} {dice.pick(names.names)}"
    return Organisation(
        tax_code=f"{code}-{dice.between(1, 12):03}" if is_branch else code,
        name=f"Chi nhánh {name}" if is_branch else name,
        head_office=some_address(some_province(dice), dice),
        founded_on=dice.day(date(1995, 1, 1), REFERENCE_DAY),
        representative=dice.pick(of_age),
        representative_title="Chủ tịch Hội đồng quản trị" if form == "Công ty Cổ phần" else "Giám đốc",
    )


def tax_codes() -> Iterator[str]:
    """Yield valid ten-digit tax codes that begin with 99, a range nobody has been given.

    One nine-digit number in eleven has no check digit and is skipped.
    """
    for serial in range(10_000_000):
        code = _with_check_digit(f"99{serial:07}")
        if code is not None:
            yield code


def _with_check_digit(nine_digits: str) -> str | None:
    """Append the tenth digit, 10 - (weighted sum mod 11); None where that is not a digit."""
    weighted_sum = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, nine_digits, strict=True))
    check = 10 - weighted_sum % 11
    return None if check == 10 else f"{nine_digits}{check}"
