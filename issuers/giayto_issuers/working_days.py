"""Counting working days in Vietnam: Monday to Friday, without public holidays, with Saturdays that were swapped in.

Holidays are announced year by year, so they are data (`calendar/vietnam.toml`), and a year without data is an error
rather than a guess: a referral that ends a day early is refused at a hospital's desk.
"""

import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import msgspec

from giayto_issuers.errors import CalendarError

_SATURDAY = 5


class HolidayYear(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The holidays of one year.

    Attributes:
        year: which one.
        source: where this was announced.
        days_off: holidays and days off in lieu, weekends need not be named.
        working_days: days of weekends that were swapped for a working day.
    """

    year: int
    source: str
    days_off: tuple[date, ...]
    working_days: tuple[date, ...] = ()


class HolidayCalendar:
    """Which days are worked, for the years that are known."""

    def __init__(self, years: Iterable[HolidayYear]) -> None:
        known = tuple(years)
        self._years = frozenset(year.year for year in known)
        self._days_off = frozenset(day for year in known for day in year.days_off)
        self._working = frozenset(day for year in known for day in year.working_days)

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work on a day.

        Raises:
            CalendarError: its year is not known.
        """
        if day.year not in self._years:
            raise CalendarError(f"working days: the holidays of {day.year} are not in the calendar", year=day.year)
        return day in self._working or (day.weekday() < _SATURDAY and day not in self._days_off)

    def add(self, start: date, count: int) -> date:
        """Return the last of `count` working days after a day; the day itself does not count.

        Raises:
            CalendarError: it reaches into a year that is not known.
        """
        day = start
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day


@cache
def vietnamese_calendar() -> HolidayCalendar:
    """Return the calendar that comes with this package."""
    content = (files("giayto_issuers") / "calendar" / "vietnam.toml").read_text("utf-8")
    return HolidayCalendar(msgspec.convert(tomllib.loads(content)["years"], tuple[HolidayYear, ...]))


def add_working_days(start: date, count: int) -> date:
    """Return the last of `count` working days after a day in Vietnam.

    Raises:
        CalendarError: it reaches into a year whose holidays are not known.
    """
    return vietnamese_calendar().add(start, count)
