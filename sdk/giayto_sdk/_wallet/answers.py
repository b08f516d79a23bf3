"""What the wallet backend tells a phone, as types. Members that this version does not know are passed over."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec

from giayto_crypto.localised import Localised
from giayto_sdk.errors import ProtocolError

_Answer = TypeVar("_Answer")


class WalletDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document in the wallet, or in its inbox."""

    document_id: str
    version: int
    document_type: str
    """vct"""
    titles: Localised | None = None
    agency_id: str
    state: str
    """`offered`, `confirmed`, `declined`, `suspended`, `superseded`, `revoked` or `consumed`."""
    state_since: datetime
    valid_from: datetime
    valid_until: datetime
    delivered_at: datetime


class WalletPreparation(msgspec.Struct, frozen=True, kw_only=True):
    """A document that its agency is preparing for this device: nothing to do but wait."""

    preparation_id: str
    document_id: str | None = None
    """When the wallet has it on another device already."""
    state: str
    """`preparing`."""
    since: datetime
    agency_id: str
    document_type: str
    """vct"""
    titles: Localised | None = None
    message: Localised
    """For the citizen."""


class Copy(msgspec.Struct, frozen=True):
    """One signed copy of a document, bound to one holder key of this device."""

    key_thumbprint: str
    credential: str

    def __repr__(self) -> str:
        return f"Copy({self.key_thumbprint}, …)"


class WalletDocumentDetail(WalletDocument, frozen=True, kw_only=True):
    """A document with what it says and, once it is confirmed, its copies for this device."""

    claims: dict[str, Any]
    credentials: tuple[Copy, ...]
    being_prepared: bool = False
    """Whether an agency is signing a copy for this device, which has none yet."""

    def __repr__(self) -> str:
        return f"WalletDocumentDetail({self.document_id}, {self.document_type}, {self.state})"


class HolderKey(msgspec.Struct, frozen=True):
    """A holder key that this device has registered."""

    key_thumbprint: str
    credential_count: int
    """How many copies are bound to it."""


class WalletChange(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened in the wallet."""

    sequence: int
    """Counts the changes of the wallet; where to go on after this one."""
    kind: str
    object_id: str
    """Of the document or the device."""
    occurred_at: datetime


class WalletDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that is enrolled in the wallet."""

    device_id: str
    name: str
    platform: str
    enrolled_at: datetime
    current: bool = False
    """Whether it is this one."""


class RefusalReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a citizen reported of somebody who asked for paper; nobody else reads names and text."""

    report_id: str
    filed_at: datetime
    verifier_name: str
    verifier_id: str | None = None
    document_type: str
    """vct"""
    procedure: str | None = None
    asked_on: date
    text: str
    edition: str
    """Of the catalogue that forbade the paper."""
    reason: str | None = None
    """Why the paper may not be asked for; only in the answer to a new report."""

    def __repr__(self) -> str:
        return f"RefusalReport({self.report_id}, {self.document_type}, …)"


def read_answer(members: object, kind: type[_Answer]) -> _Answer:
    """Read a JSON value of the server; ProtocolError when it does not have this shape."""
    try:
        return msgspec.convert(members, kind)
    except msgspec.ValidationError as error:
        raise ProtocolError(f"{kind.__name__}: {error}") from error


def next_cursor(page: Mapping[str, Any]) -> str | None:
    """Return where the next page begins, or None after the last."""
    cursor = page.get("next_cursor")
    return cursor if isinstance(cursor, str) else None
