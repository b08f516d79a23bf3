"""Bodies of fallbacks and corrections."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from giayto_wallet_api.corrections.asker import AskerKind

FallbackReason = Literal["data_missing", "data_wrong"]
Outcome = Literal["corrected", "data_was_right", "not_responsible"]
TicketState = Literal["open", "answered"]
Text = Annotated[str, Meta(min_length=1, max_length=1000)]

FALLBACK_REQUEST_EXAMPLE: dict[str, Any] = {
    "case_key": "H26.30.1-261122-0975",
    "document": "health-insurance-card",
    "procedure": "1.000894",
    "reason": "data_wrong",
    "subject": {"kind": "person", "id": "001099000017"},
    "details": "Ngày sinh trên thẻ khác với căn cước.",
}
FALLBACK_EXAMPLE: dict[str, Any] = {
    "case_key": "H26.30.1-261122-0975",
    "ticket_id": "cor_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f",
    "owner_agency_id": "G24",
    "document_type": "urn:giayto:type:health-insurance-card:1",
    "reason": "data_wrong",
    "recorded_at": "2026-11-22T09:32:00Z",
    "due_at": "2026-12-02T09:32:00Z",
    "state": "open",
    "outcome": None,
    "answer": None,
}
FALLBACKS_EXAMPLE: dict[str, Any] = {"items": [FALLBACK_EXAMPLE], "next_cursor": None}
TICKET_EXAMPLE: dict[str, Any] = {
    "ticket_id": "cor_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f",
    "opened_by": {"kind": "agency", "id": "H26"},
    "document_type": "urn:giayto:type:health-insurance-card:1",
    "procedure": "1.000894",
    "reason": "data_wrong",
    "edition": "2026-12",
    "opened_at": "2026-11-22T09:32:00Z",
    "due_at": "2026-12-02T09:32:00Z",
    "overdue": False,
    "state": "open",
    "subject": {"kind": "person", "id": "001099000017"},
    "details": "Ngày sinh trên thẻ khác với căn cước.",
    "outcome": None,
    "answer": None,
    "answered_at": None,
}
TICKETS_EXAMPLE: dict[str, Any] = {"items": [TICKET_EXAMPLE], "next_cursor": None}
ANSWER_REQUEST_EXAMPLE: dict[str, Any] = {"outcome": "corrected", "answer": "Đã sửa ngày sinh theo căn cước."}


class TicketSubject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose data is missing or wrong."""

    kind: Literal["person", "organisation"]
    id: Annotated[str, Meta(min_length=1, max_length=20)]

    def __repr__(self) -> str:
        return "TicketSubject(…)"


class FallbackRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Paper is asked for because data is missing or wrong.

    `case_key` is of the caller's own system, such as a dossier code: sent again with the same content it changes
    nothing. `agency_id` names the agency that holds the data where it is known; otherwise the type's owner is asked.
    """

    case_key: Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z._:/-]{0,127}$")]
    document: Annotated[str, Meta(min_length=1, max_length=500)]
    procedure: Annotated[str, Meta(max_length=64)] | None = None
    purpose: Annotated[str, Meta(max_length=64)] | None = None
    reason: FallbackReason
    subject: TicketSubject
    details: Text
    agency_id: Annotated[str, Meta(max_length=64)] | None = None


class FallbackItem(msgspec.Struct, frozen=True, kw_only=True):
    """A fallback as who recorded it sees it."""

    case_key: str
    ticket_id: str
    owner_agency_id: str
    document_type: str
    reason: FallbackReason
    recorded_at: datetime
    due_at: datetime
    state: TicketState
    outcome: Outcome | None
    answer: str | None


class FallbackPage(msgspec.Struct, frozen=True):
    """A page of fallbacks, newest first."""

    items: list[FallbackItem]
    next_cursor: str | None


class AskerItem(msgspec.Struct, frozen=True):
    """Who asked for paper: an agency or a registered verifier, by its identifier."""

    kind: AskerKind
    id: str


class TicketItem(msgspec.Struct, frozen=True, kw_only=True):
    """A correction as the agency that owns the data sees it; once answered, it names nobody any more."""

    ticket_id: str
    opened_by: AskerItem
    document_type: str
    procedure: str | None
    reason: FallbackReason
    edition: str
    opened_at: datetime
    due_at: datetime
    overdue: bool
    state: TicketState
    subject: TicketSubject | None
    details: str | None
    outcome: Outcome | None
    answer: str | None
    answered_at: datetime | None


class TicketPage(msgspec.Struct, frozen=True):
    """A page of corrections, newest first."""

    items: list[TicketItem]
    next_cursor: str | None


class AnswerRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of a correction, for who asked for paper."""

    outcome: Outcome
    answer: Text
