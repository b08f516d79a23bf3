"""Months as figures are counted by: those of Vietnam, `YYYY-MM`."""

from datetime import date, datetime, timedelta

from giayto_issuers.values.times import VIETNAM


def month_of(moment: datetime) -> str:
    """Return the month in which a moment lies."""
    return moment.astimezone(VIETNAM).strftime("%Y-%m")


def start_of(month: str) -> datetime:
    """Return its first moment."""
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=VIETNAM)


def end_of(month: str) -> datetime:
    """Return the moment in which the next one begins."""
    return start_of(following_month(month))


def last_day_of(month: str) -> date:
    """Return its last day."""
    return end_of(month).date() - timedelta(days=1)


def following_month(month: str) -> str:
    """Return the month after another."""
    return month_of(start_of(month) + timedelta(days=31))


def month_before(month: str) -> str:
    """Return the month before another."""
    return month_of(start_of(month) - timedelta(days=1))
