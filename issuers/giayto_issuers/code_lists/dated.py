"""Code lists whose codes begin, end, and change their meaning: what a code says depends on the day.

A file is CSV: lines that begin with `#` say what it is and where it comes from, then a header and one line for each
period of a code: `code,vi,en,valid_from,valid_until,successors[,within]`. Both days are inclusive; empty means none,
or not known.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise

from giayto_crypto.localised import Localised

_SUFFIX = ".csv"
_ALWAYS = date.min, date.max


@dataclass(frozen=True, slots=True)
class CodePeriod:
    """What a code stands for during one period.

    Attributes:
        code: as the list writes it.
        name: for people.
        valid_from: first day, None when it is not known.
        valid_until: last day, None when there is none.
        successors: codes, on the day after `valid_until`, of what took its place.
        within: code of what it belongs to, such as the province of a commune; empty in lists that have no levels.
    """

    code: str
    name: Localised
    valid_from: date | None = None
    valid_until: date | None = None
    successors: tuple[str, ...] = ()
    within: str = ""

    def holds_on(self, day: date) -> bool:
        """Tell whether the code has this meaning on a day."""
        return (self.valid_from or _ALWAYS[0]) <= day <= (self.valid_until or _ALWAYS[1])


class DatedCodeList:
    """A code list in time. A code may have several periods, which do not overlap."""

    def __init__(self, name: str, periods: Iterable[CodePeriod]) -> None:
        """Take the periods of all codes.

        Raises:
            ValueError: two periods of one code overlap, or a successor is not in the list: the file is wrong.
        """
        self.name = name
        self._periods: dict[str, tuple[CodePeriod, ...]] = {}
        for period in sorted(periods, key=lambda each: (each.code, each.valid_from or _ALWAYS[0])):
            self._periods[period.code] = (*self._periods.get(period.code, ()), period)
        self._check()

    def __contains__(self, code: object) -> bool:
        return code in self._periods

    def __iter__(self) -> Iterator[CodePeriod]:
        return (period for periods in self._periods.values() for period in periods)

    def find(self, code: str, on: date) -> CodePeriod | None:
        """Return what a code stands for on a day, or None when it stands for nothing then."""
        return next((period for period in self._periods.get(code, ()) if period.holds_on(on)), None)

    def periods(self, code: str) -> tuple[CodePeriod, ...]:
        """Return all meanings of a code, the earliest first."""
        return self._periods.get(code, ())

    def on(self, day: date) -> Iterator[CodePeriod]:
        """Return the list as it is on a day."""
        return (period for period in self if period.holds_on(day))

    def successors(self, period: CodePeriod, on: date) -> tuple[CodePeriod, ...]:
        """Return what stands on a later day in the place of what a code stood for; itself while it still does."""
        if period.valid_until is None or period.valid_until >= on:
            return (period,)
        next_day = period.valid_until + timedelta(days=1)
        found: dict[CodePeriod, None] = {}
        for code in period.successors:
            following = self.find(code, next_day)
            if following is not None:
                found.update(dict.fromkeys(self.successors(following, on)))
        return tuple(found)

    @cached_property
    def newest_names(self) -> dict[str, Localised]:
        """The name of each code in its newest meaning, for forms and schemas that know no date."""
        return {code: periods[-1].name for code, periods in self._periods.items()}

    def _check(self) -> None:
        for periods in self._periods.values():
            for earlier, later in pairwise(periods):
                if (earlier.valid_until or _ALWAYS[1]) >= (later.valid_from or _ALWAYS[0]):
                    raise ValueError(f"code list {self.name}: periods of {earlier.code} overlap")
        for period in self:
            for code in period.successors:
                if period.valid_until is None or self.find(code, period.valid_until + timedelta(days=1)) is None:
                    raise ValueError(f"code list {self.name}: {period.code} names a successor that is not there")


@cache
def dated_code_lists() -> Mapping[str, DatedCodeList]:
    """Return all dated lists that come with this package, by name; read once."""
    folder = files("giayto_issuers") / "code_lists"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(_SUFFIX)), key=lambda file: file.name)
    return {name: read_dated_list(name, file) for file in found for name in [file.name.removesuffix(_SUFFIX)]}


def read_dated_list(name: str, file: Traversable) -> DatedCodeList:
    """Read one list.

    Raises:
        ValueError: the file is not of the form that this module describes.
    """
    lines = (line for line in file.read_text("utf-8").splitlines() if not line.startswith("#"))
    return DatedCodeList(name, map(_period, csv.DictReader(lines, strict=True)))


def _period(members: Mapping[str, str]) -> CodePeriod:
    return CodePeriod(
        code=members["code"],
        name=Localised(vi=members["vi"], en=members["en"]),
        valid_from=_day(members["valid_from"]),
        valid_until=_day(members["valid_until"]),
        successors=tuple(members["successors"].split()),
        within=members.get("within", ""),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
