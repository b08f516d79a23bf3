"""Which signatures a document must have, by the form of its day, and which are not there."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import Claim, ClaimType, DocumentType
from giayto_issuers.document_type.paper import Form, SignatureSlot
from giayto_issuers.values.times import parse_date


def form_of(document_type: DocumentType, claims: Mapping[str, Any], *, signed_on: date | None = None) -> Form | None:
    """Return the form of a document: that of its event's day, else of the day of signing, where either is known.

    Args:
        document_type: of the claims.
        claims: normalised.
        signed_on: day of signing in Vietnam.
    """
    day = _event_day(document_type, claims) or signed_on
    return None if day is None else document_type.form_on(day)


def missing_signers(document_type: DocumentType, claims: Mapping[str, Any]) -> Iterator[tuple[str, SignatureSlot]]:
    """Yield every required slot whose signer the claims should name and do not, with the place of that claim.

    Slots without a claim are filled by the signature of the credential, which exists once it is signed.

    Args:
        document_type: of the claims.
        claims: normalised.
    """
    day = _event_day(document_type, claims)
    form = None if day is None else document_type.form_on(day)
    if day is None or form is None:
        return
    for slot in form.signatures_on(day):
        if slot.required and slot.claim is not None and _at(claims, slot.claim) is None:
            yield slot.claim, slot


def expected_signer(slot: SignatureSlot) -> Localised:
    """Return what should stand in an empty slot, for people."""
    return Localised(
        vi=f"người ký ({slot.name.vi}): mẫu của ngày này cần chữ ký đó",
        en=f"the signer ({slot.name.en}): the form of that day needs this signature",
    )


def signer_column(document_type: DocumentType, place: str) -> str:
    """Return the source column of a signer's claim: what the agency calls it."""
    name, *below = place.split(".")
    claim = document_type.claim(name)
    for field in below:
        claim = _field(claim, field)
    return claim.columns[0] if claim is not None and claim.columns else place


def _event_day(document_type: DocumentType, claims: Mapping[str, Any]) -> date | None:
    if document_type.event_claim is None:
        return None
    event = claims.get(document_type.event_claim)
    return None if event is None else parse_date(event)


def _at(claims: Mapping[str, Any], place: str) -> Any:
    value: Any = claims
    for name in place.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _field(claim: Claim | None, name: str) -> Claim | None:
    fields = claim.fields if claim is not None and claim.type is ClaimType.OBJECT else ()
    return next((field for field in fields if field.name == name), None)
