"""Figures of one month as they are published: counts below the threshold are null, zero is zero."""

from datetime import datetime
from typing import Any

import msgspec

from giayto_crypto.localised import Localised

THRESHOLD = 5
"""Counts from 1 to 4 are hidden: in them a neighbour might be recognised."""

FIGURES_EXAMPLE: dict[str, Any] = {
    "month": "2026-12",
    "counted_at": "2027-01-01T00:12:00Z",
    "suppressed_below": THRESHOLD,
    "agencies": [
        {
            "agency_id": "G24",
            "names": {"vi": "Bảo hiểm xã hội Việt Nam", "en": "Viet Nam Social Security"},
            "pushed": 120_000,
            "confirmed": 98_000,
            "declined": 310,
            "paper_fallbacks": 0,
            "corrections_in_time": 40,
            "corrections_late": None,
            "corrections_overdue": 0,
            "late": True,
        }
    ],
    "verifiers": [{"verifier_id": "bank.example.vn", "refusal_reports": 7}],
}


class AgencyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What one agency did in the month.

    `late` names an agency with corrections that were answered late or are overdue, even where their count is hidden.
    """

    agency_id: str
    names: Localised | None
    pushed: int | None = 0
    confirmed: int | None = 0
    declined: int | None = 0
    paper_fallbacks: int | None = 0
    corrections_in_time: int | None = 0
    corrections_late: int | None = 0
    corrections_overdue: int | None = 0
    late: bool = False


class VerifierFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many citizens reported a verifier; one with fewer than the threshold is not named at all."""

    verifier_id: str
    refusal_reports: int


class MonthlyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a month; none of them names a person."""

    month: str
    counted_at: datetime
    suppressed_below: int
    agencies: tuple[AgencyFigures, ...]
    verifiers: tuple[VerifierFigures, ...]
