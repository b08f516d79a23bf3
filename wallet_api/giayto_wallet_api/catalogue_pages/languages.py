"""The words of the pages, and dates as people write them."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Literal

from giayto_issuers.values.times import VIETNAM

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")


@cache
def _all_texts() -> Mapping[str, Mapping[str, str]]:
    text = files("giayto_wallet_api.catalogue_pages").joinpath("texts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def texts(language: Language) -> Mapping[str, str]:
    """Return all words of the pages in a language, by name."""
    return _all_texts()[language]


def other_language(language: Language) -> Language:
    """Return the language that a page links to."""
    return "en" if language == "vi" else "vi"


def written_day(day: date | datetime, language: Language) -> str:
    """Write a day as people do: `05/12/2026`, or `5 December 2026`; a moment is written as its day in Vietnam."""
    if isinstance(day, datetime):
        day = day.astimezone(VIETNAM).date()
    if language == "vi":
        return f"{day:%d/%m/%Y}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
