"""The three answers of checking a receipt, as three types, and what a receipt says once its signer is proven."""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn, TypeAlias, final

import msgspec

from giayto_crypto.localised import Localised
from giayto_verifiers.reasons import Reason
from giayto_verifiers.receipts.evidence import EvidenceLevel
from giayto_verifiers.receipts.reasons import ReceiptReason
from giayto_verifiers.receipts.recording import NamePath
from giayto_verifiers.receipts.shapes import ReceiptClaims, ShownPath

_SEAL = object()
"""Held by `state` alone."""


class VerifiersWord(StrEnum):
    """What no repetition can find again: it is as true as the verifier is honest."""

    TIME = "checked_at"
    PURPOSE = "purpose"
    CONDITIONS = "conditions"
    """Policy, challenge, the type's rules and the bundle's own period, as the verifier recorded them."""
    FIRST_TIME = "first_time"
    """That the presentation had not been shown there before, or had."""
    DISCLOSED = "disclosed"
    """Which claims were shown, beyond those that are kept."""
    PRESENTATION = "presentation_sha256"


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReceiptStatement:
    """What a receipt says, signed by the verifier it names. Its outcome is history: of the time of the check only.

    Attributes:
        receipt_id, verifier, transaction, purpose: whose it is, and what for.
        outcome, reasons, checked_at: the verdict of that time.
        vct, title, agency_id, agency, iss: the document, once it was found genuine; otherwise None.
        presented_at: when the holder signed; None for a printed copy or without a genuine proof.
        status_checked_at: issue time of the status data.
        disclosed: places of the claims that were shown.
        claims: values that were kept.
        presentation_sha256: hexadecimal.
        evidence: how much was kept.
    """

    receipt_id: str
    verifier: str
    transaction: str
    purpose: str
    outcome: str
    reasons: tuple[Reason, ...]
    checked_at: datetime
    vct: str | None
    title: Localised | None
    agency_id: str | None
    agency: Localised | None
    iss: str | None
    presented_at: datetime | None
    status_checked_at: datetime | None
    disclosed: tuple[ShownPath, ...]
    claims: Mapping[NamePath, Any]
    presentation_sha256: str
    evidence: EvidenceLevel
    members: Mapping[str, Any]
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("ReceiptStatement is made by checking a receipt only")

    def to_json(self) -> dict[str, Any]:
        """Return what the receipt says as JSON members: its payload without the evidence."""
        return dict(self.members)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("ReceiptStatement cannot be pickled")

    def __repr__(self) -> str:
        return f"ReceiptStatement({self.receipt_id}, {self.outcome})"


def state(claims: ReceiptClaims) -> ReceiptStatement:
    """Say what a receipt says, after its signature was checked. For checking receipts only."""
    check, rules = claims.check, claims.conditions.document_type
    document = check.document
    members: dict[str, Any] = msgspec.to_builtins(claims)
    del members["evidence"]
    return ReceiptStatement(
        receipt_id=claims.receipt_id,
        verifier=claims.verifier,
        transaction=claims.transaction,
        purpose=claims.purpose,
        outcome=check.outcome,
        reasons=check.reasons,
        checked_at=check.checked_at,
        vct=document.vct if document else None,
        title=rules.titles if document and rules else None,
        agency_id=document.agency_id if document else None,
        agency=document.names if document else None,
        iss=document.iss if document else None,
        presented_at=check.presented_at,
        status_checked_at=check.data.status_checked_at,
        disclosed=check.disclosed,
        claims=MappingProxyType({kept.path: kept.value for kept in check.claims}),
        presentation_sha256=check.presentation_sha256,
        evidence=EvidenceLevel(claims.evidence.level),
        members=MappingProxyType(members),
        seal=_SEAL,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    result: ClassVar[str]

    def __bool__(self) -> NoReturn:
        raise TypeError("checking a receipt has three results: compare its type or result, not its truth")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptHolds(_Result):
    """Signed by the verifier, for this transaction, and the check, repeated, finds what the receipt says.

    That is not to say that the document is valid: look at `statement.outcome`, which is of the time of the check.
    """

    result: ClassVar[str] = "holds"
    statement: ReceiptStatement
    verifiers_word: tuple[VerifiersWord, ...]
    """What the repetition could not find again."""

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON members."""
        return _to_json(self.result, None, "", self.statement) | {
            "verifiers_word": [word.value for word in self.verifiers_word]
        }


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRefused(_Result):
    """The receipt does not hold. What it says is not given out."""

    result: ClassVar[str] = "does_not_hold"
    reason: ReceiptReason
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON members."""
        return _to_json(self.result, self.reason, self.detail, None)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptUndetermined(_Result):
    """It cannot be told. `statement` is there when the verifier's signature is proven, and is the verifier's word."""

    result: ClassVar[str] = "undetermined"
    reason: ReceiptReason
    detail: str = ""
    statement: ReceiptStatement | None = field(default=None)

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON members."""
        return _to_json(self.result, self.reason, self.detail, self.statement)


ReceiptResult: TypeAlias = ReceiptHolds | ReceiptRefused | ReceiptUndetermined


def _to_json(
    result: str, reason: ReceiptReason | None, detail: str, statement: ReceiptStatement | None
) -> dict[str, Any]:
    return {
        "result": result,
        "reason": reason.value if reason else None,
        "message_vi": reason.text.message_vi if reason else None,
        "message_en": reason.text.message_en if reason else None,
        "detail": detail,
        "evidence": statement.evidence.value if statement else None,
        "receipt": statement.to_json() if statement else None,
    }
