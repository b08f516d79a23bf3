"""The paper that a document stands for: its forms, who signs them, how far it is integrated, who used to ask for it.

Days are days of Vietnam. A period runs from its first day through its last; None is an open end.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.expectations import text_like

ClaimPlace = Annotated[
    str,
    text_like(
        r"^[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63}){0,3}$",
        "tên một trường, hoặc mục của đối tượng sau dấu chấm, như signers.doctor",
        "the name of a claim, or of an object's field after a dot, such as signers.doctor",
    ),
]
"""A claim, or a field of an object after dots: `signers.doctor`."""
Stage = Literal["proposed", "in-preparation", "integrated"]
PaperRule = Literal["no", "unless-in-wallet", "yes"]


class SignatureSlot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One place for a signature on a form. A document is fully signed when every required slot in force is filled.

    Attributes:
        role: who signs, such as `doctor` or `facility`.
        name: what people call the signer.
        kind: a person's signature, an organisation's, or a confirmation in a system.
        required: whether the document is complete without it.
        valid_from, valid_until: for documents of which days the slot counts; the form's own days otherwise.
        claim: where a record names the signer; without it the signature of the credential itself fills the slot.
        source: marks of `sources`.
    """

    role: Annotated[
        str,
        text_like(
            r"^[a-z][a-z-]{0,63}$",
            "vai trò gồm chữ thường a-z và dấu -, như doctor",
            "a role of small letters a-z and hyphens, such as doctor",
        ),
    ]
    name: Localised
    kind: Literal["personal", "organisation", "e-confirm"]
    required: bool = True
    valid_from: date | None = None
    valid_until: date | None = None
    claim: ClaimPlace | None = None
    source: str | None = None

    def is_in_force(self, day: date) -> bool:
        """Tell whether a document of a day has this slot."""
        return within(day, self.valid_from, self.valid_until)


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of the paper's form. The day of the event chooses it, not the day of printing.

    Attributes:
        number: what the rule of law calls it, such as `Phụ lục VI, Thông tư 01/2025/TT-BYT`.
        valid_from, valid_until: days of events for which it is the form.
        signatures: its slots.
        source: marks of `sources`.
    """

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    valid_from: date | None = None
    valid_until: date | None = None
    signatures: tuple[SignatureSlot, ...] = ()
    source: str | None = None

    def is_in_force(self, day: date) -> bool:
        """Tell whether this is the form of an event on a day."""
        return within(day, self.valid_from, self.valid_until)

    def signatures_on(self, day: date) -> tuple[SignatureSlot, ...]:
        """Return the slots of a document of a day."""
        return tuple(slot for slot in self.signatures if slot.is_in_force(day))


class Integration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far the document has come into the wallet.

    Attributes:
        stage: `proposed`, `in-preparation`, or `integrated`: only then nobody may ask for the paper.
        since: day of that stage, where it is known.
        deadline: by when it is to be integrated, where one is set.
        source: marks of `sources`.
    """

    stage: Stage
    since: date | None = None
    deadline: date | None = None
    source: str | None = None


class Procedure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An administrative procedure that asks, or used to ask, for the paper.

    Attributes:
        code: as on the national portal, such as `1.000894`.
        titles: of the procedure.
        may_ask: `no`, the paper is abolished for it; `unless-in-wallet`, only from who does not show the document from
            the wallet; `yes`, the law still wants the paper.
        legal_basis: reference of the rule that says so.
        valid_from, valid_until: days on which this answer holds.
        source: marks of `sources`.
    """

    code: Annotated[
        str,
        text_like(
            r"^\d\.\d{6}(\.\d{2,3}\.\d{2}\.\d{2}\.[A-Z]\d{2})?$",
            "mã thủ tục như 1.011442 hoặc 1.011442.000.00.00.H38",
            "a procedure code such as 1.011442 or 1.011442.000.00.00.H38",
        ),
    ]
    titles: Localised
    may_ask: PaperRule
    legal_basis: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    valid_from: date | None = None
    valid_until: date | None = None
    source: str

    def is_in_force(self, day: date) -> bool:
        """Tell whether the answer holds on a day."""
        return within(day, self.valid_from, self.valid_until)


def within(day: date, first: date | None, last: date | None) -> bool:
    """Tell whether a day lies in a period whose ends may be open."""
    return (first is None or first <= day) and (last is None or day <= last)


def overlap(one: "Form | Procedure", other: "Form | Procedure") -> bool:
    """Tell whether two periods have a day in common."""
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    last = min(one.valid_until or date.max, other.valid_until or date.max)
    return first <= last
