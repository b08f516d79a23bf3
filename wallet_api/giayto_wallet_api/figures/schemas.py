"""Figures of one month as they are published: counts below the threshold are null, zero is zero."""

from datetime import date, datetime
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
    "verifiers": [
        {
            "verifier_id": "bank-a",
            "names": {"vi": "Ngân hàng Thử Nghiệm A", "en": "Test Bank A"},
            "checks": 5_120,
            "declined": 64,
            "paper_fallbacks": None,
            "refusal_reports": 7,
        }
    ],
    "integration": [
        {
            "agency_id": "G24",
            "names": {"vi": "Bảo hiểm xã hội Việt Nam", "en": "Viet Nam Social Security"},
            "integrated": 1,
            "in_preparation": 1,
            "proposed": 0,
            "overdue": [
                {
                    "code": "insurance-book",
                    "titles": {"vi": "Sổ bảo hiểm xã hội", "en": "Social-insurance book"},
                    "deadline": "2026-11-30",
                }
            ],
        }
    ],
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
    """What one verifier did in the month; `names` are those of its registration, null if it has none.

    `checks` are requests through the server that a wallet answered, `declined` those that a citizen declined. Offline
    checks tell no server. `refusal_reports` counts citizens who reported that it asked for paper.
    """

    verifier_id: str
    names: Localised | None
    checks: int | None = 0
    declined: int | None = 0
    paper_fallbacks: int | None = 0
    refusal_reports: int | None = 0

    @property
    def is_named(self) -> bool:
        """Whether anything that it did is published at all."""
        published = (self.checks, self.declined, self.paper_fallbacks, self.refusal_reports)
        return any(count is not None and count >= THRESHOLD for count in published)


class OverdueType(msgspec.Struct, frozen=True, kw_only=True):
    """A document type that should have been integrated by its deadline, and was not."""

    code: str
    titles: Localised
    deadline: date


class IntegrationFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many of an agency's document types are in the wallet, as the month's catalogue says."""

    agency_id: str
    names: Localised
    integrated: int
    in_preparation: int
    proposed: int
    overdue: tuple[OverdueType, ...] = ()


class MonthlyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a month; none of them names a person."""

    month: str
    counted_at: datetime
    suppressed_below: int
    agencies: tuple[AgencyFigures, ...]
    verifiers: tuple[VerifierFigures, ...]
    integration: tuple[IntegrationFigures, ...]
