"""Periods of documents, working days, and the times of signed copies."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from giayto_issuers.document_type.model import Validity, ValidityException
from giayto_issuers.errors import CalendarError, NotSignableError
from giayto_issuers.validity import DocumentPeriod, add_months, credential_times, document_period
from giayto_issuers.working_days import HolidayCalendar, HolidayYear, add_working_days, vietnamese_calendar

NOW = datetime(2026, 11, 22, 9, 47, 12, 345678, tzinfo=UTC)  # 16:47 in Vietnam
TODAY = date(2026, 11, 22)
A_YEAR_IF_LONG = ValidityException(claim="kind", values=("LONG",), rule="months", length=12)
UNTIL_REVOKED = Validity(rule="until-revoked", credential_days=180)


@pytest.mark.parametrize(
    ("rule", "claims", "period"),
    [
        ({"rule": "until-revoked"}, {}, (TODAY, None)),
        ({"rule": "days", "length": 10}, {}, (TODAY, date(2026, 12, 2))),
        ({"rule": "months", "length": 6}, {}, (TODAY, date(2027, 5, 22))),
        ({"rule": "working-days", "length": 10}, {}, (TODAY, date(2026, 12, 7))),  # 24 November is a holiday
        ({"rule": "months", "length": 6, "from_claim": "on"}, {"on": "2026-08-31"},
         (date(2026, 8, 31), date(2027, 2, 28))),
        ({"rule": "days", "length": 1, "from_claim": "on"}, {"on": "2026-12-31T23:59:00+07:00"},
         (date(2026, 12, 31), date(2027, 1, 1))),
        ({"rule": "by-claim", "until_claim": "end"}, {"end": "2027-01-15"}, (TODAY, date(2027, 1, 15))),
        ({"rule": "by-claim", "until_claim": "end", "from_claim": "on"}, {"end": "2027-01-15", "on": "2027-01-01"},
         (date(2027, 1, 1), date(2027, 1, 15))),
        ({"rule": "by-claim", "until_claim": "end", "open_ended": True}, {}, (TODAY, None)),
        ({"rule": "by-claim", "until_claim": "end", "open_ended": True}, {"end": "2027-01-15"},
         (TODAY, date(2027, 1, 15))),
        ({"rule": "working-days", "length": 10, "exceptions": (A_YEAR_IF_LONG,)}, {}, (TODAY, date(2026, 12, 7))),
        ({"rule": "working-days", "length": 10, "exceptions": (A_YEAR_IF_LONG,)}, {"kind": "SHORT"},
         (TODAY, date(2026, 12, 7))),
        ({"rule": "working-days", "length": 10, "exceptions": (A_YEAR_IF_LONG,)}, {"kind": "LONG"},
         (TODAY, date(2027, 11, 22))),
    ],
)  # fmt: skip
def test_the_period_of_a_document(
    rule: dict[str, Any], claims: dict[str, str], period: tuple[date, date | None]
) -> None:
    assert document_period(Validity(**rule), claims, signed_on=TODAY) == DocumentPeriod(*period)


def test_what_the_day_of_signing_decides_is_open_before_it() -> None:
    assert document_period(Validity(rule="months", length=6), {}) == DocumentPeriod(None, None)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 6, 30), 18, date(2027, 12, 30)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_times_of_a_copy_do_not_tell_copies_apart() -> None:
    times = credential_times(UNTIL_REVOKED, DocumentPeriod(TODAY, None), NOW)
    assert times.issued_at == times.not_before == datetime(2026, 11, 22, 9, tzinfo=UTC)
    # the end of 21 May 2027 in Vietnam, 180 days after the day of signing
    assert times.expires_at == datetime(2027, 5, 21, 17, tzinfo=UTC)


@pytest.mark.parametrize("hour", [0, 9, 16])
def test_copies_of_one_day_expire_together(hour: int) -> None:
    times = credential_times(UNTIL_REVOKED, DocumentPeriod(TODAY, None), NOW.replace(hour=hour))
    assert times.expires_at == datetime(2027, 5, 21, 17, tzinfo=UTC)


def test_a_copy_ends_with_its_document() -> None:
    times = credential_times(UNTIL_REVOKED, DocumentPeriod(TODAY, TODAY), NOW)
    assert times.expires_at == datetime(2026, 11, 22, 17, tzinfo=UTC)


def test_a_copy_does_not_count_before_its_document() -> None:
    times = credential_times(UNTIL_REVOKED, DocumentPeriod(date(2026, 12, 1), None), NOW)
    assert times.not_before == datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert times.issued_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert times.expires_at == datetime(2027, 5, 30, 17, tzinfo=UTC)


def test_an_old_document_counts_from_its_signing() -> None:
    times = credential_times(UNTIL_REVOKED, DocumentPeriod(date(2020, 1, 1), None), NOW)
    assert times.not_before == times.issued_at


@pytest.mark.parametrize(
    "period",
    [
        DocumentPeriod(date(2026, 1, 1), date(2026, 11, 21)),
        DocumentPeriod(date(2027, 1, 2), date(2027, 1, 1)),
    ],
)
def test_a_document_that_has_ended_is_not_signed(period: DocumentPeriod) -> None:
    with pytest.raises(NotSignableError, match="period is over"):
        credential_times(UNTIL_REVOKED, period, NOW)


def test_the_last_moment_of_a_document() -> None:
    ends = datetime(2026, 11, 22, 17, tzinfo=UTC)
    period = DocumentPeriod(TODAY, TODAY)
    assert credential_times(UNTIL_REVOKED, period, ends - timedelta(microseconds=1)).expires_at == ends
    with pytest.raises(NotSignableError):
        credential_times(UNTIL_REVOKED, period, ends)


# ------------------------------------------------------------------------------------------------ working days


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        (date(2026, 10, 8), 1, date(2026, 10, 9)),
        (date(2026, 10, 9), 1, date(2026, 10, 12)),  # over a weekend
        (date(2026, 10, 8), 10, date(2026, 10, 22)),
        (date(2026, 2, 13), 1, date(2026, 2, 23)),  # over Tết
        (date(2026, 1, 9), 1, date(2026, 1, 10)),  # a Saturday that was swapped in
        (date(2025, 12, 31), 1, date(2026, 1, 5)),  # into the next year, over two days off
        (date(2026, 8, 21), 1, date(2026, 8, 22)),
        (date(2026, 8, 28), 1, date(2026, 9, 3)),
        (date(2026, 4, 24), 3, date(2026, 4, 30) + timedelta(days=4)),  # 28, 29 April, 4 May
        (date(2026, 10, 8), 0, date(2026, 10, 8)),
    ],
)
def test_working_days(start: date, count: int, last: date) -> None:
    assert add_working_days(start, count) == last


def test_a_year_without_holidays_is_no_guess() -> None:
    with pytest.raises(CalendarError) as caught:
        add_working_days(date(2027, 12, 30), 5)
    assert caught.value.fields == {"year": 2028}
    with pytest.raises(CalendarError):
        HolidayCalendar([]).is_working_day(TODAY)


def test_the_calendar_names_real_days_of_its_years() -> None:
    calendar = vietnamese_calendar()
    for year in (2025, 2026, 2027):
        worked = sum(calendar.is_working_day(date(year, 1, 1) + timedelta(days=number)) for number in range(365))
        assert 245 <= worked <= 252
        for month, day in ((1, 1), (4, 30), (5, 1), (9, 2)):
            assert not calendar.is_working_day(date(year, month, day))


def test_a_swapped_saturday_is_worked_and_its_friday_is_not() -> None:
    year = HolidayYear(year=2030, source="test", days_off=(date(2030, 3, 1),), working_days=(date(2030, 3, 2),))
    calendar = HolidayCalendar([year])
    assert not calendar.is_working_day(date(2030, 3, 1))
    assert calendar.is_working_day(date(2030, 3, 2))
    assert not calendar.is_working_day(date(2030, 3, 3))
