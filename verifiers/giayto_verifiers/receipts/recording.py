"""From an examination to what a receipt says of it; the same for the first check and for every repetition."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from msgspec import structs

from giayto_crypto.catalogue import CatalogueEntry
from giayto_crypto.errors import GiaytoError
from giayto_crypto.sdjwt import PROFILE_MEMBERS
from giayto_verifiers.authenticity import AuthenticDocument
from giayto_verifiers.examination import Examination
from giayto_verifiers.receipts.shapes import (
    CheckRecord,
    ConditionsRecord,
    DataRecord,
    DocumentRecord,
    KeptClaim,
    PolicyRecord,
    ShownPath,
)

NamePath = tuple[str, ...]
"""Names of nested claims from the top, without array positions."""


class ClaimNotShownError(GiaytoError):
    """A claim is to be kept that was not shown."""

    code = "claim_not_shown"
    message_vi = "Thông tin cần lưu không có trong phần đã xuất trình."
    message_en = "A claim that is to be kept was not shown."


def record_check(examination: Examination, kept: Iterable[NamePath]) -> CheckRecord:
    """Write down what a check found.

    Args:
        examination: the check.
        kept: claims whose values are written down.

    Raises:
        ClaimNotShownError: one of them was not shown.
    """
    document, circumstances, bundle = examination.document, examination.circumstances, examination.bundle
    claims = document_members(document) if document else {}
    return CheckRecord(
        outcome=examination.outcome,
        reasons=tuple(dict.fromkeys(finding.reason for finding in examination.findings)),
        checked_at=circumstances.checked_at,
        presentation_sha256=presentation_hash(examination.presentation),
        document=_document(document) if document else None,
        presented_at=examination.binding.issued_at if examination.binding else None,
        data=DataRecord(
            bundle_sequence=circumstances.bundle_sequence,
            bundle_issued_at=bundle.issued_at,
            bundle_expires_at=bundle.expires_at,
            trust_list_sequence=circumstances.trust_list_sequence,
            trust_list_issued_at=bundle.trust_list.issued_at,
            status_checked_at=circumstances.status_checked_at,
        ),
        disclosed=tuple(_leaves(claims, ())) if claims else (),
        claims=tuple(KeptClaim(path=path, value=claim_at(claims, path)) for path in kept),
    )


def record_conditions(examination: Examination) -> ConditionsRecord:
    """Write down what a check was made under."""
    conditions, entry = examination.conditions, examination.entry
    return ConditionsRecord(
        printed_copy=conditions.printed_copy,
        challenge=conditions.challenge,
        policy=PolicyRecord.of(conditions.policy),
        document_type=None if entry is None else _rules(entry),
    )


def presentation_hash(text: str) -> str:
    """Return SHA-256 of a presentation in hexadecimal; of a text that is none, of its UTF-8 form."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def document_members(document: AuthenticDocument) -> Mapping[str, Any]:
    """Return the document's own claims that were shown, as they are in JSON."""
    return {name: value for name, value in document.sd_jwt.claims.items() if name not in PROFILE_MEMBERS}


def claim_at(claims: Mapping[str, Any], path: NamePath) -> Any:
    """Return the value at a path of names; ClaimNotShownError when there is none."""
    value: Any = claims
    for name in path:
        if not isinstance(value, dict) or name not in value:
            # The path may have come from anywhere: it is not repeated in the message.
            raise ClaimNotShownError("receipt: a claim that is to be kept was not shown")
        value = value[name]
    return value


def _document(document: AuthenticDocument) -> DocumentRecord:
    agency = document.agency
    return DocumentRecord(
        vct=document.vct,
        agency_id=agency.agency_id,
        names=agency.names,
        iss=agency.iss,
        successor_agency_id=agency.successor_agency_id,
        issued_at=document.issued_at,
        expires_at=document.expires_at,
    )


def _rules(entry: CatalogueEntry) -> CatalogueEntry:
    """Leave out what no step looks at: labels and metadata are long."""
    return structs.replace(entry, claims=(), type_metadata={})


def _leaves(value: Any, path: ShownPath) -> Iterator[ShownPath]:
    """Yield the place of every value, an empty object or array being one."""
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _leaves(member, (*path, name))
    elif isinstance(value, list) and value:
        for position, element in enumerate(value):
            yield from _leaves(element, (*path, position))
    else:
        yield path
