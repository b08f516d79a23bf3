"""Bodies of the document operations."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from giayto_issuers.subjects import Subject

MAX_COPIES = 16
"""Most credentials of one row: one for each device of the holder."""
MAX_ROW_BYTES = 2 * 1024 * 1024
"""Longest row, as JSON: a long health book for several devices."""

RowKey = Annotated[
    str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]{1,128}$", description="the agency's own key of the row")
]
RowNumber = Annotated[
    int, msgspec.Meta(ge=1, le=2**53 - 1, description="number of the row in the agency's source, for its job")
]
DocumentState = Literal["active", "suspended", "superseded", "revoked", "consumed"]
HolderAnswer = Literal["offered", "confirmed", "declined"]


class RowSubject(msgspec.Struct, frozen=True):
    """Whom the row is about."""

    kind: Literal["person", "organisation"]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]

    def as_subject(self) -> Subject:
        """Return it as the other packages know it."""
        return Subject(self.kind, self.id)

    def __repr__(self) -> str:
        return f"RowSubject(kind={self.kind!r}, id=…)"


class PushRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row: one version of one document of one subject, with a copy for each holder key."""

    row_key: RowKey
    document_type: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    subject: RowSubject
    credentials: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=MAX_COPIES)]
    replaces: RowKey | None = None
    row: RowNumber | None = None

    def __repr__(self) -> str:
        return f"PushRow(document_type={self.document_type!r}, …)"


class PushAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a row that was accepted."""

    row_key: str
    result: Literal["stored", "unchanged"]
    document_id: str
    version: int


class RowProblem(msgspec.Struct, frozen=True):
    """Why a row of a stream was refused."""

    code: str
    detail: str
    message_vi: str
    message_en: str


class BulkAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one row of a stream; `row` counts from 1. A line that cannot be read has no row key."""

    row: int
    row_key: str | None = None
    result: Literal["stored", "unchanged", "refused"]
    document_id: str | None = None
    version: int | None = None
    problem: RowProblem | None = None


class DocumentItem(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a document, as the agency sees it."""

    document_id: str
    version: int
    row_key: str
    document_type: str
    state: DocumentState
    pushed_at: datetime
    changed_at: datetime


class DocumentPage(msgspec.Struct, frozen=True):
    """Some versions, oldest first; `next_cursor` continues."""

    items: tuple[DocumentItem, ...]
    next_cursor: str | None = None


class HolderResponse(msgspec.Struct, frozen=True):
    """What the holder answered to the current version, and why they declined."""

    answer: HolderAnswer | None
    reason: str | None = None


class DocumentDetail(DocumentItem, frozen=True, kw_only=True):
    """The current version of a document with the holder's answer to it."""

    holder: HolderResponse


class Decision(msgspec.Struct, frozen=True):
    """Why an agency revokes or suspends; kept in the audit log, so no personal data."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
