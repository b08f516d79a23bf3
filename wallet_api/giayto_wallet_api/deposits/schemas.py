"""Bodies of the deposit operations."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from giayto_wallet_api.documents.schemas import RowProblem

MAX_RECORD_BYTES = 1024 * 1024
"""Longest record, as JSON."""

DepositState = Literal["current", "superseded", "withdrawn"]
_DOCUMENT_ID = "doc_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f"
ITEM_EXAMPLE: dict[str, Any] = {
    "document_id": _DOCUMENT_ID,
    "version": 1,
    "row_key": "LK-2026-000731",
    "document_type": "urn:giayto:type:referral:1",
    "state": "current",
    "deposited_at": "2026-11-22T09:30:00Z",
    "changed_at": "2026-11-22T09:30:00Z",
}
PAGE_EXAMPLE: dict[str, Any] = {"items": [ITEM_EXAMPLE], "next_cursor": None}
DETAIL_EXAMPLE: dict[str, Any] = {
    **ITEM_EXAMPLE,
    "issuances": [
        {"issued_at": "2026-11-22T09:40:00Z", "copies": 3, "own_wallet": True, "events": ["credential_accepted"]}
    ],
}
ANSWERS_EXAMPLE = (
    '{"row":1,"row_key":"LK-2026-000731","result":"deposited","document_id":"' + _DOCUMENT_ID + '","version":1}\n'
)
OFFER_EXAMPLE: dict[str, Any] = {
    "credential_offer": {
        "credential_issuer": "https://giayto.example",
        "credential_configuration_ids": ["referral.1"],
        "grants": {
            "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
                "pre-authorized_code": "oaKazRN8I0IbtZ0C7JuMn5",
                "tx_code": {"input_mode": "numeric", "length": 6},
            }
        },
    },
    "by_value": "openid-credential-offer://?credential_offer=%7B…",
    "by_reference": "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fgiayto.example%2F…",
    "tx_code": "493536",
    "expires_at": "2026-11-22T09:40:00Z",
}


class DepositAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one record; `row` counts from 1. A line that cannot be read has no row key."""

    row: int
    row_key: str | None = None
    result: Literal["deposited", "unchanged", "refused"]
    document_id: str | None = None
    version: int | None = None
    problem: RowProblem | None = None


class DepositItem(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a deposited document, as the agency sees it."""

    document_id: str
    version: int
    row_key: str
    document_type: str
    state: DepositState
    deposited_at: datetime
    changed_at: datetime


class DepositPage(msgspec.Struct, frozen=True):
    """Some versions, oldest first; `next_cursor` continues."""

    items: tuple[DepositItem, ...]
    next_cursor: str | None = None


class IssuanceItem(msgspec.Struct, frozen=True, kw_only=True):
    """Copies that one wallet fetched at once. `events` are what it told of them; nothing says who it is."""

    issued_at: datetime
    copies: int
    own_wallet: bool
    events: tuple[str, ...]


class DepositDetail(DepositItem, frozen=True, kw_only=True):
    """The newest version of a deposited document, and what was issued of it."""

    issuances: tuple[IssuanceItem, ...]


class WithdrawalRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a deposit is withdrawn; kept in the audit log, so no personal data."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class OfferRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an offer is protected. Without a transaction code whoever sees the QR gets the document."""

    tx_code: bool = True


class OfferAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A credential offer (OpenID4VCI 1.0 §4.1) in both forms. `tx_code` is shown here once: it travels another way."""

    credential_offer: dict[str, Any]
    by_value: str
    by_reference: str
    expires_at: datetime
    tx_code: str | None = None
