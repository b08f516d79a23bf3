"""Bodies of the inbox and of documents."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from giayto_crypto.localised import Localised
from giayto_wallet_api.inbox.states import StateName

_DOCUMENT_ID = "doc_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f"
ITEM_EXAMPLE: dict[str, Any] = {
    "document_id": _DOCUMENT_ID,
    "version": 1,
    "state": "offered",
    "state_since": "2026-11-22T09:32:00Z",
    "agency_id": "H26",
    "document_type": "urn:giayto:type:procedure-result:1",
    "titles": {"vi": "Kết quả giải quyết thủ tục hành chính", "en": "Result of an administrative procedure"},
    "valid_from": "2026-11-22T09:00:00Z",
    "valid_until": "2027-11-22T09:00:00Z",
    "delivered_at": "2026-11-22T09:32:00Z",
}
CONFIRMED_EXAMPLE: dict[str, Any] = {**ITEM_EXAMPLE, "state": "confirmed", "state_since": "2026-11-22T09:40:00Z"}
DECLINED_EXAMPLE: dict[str, Any] = {**ITEM_EXAMPLE, "state": "declined", "state_since": "2026-11-22T09:40:00Z"}
INBOX_EXAMPLE: dict[str, Any] = {"items": [ITEM_EXAMPLE], "next_cursor": None}
DOCUMENTS_EXAMPLE: dict[str, Any] = {"items": [CONFIRMED_EXAMPLE], "next_cursor": None}
DETAIL_EXAMPLE: dict[str, Any] = {
    **CONFIRMED_EXAMPLE,
    "claims": {"full_name": "Nguyễn Thị Thử Nghiệm", "procedure_name": "Cấp bản sao trích lục hộ tịch"},
    "credentials": [
        {
            "key_thumbprint": "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
            "credential": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImRjK3NkLWp3dCIs…~WyJ…~",
        }
    ],
    "earlier_versions": [],
}
CONFIRM_REQUEST_EXAMPLE = {"version": 1}
DECLINE_REQUEST_EXAMPLE = {"reason": "Ngày cấp không đúng", "version": 1}


class DocumentItem(msgspec.Struct, frozen=True, kw_only=True):
    """A document as lists show it; `titles` is null when this release does not know the type any more."""

    document_id: str
    version: int
    state: StateName
    state_since: datetime
    agency_id: str
    document_type: str
    titles: Localised | None
    valid_from: datetime
    valid_until: datetime
    delivered_at: datetime


class DocumentPage(msgspec.Struct, frozen=True):
    """A page of documents, newest first."""

    items: list[DocumentItem]
    next_cursor: str | None


class CredentialItem(msgspec.Struct, frozen=True):
    """A copy (SD-JWT VC), bound to one holder key of the device that asks."""

    key_thumbprint: str
    credential: str


class EarlierVersion(msgspec.Struct, frozen=True):
    """A version before the current one."""

    version: int
    state: StateName
    state_since: datetime


class DocumentDetail(DocumentItem, frozen=True, kw_only=True):
    """The current version of a document; `credentials` stays empty until it is confirmed."""

    claims: dict[str, Any]
    credentials: list[CredentialItem]
    earlier_versions: list[EarlierVersion]


class ConfirmRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version that the citizen has seen; without it, whichever is current is confirmed."""

    version: Annotated[int, Meta(ge=1)] | None = None


class DeclineRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the citizen declines, in their own words, for the agency."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    version: Annotated[int, Meta(ge=1)] | None = None
