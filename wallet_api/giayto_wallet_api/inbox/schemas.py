"""Bodies of the inbox and of documents."""

from datetime import datetime
from typing import Annotated, Any, Literal

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
INBOX_EXAMPLE: dict[str, Any] = {
    "items": [ITEM_EXAMPLE],
    "next_cursor": None,
    "preparing": [
        {
            "preparation_id": "prep_0f3b6c1d2e4a5f60718293a4b5c6d7e8",
            "document_id": None,
            "state": "preparing",
            "since": "2026-11-22T09:30:00Z",
            "agency_id": "G18",
            "document_type": "urn:giayto:type:health-book:1",
            "titles": {"vi": "Sổ sức khỏe điện tử", "en": "Electronic health book"},
            "message": {
                "vi": "Giấy tờ đang được chuẩn bị; ví sẽ báo khi có.",
                "en": "The document is being prepared; the wallet will tell you when it is here.",
            },
        }
    ],
}
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
    "being_prepared": False,
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


class PreparingItem(msgspec.Struct, frozen=True, kw_only=True):
    """A document that its agency is preparing for this device; `document_id` when the wallet has it on another."""

    preparation_id: str
    document_id: str | None
    state: Literal["preparing"] = "preparing"
    since: datetime
    agency_id: str
    document_type: str
    titles: Localised | None
    message: Localised


class InboxPage(DocumentPage, frozen=True, kw_only=True):
    """A page of offers; the first page also tells what is being prepared."""

    preparing: list[PreparingItem] = []


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
    being_prepared: bool = False
    """Whether an agency is signing a copy for the device that asks, which has none yet."""


class ConfirmRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version that the citizen has seen; without it, whichever is current is confirmed."""

    version: Annotated[int, Meta(ge=1)] | None = None


class DeclineRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the citizen declines, in their own words, for the agency."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    version: Annotated[int, Meta(ge=1)] | None = None
