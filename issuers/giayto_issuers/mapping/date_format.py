"""Days in the form that a mapping names, such as `mm/dd/yyyy` or `dd.mm.yyyy HH:MM`."""

from datetime import date, datetime
from functools import lru_cache
from re import ASCII, Pattern, escape
from re import compile as compile_pattern
from typing import Final

from giayto_issuers.values.times import EARLIEST_YEAR, LATEST_YEAR

_PARTS: Final = {
    "yyyy": r"(?P<year>\d{4})",
    "mm": r"(?P<month>\d{1,2})",
    "dd": r"(?P<day>\d{1,2})",
    "HH": r"(?P<hour>\d{1,2})",
    "MM": r"(?P<minute>\d{2})",
    "SS": r"(?P<second>\d{2})",
}
_TOKEN: Final = compile_pattern(r"yyyy|mm|dd|HH|MM|SS|.")


def is_date_format(form: str) -> bool:
    """Tell whether a form names day, month and four-digit year once each, and nothing unknown.

    Two digits for a year are not read: 24 may be 1924 or 2024.
    """
    tokens = _TOKEN.findall(form)
    unknown = [token for token in tokens if token not in _PARTS and token.isalpha()]
    return not unknown and all(tokens.count(part) <= 1 for part in _PARTS) and {"yyyy", "mm", "dd"} <= set(tokens)


def read_day(text: str, form: str) -> str | None:
    """Return a day, with its time where the form has one, in the form `yyyy-mm-dd[ HH:MM:SS]`; None when it is none."""
    match = _pattern(form).fullmatch(text)
    if match is None:
        return None
    parts = {name: int(value) for name, value in match.groupdict().items()}
    try:
        moment = datetime(**parts) if "hour" in parts else date(**parts)  # type: ignore[arg-type] # noqa: DTZ001
    except ValueError:
        return None
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        return None
    return moment.isoformat(sep=" ", timespec="seconds") if isinstance(moment, datetime) else moment.isoformat()


@lru_cache(maxsize=256)
def _pattern(form: str) -> Pattern[str]:
    return compile_pattern("".join(_PARTS.get(token) or escape(token) for token in _TOKEN.findall(form)), ASCII)
