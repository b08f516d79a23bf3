"""Dates and times as Vietnamese systems write them, turned into the one form that is signed.

Vietnam keeps UTC+7 all the year, so a time without an offset is Vietnam's and is signed with `+07:00`.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from re import ASCII
from re import compile as compile_pattern

from giayto_crypto.localised import Localised
from giayto_issuers.values.unfit import Unfit

VIETNAM = timezone(timedelta(hours=7))
EARLIEST_YEAR, LATEST_YEAR = 1850, 2199

_DAY = Localised(
    vi="ngày có thật theo dạng dd/mm/yyyy, yyyymmdd, yyyymmddHHMM hoặc yyyy-mm-dd",
    en="an existing day as dd/mm/yyyy, yyyymmdd, yyyymmddHHMM or yyyy-mm-dd",
)
_PARTIAL_DAY = Localised(
    vi="ngày có thật như dd/mm/yyyy, hoặc mm/yyyy, hoặc yyyy khi không rõ ngày, tháng",
    en="an existing day such as dd/mm/yyyy, or mm/yyyy, or yyyy where day or month are not known",
)
_MOMENT = Localised(
    vi="thời điểm theo dạng yyyymmddHHMM, dd/mm/yyyy HH:MM[:SS], ISO 8601, hoặc ngày",
    en="a moment as yyyymmddHHMM, dd/mm/yyyy HH:MM[:SS] or ISO 8601, or a day",
)

# 08/10/2026, 8-10-2026, 08/10/2026 14:30, 08/10/2026 14:30:05
_SPELT = r"(?P<d>\d{1,2})(?P<s>[/-])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4})"
_SPELT_TIME = r"(?:[ T]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}))?)?"
# 20261008, 202610081430, 20261008143005
_PACKED = r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?"
# 2026-10-08, 2026-10-08T14:30, 2026-10-08 14:30:05.123+07:00
_ISO = r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
_ISO_TIME = r"(?:[ T](?P<H>\d{2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.\d{1,9})?)?(?P<o>Z|[+-]\d{2}:\d{2})?)?"
# ngày 8 tháng 10 năm 2026
_IN_WORDS = r"(?:[Nn]g[àÀ]y )?(?P<d>\d{1,2}) [Tt]h[áÁ]ng (?P<m>\d{1,2}) [Nn][ăĂ]m (?P<y>\d{4})"
_FORMS = tuple(compile_pattern(form, ASCII) for form in (_SPELT + _SPELT_TIME, _PACKED, _ISO + _ISO_TIME, _IN_WORDS))
# 10/2026, 00/10/2026, 2026-10, 20261000, tháng 10 năm 2026
_MONTHS = tuple(
    compile_pattern(form, ASCII)
    for form in (
        r"(?:00[/-])?(?P<m>\d{1,2})[/-](?P<y>\d{4})",
        r"(?P<y>\d{4})-(?P<m>\d{2})",
        r"(?P<y>\d{4})(?P<m>0[1-9]|1[0-2])00(?:0{4})?",
        r"[Tt]h[áÁ]ng (?P<m>\d{1,2}) [Nn][ăĂ]m (?P<y>\d{4})",
    )
)
# 2026, 00/00/2026, 20260000, năm 2026
_YEARS = tuple(
    compile_pattern(form, ASCII)
    for form in (r"(?:00[/-]00[/-])?(?P<y>\d{4})", r"(?P<y>\d{4})0000(?:0{4})?", r"[Nn][ăĂ]m (?P<y>\d{4})")
)


def parse_date(text: str) -> date:
    """Read a day; a time after it is left out.

    Args:
        text: dd/mm/yyyy, yyyymmdd, yyyymmddHHMM or ISO 8601.

    Raises:
        Unfit: no such form, no such day (00 for an unknown day or month included), or before 1850 or after 2199.
    """
    value = _parse(text, _DAY)
    return value.date() if isinstance(value, datetime) else value


def parse_partial_date(text: str) -> str:
    """Read a day of which day, or day and month, may be unknown, as in old registers.

    Returns:
        `2026-10-08`, `2026-10` or `2026`: what is not known is not invented.

    Raises:
        Unfit: no such form, no such day or month, or before 1850 or after 2199.
    """
    for form in _YEARS:
        if (match := form.fullmatch(text)) and EARLIEST_YEAR <= int(match["y"]) <= LATEST_YEAR:
            return match["y"]
    for form in _MONTHS:
        if match := form.fullmatch(text):
            year, month = int(match["y"]), int(match["m"])
            if EARLIEST_YEAR <= year <= LATEST_YEAR and 1 <= month <= 12:
                return f"{year:04}-{month:02}"
    value = _parse(text, _PARTIAL_DAY)
    return format_moment(value.date() if isinstance(value, datetime) else value)


def parse_datetime(text: str) -> datetime | date:
    """Read a moment; where the source knows only the day, the day.

    A missing time is not invented: midnight would be a statement that the source never made.

    Raises:
        Unfit: no known form, or no such moment.
    """
    return _parse(text, _MOMENT)


def format_moment(value: datetime | date) -> str:
    """Return the signed form: `2026-10-08`, or `2026-10-08T14:30:00+07:00` (RFC 3339)."""
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def start_of_day(day: date) -> datetime:
    """Return the first moment of a day in Vietnam, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return the moment at which a day in Vietnam is over (exclusive), in UTC."""
    return start_of_day(day) + timedelta(days=1)


def day_in_vietnam(moment: datetime) -> date:
    """Return the calendar day of an aware moment in Vietnam."""
    return moment.astimezone(VIETNAM).date()


def _parse(text: str, expected: Localised) -> datetime | date:
    for form in _FORMS:
        if match := form.fullmatch(text):
            try:
                return _build(match.groupdict())
            except ValueError as error:
                raise Unfit(expected) from error
    raise Unfit(expected)


def _build(parts: dict[str, str | None]) -> datetime | date:
    day = date(*(int(parts[part] or 0) for part in "ymd"))
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError("year out of range")
    if parts.get("H") is None:
        return day
    hour, minute, second = (int(parts[part] or 0) for part in "HMS")
    offset = parts.get("o")
    zone = VIETNAM if offset is None else datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone).astimezone(VIETNAM)
