"""May this paper still be asked for? One rule, for the public API and for the SDK without a network.

    1 nobody may demand it in any form         → no, `never_demandable`
    2 the stated purpose is not one of its own → no, `purpose_not_allowed`
    3 the procedure does without the paper     → no, `dropped_from_procedure`
    4 the procedure still wants the paper      → yes, `required_by_procedure`
    5 it is integrated on that day             → no, `shown_from_wallet` in a procedure that says so, or `integrated`
    6 a purpose is needed and none was stated  → no, `purpose_not_stated`
    7 otherwise                                → yes, `not_integrated`

The numbers are those of docs/catalogue.md. A "no" is about paper: `show_from_wallet` says whether the holder may be
asked to show the document from the wallet instead. Where the data is missing or wrong, paper may be asked all the
same, and a correction is opened (`fallback`).
"""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Literal

import msgspec

from giayto_crypto.catalogue_edition import (
    CatalogueEdition,
    EditionEntry,
    LegalGround,
    MappedProcedure,
    StatedPurpose,
)
from giayto_crypto.errors import GiaytoError
from giayto_crypto.localised import Localised

_PROCEDURE = re.compile(r"([0-9]\.[0-9]{6})(\.[0-9]{2,3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2})?")


class DocumentNotCataloguedError(GiaytoError):
    """The edition has no document of this code or vct: it neither forbids nor allows anything about it."""

    code = "document_not_catalogued"
    message_vi = "Danh mục không có loại giấy tờ này; hãy kiểm tra lại mã."
    message_en = "The catalogue has no such document type; check the code."


class ProcedureCodeError(GiaytoError):
    """The procedure's code is not of its form."""

    code = "procedure_code_invalid"
    message_vi = "Mã thủ tục không đúng định dạng, ví dụ đúng: 1.000894."
    message_en = "The procedure's code does not follow its form; 1.000894 would."


class PaperReason(StrEnum):
    """Why a paper may or may not be asked for; stable codes."""

    NEVER_DEMANDABLE = "never_demandable"
    PURPOSE_NOT_ALLOWED = "purpose_not_allowed"
    DROPPED_FROM_PROCEDURE = "dropped_from_procedure"
    REQUIRED_BY_PROCEDURE = "required_by_procedure"
    SHOWN_FROM_WALLET = "shown_from_wallet"
    INTEGRATED = "integrated"
    PURPOSE_NOT_STATED = "purpose_not_stated"
    NOT_INTEGRATED = "not_integrated"

    @property
    def text(self) -> Localised:
        """What to tell people: the answer, and what to do."""
        return _TEXTS[self]


class AskedProcedure(msgspec.Struct, frozen=True, kw_only=True):
    """The procedure of a question; `titles` is null when the edition does not map it to the document."""

    code: str
    titles: Localised | None = None


class MayAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to "may I ask for this paper?".

    Attributes:
        may_ask: whether the paper may be asked for.
        reason: why.
        message: the same for people.
        document, vct, titles: what it is about.
        procedure, purpose, on: as asked.
        show_from_wallet: whether the holder may be asked to show it from the wallet.
        purposes: the purposes for which.
        fallback: whether paper may be asked all the same, with a reason, where the data is missing or wrong.
        legal_basis: of the answer, what decides first.
        edition: of the catalogue.
    """

    may_ask: bool
    reason: PaperReason
    message: Localised
    document: str
    vct: str
    titles: Localised
    procedure: AskedProcedure | None
    purpose: str | None
    on: date
    show_from_wallet: Literal["yes", "for_purposes", "no"]
    purposes: tuple[StatedPurpose, ...]
    fallback: bool
    legal_basis: tuple[LegalGround, ...]
    edition: str


def may_ask(
    edition: CatalogueEdition,
    document: str,
    *,
    on: date,
    procedure: str | None = None,
    purpose: str | None = None,
) -> MayAsk:
    """Answer from one edition whether a paper may be asked for.

    Args:
        edition: verified.
        document: code (its newest version counts) or vct.
        on: the day, in Vietnam.
        procedure: code, short (`1.000894`) or with its suffix (`1.000894.000.00.00.H26`).
        purpose: code of a purpose, as the edition lists them.

    Raises:
        DocumentNotCataloguedError: the edition does not know the document.
        ProcedureCodeError: the procedure's code is not one.
    """
    entry = edition.find(document)
    if entry is None:
        raise DocumentNotCataloguedError("may ask: the edition has no document of this code or vct")
    code = None if procedure is None else _short_code(procedure)
    mapped = next((each for each in entry.procedures if each.code == code and each.applies(on)), None)
    reason = _reason(entry, mapped, purpose, on)
    titles = next((each.titles for each in entry.procedures if each.code == code), None)
    return MayAsk(
        may_ask=reason in _ALLOWING,
        reason=reason,
        message=reason.text,
        document=entry.code,
        vct=entry.vct,
        titles=entry.titles,
        procedure=None if code is None else AskedProcedure(code=code, titles=titles),
        purpose=purpose,
        on=on,
        show_from_wallet=_show_from_wallet(entry, reason),
        purposes=entry.purposes,
        fallback=reason in _FROM_WALLET,
        legal_basis=tuple(_legal_basis(edition, entry, mapped, reason)),
        edition=edition.edition_id,
    )


def short_procedure_code(text: str) -> str:
    """Return the short form of a procedure's code; ProcedureCodeError when it is none."""
    return _short_code(text)


def _reason(entry: EditionEntry, mapped: MappedProcedure | None, purpose: str | None, on: date) -> PaperReason:
    if entry.demand == "never":
        return PaperReason.NEVER_DEMANDABLE
    if purpose is not None and entry.purposes and purpose not in {each.code for each in entry.purposes}:
        return PaperReason.PURPOSE_NOT_ALLOWED
    rule = None if mapped is None else mapped.may_ask
    if rule == "no":
        return PaperReason.DROPPED_FROM_PROCEDURE
    if rule == "yes":
        return PaperReason.REQUIRED_BY_PROCEDURE
    if entry.is_integrated(on):
        return PaperReason.INTEGRATED if rule is None else PaperReason.SHOWN_FROM_WALLET
    if entry.demand == "for_purposes" and purpose is None:
        return PaperReason.PURPOSE_NOT_STATED
    return PaperReason.NOT_INTEGRATED


def _show_from_wallet(entry: EditionEntry, reason: PaperReason) -> Literal["yes", "for_purposes", "no"]:
    if reason not in _FROM_WALLET:
        return "no"
    return "for_purposes" if entry.purposes else "yes"


def _legal_basis(
    edition: CatalogueEdition, entry: EditionEntry, mapped: MappedProcedure | None, reason: PaperReason
) -> Iterator[LegalGround]:
    if mapped is not None and reason in _BY_PROCEDURE:
        yield mapped.legal_basis
    if reason in _FROM_WALLET:
        yield edition.rule_basis
    yield from entry.legal_basis
    if reason in _FROM_WALLET:
        yield edition.fallback_basis


def _short_code(text: str) -> str:
    match = _PROCEDURE.fullmatch(text.strip())
    if match is None:
        raise ProcedureCodeError("may ask: a procedure's code is like 1.000894 or 1.000894.000.00.00.H26")
    return match[1]


_ALLOWING = frozenset({PaperReason.REQUIRED_BY_PROCEDURE, PaperReason.NOT_INTEGRATED})
_BY_PROCEDURE = frozenset(
    {PaperReason.DROPPED_FROM_PROCEDURE, PaperReason.REQUIRED_BY_PROCEDURE, PaperReason.SHOWN_FROM_WALLET}
)
_FROM_WALLET = frozenset({PaperReason.INTEGRATED, PaperReason.SHOWN_FROM_WALLET})
_TEXTS = {
    PaperReason.NEVER_DEMANDABLE: Localised(
        vi="Không ai được yêu cầu giấy tờ này, dưới bất kỳ hình thức nào.",
        en="Nobody may demand this document, in any form.",
    ),
    PaperReason.PURPOSE_NOT_ALLOWED: Localised(
        vi="Không được yêu cầu giấy tờ này cho mục đích đã nêu.",
        en="This document may not be asked for the purpose that was stated.",
    ),
    PaperReason.DROPPED_FROM_PROCEDURE: Localised(
        vi="Không được yêu cầu: thủ tục này đã bỏ giấy tờ này.",
        en="It may not be asked for: the procedure does not need this document any more.",
    ),
    PaperReason.REQUIRED_BY_PROCEDURE: Localised(
        vi="Được yêu cầu bản giấy: pháp luật vẫn quy định thủ tục này cần bản giấy.",
        en="Paper may be asked for: the law still wants it in this procedure.",
    ),
    PaperReason.SHOWN_FROM_WALLET: Localised(
        vi="Không được yêu cầu bản giấy: thủ tục này nhận giấy tờ xuất trình từ ví.",
        en="Paper may not be asked for: this procedure takes the document as shown from the wallet.",
    ),
    PaperReason.INTEGRATED: Localised(
        vi="Không được yêu cầu bản giấy: giấy tờ đã tích hợp, hãy đề nghị xuất trình từ ví.",
        en="Paper may not be asked for: the document is integrated; ask to see it from the wallet.",
    ),
    PaperReason.PURPOSE_NOT_STATED: Localised(
        vi="Không được yêu cầu khi chưa nêu mục đích theo quy định.",
        en="It may not be asked for without one of its lawful purposes.",
    ),
    PaperReason.NOT_INTEGRATED: Localised(
        vi="Được yêu cầu bản giấy: giấy tờ chưa được tích hợp vào ngày này.",
        en="Paper may be asked for: the document is not integrated on this day.",
    ),
}
