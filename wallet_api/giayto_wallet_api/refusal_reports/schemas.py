"""Bodies of refusal reports."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from giayto_verifiers.paper_rule import PaperReason

REQUEST_EXAMPLE: dict[str, Any] = {
    "verifier_name": "Ngân hàng Thử Nghiệm, chi nhánh 1",
    "verifier_id": "bank.example.vn",
    "document": "health-insurance-card",
    "procedure": None,
    "asked_on": "2026-11-20",
    "text": "Nhân viên đòi bản sao chứng thực dù tôi đã xuất trình từ ví.",
}
REPORT_EXAMPLE: dict[str, Any] = {
    "report_id": "rep_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f",
    "filed_at": "2026-11-22T09:32:00Z",
    "verifier_name": "Ngân hàng Thử Nghiệm, chi nhánh 1",
    "verifier_id": "bank.example.vn",
    "document_type": "urn:giayto:type:health-insurance-card:1",
    "procedure": None,
    "asked_on": "2026-11-20",
    "text": "Nhân viên đòi bản sao chứng thực dù tôi đã xuất trình từ ví.",
    "reason": "integrated",
    "edition": "2026-11",
}
REPORTS_EXAMPLE: dict[str, Any] = {"items": [REPORT_EXAMPLE], "next_cursor": None}


class ReportRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A paper was asked for although nobody may: by whom, which, when, and what happened.

    `verifier_id` is the identifier of a registered verifier or its domain, where the citizen knows it.
    """

    verifier_name: Annotated[str, Meta(min_length=1, max_length=200)]
    verifier_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._:-]{0,126}[A-Za-z0-9])?$")] | None = None
    document: Annotated[str, Meta(min_length=1, max_length=500)]
    procedure: Annotated[str, Meta(max_length=64)] | None = None
    asked_on: date
    text: Annotated[str, Meta(min_length=1, max_length=1000)]


class ReportItem(msgspec.Struct, frozen=True, kw_only=True):
    """A report as its author sees it; `reason` says why the paper may not be asked for (null in lists)."""

    report_id: str
    filed_at: datetime
    verifier_name: str
    verifier_id: str | None
    document_type: str
    procedure: str | None
    asked_on: date
    text: str
    edition: str
    reason: PaperReason | None = None


class ReportPage(msgspec.Struct, frozen=True):
    """A page of a citizen's own reports, newest first."""

    items: list[ReportItem]
    next_cursor: str | None
