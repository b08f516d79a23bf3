"""Until when a document is good, and until when one signed copy of it is.

A period is counted as the Civil Code counts it (91/2015/QH13, articles 147 and 148): the day from which it runs does
not count itself, and it lasts to the end of its last day in Vietnam.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from giayto_issuers.document_type.model import Validity
from giayto_issuers.errors import NotSignableError
from giayto_issuers.values.times import day_in_vietnam, end_of_day, parse_date, start_of_day
from giayto_issuers.working_days import add_working_days


@dataclass(frozen=True, slots=True)
class DocumentPeriod:
    """The period of the document itself, in days of Vietnam.

    Attributes:
        valid_from: first day; None when it is the day of signing and that is not known yet.
        valid_until: last day, inclusive; None when there is no end, or it follows from a day of signing not known yet.
    """

    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class CredentialTimes:
    """`iat`, `nbf` and `exp` of one signed copy, aware and in UTC."""

    issued_at: datetime
    not_before: datetime
    expires_at: datetime


def document_period(rule: Validity, claims: Mapping[str, Any], *, signed_on: date | None = None) -> DocumentPeriod:
    """Return the document's own period.

    Args:
        rule: of the document type.
        claims: normalised; the claims that the rule names are among them.
        signed_on: day of signing in Vietnam, where it is known.

    Raises:
        CalendarError: working days in a year whose holidays are not known.
    """
    start = signed_on if rule.from_claim is None else parse_date(claims[rule.from_claim])
    if rule.until_claim is not None:
        end = claims.get(rule.until_claim) if rule.open_ended else claims[rule.until_claim]
        return DocumentPeriod(start, None if end is None else parse_date(end))
    counted = _counted(rule, claims)
    if counted is None or start is None:
        return DocumentPeriod(start, None)
    return DocumentPeriod(start, _last_day(*counted, start))


def credential_times(rule: Validity, period: DocumentPeriod, now: datetime) -> CredentialTimes:
    """Return the times of a copy that is signed now.

    `iat` and `nbf` are rounded down to the hour and `exp` falls on the end of a day, so that copies which were signed
    together cannot be told apart, or linked, by their seconds.

    Args:
        rule: of the document type.
        period: of the document, with the day of signing filled in.
        now: time of signing, aware.

    Raises:
        NotSignableError: the document has ended already.
    """
    issued_at = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    not_before = issued_at if period.valid_from is None else max(issued_at, start_of_day(period.valid_from))
    longest = end_of_day(day_in_vietnam(not_before) + timedelta(days=rule.credential_days))
    expires_at = longest if period.valid_until is None else min(longest, end_of_day(period.valid_until))
    if expires_at <= max(now, not_before):
        raise NotSignableError("validity: the document's period is over, or ends before it begins")
    return CredentialTimes(issued_at, not_before, expires_at)


def _counted(rule: Validity, claims: Mapping[str, Any]) -> tuple[str, int] | None:
    """Return what is counted and how many of it, or None when nothing is."""
    for exception in rule.exceptions:
        if claims.get(exception.claim) in exception.values:
            return exception.rule, exception.length
    return None if rule.length is None else (rule.rule, rule.length)


def _last_day(rule: str, length: int, start: date) -> date:
    match rule:
        case "months":
            return add_months(start, length)
        case "working-days":
            return add_working_days(start, length)
        case _:
            return start + timedelta(days=length)


def add_months(start: date, months: int) -> date:
    """Return the day of the same number months later, or that month's last day where it has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
