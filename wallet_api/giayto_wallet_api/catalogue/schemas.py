"""Bodies of the catalogue."""

from datetime import datetime
from typing import Any

import msgspec

from giayto_crypto.catalogue_edition import CatalogueEdition, edition_members
from giayto_wallet_api.catalogue.editions import EditionSummary

LEGAL_EXAMPLE: dict[str, Any] = {
    "reference": "Luật Lý lịch tư pháp sửa đổi, hiệu lực từ 01/07/2026",
    "subject": {"vi": "Hạn chế việc yêu cầu phiếu", "en": "Who may ask is limited"},
    "source_note": "Press and law-firm pages on the amended law (secondary)",
}
SUMMARY_EXAMPLE: dict[str, Any] = {
    "edition_id": "2026-12",
    "month": "2026-12",
    "correction": 0,
    "correction_note": None,
    "issued_at": "2026-12-01T02:00:00Z",
    "documents": 16,
}
EDITIONS_EXAMPLE: dict[str, Any] = {"items": [SUMMARY_EXAMPLE], "next_cursor": None}
ENTRY_EXAMPLE: dict[str, Any] = {
    "vct": "urn:giayto:type:criminal-record-2:1",
    "code": "criminal-record-2",
    "version": 1,
    "titles": {"vi": "Phiếu lý lịch tư pháp số 2", "en": "Criminal-record certificate No. 2"},
    "description": {"vi": "Toàn bộ án tích của một người.", "en": "All convictions of a person."},
    "owner": {"agency_id": "G01", "names": {"vi": "Bộ Công an", "en": "Ministry of Public Security"}},
    "holder_kind": "person",
    "stage": "integrated",
    "since": "2026-07-01",
    "deadline": None,
    "demand": "never",
    "purposes": [],
    "procedures": [],
    "legal_basis": [LEGAL_EXAMPLE],
}
EDITION_EXAMPLE: dict[str, Any] = {
    "edition_id": "2026-12",
    "month": "2026-12",
    "correction": 0,
    "correction_note": None,
    "issued_at": "2026-12-01T02:00:00Z",
    "next_update": "2027-01-10T17:00:00Z",
    "rule_basis": LEGAL_EXAMPLE,
    "fallback_basis": LEGAL_EXAMPLE,
    "entries": [ENTRY_EXAMPLE],
}
DIFFERENCE_EXAMPLE: dict[str, Any] = {
    "older": "2026-11",
    "newer": "2026-12",
    "added": [ENTRY_EXAMPLE],
    "removed": [],
    "changed": [
        {
            "vct": "urn:giayto:type:referral:1",
            "titles": {"vi": "Giấy chuyển tuyến", "en": "Referral"},
            "fields": [{"field": "since", "before": None, "after": "2026-06-01"}],
        }
    ],
}
MAY_ASK_EXAMPLE: dict[str, Any] = {
    "may_ask": False,
    "reason": "never_demandable",
    "message": {
        "vi": "Không ai được yêu cầu giấy tờ này, dưới bất kỳ hình thức nào.",
        "en": "Nobody may demand this document, in any form.",
    },
    "document": "criminal-record-2",
    "vct": "urn:giayto:type:criminal-record-2:1",
    "titles": {"vi": "Phiếu lý lịch tư pháp số 2", "en": "Criminal-record certificate No. 2"},
    "procedure": None,
    "purpose": None,
    "on": "2026-12-05",
    "show_from_wallet": "no",
    "purposes": [],
    "fallback": False,
    "legal_basis": [LEGAL_EXAMPLE],
    "edition": "2026-12",
}


class EditionItem(msgspec.Struct, frozen=True, kw_only=True):
    """An edition as lists show it."""

    edition_id: str
    month: str
    correction: int
    correction_note: str | None
    issued_at: datetime
    documents: int

    @classmethod
    def of(cls, summary: EditionSummary) -> "EditionItem":
        """Leave out what is not for clients."""
        return cls(
            edition_id=summary.edition_id,
            month=summary.month,
            correction=summary.correction,
            correction_note=summary.correction_note,
            issued_at=summary.issued_at,
            documents=summary.documents,
        )


class EditionPage(msgspec.Struct, frozen=True):
    """A page of editions, newest first."""

    items: list[EditionItem]
    next_cursor: str | None


def edition_body(edition: CatalogueEdition) -> dict[str, Any]:
    """Return an edition as JSON, with its identifier in front."""
    return {"edition_id": edition.edition_id, **edition_members(edition)}
