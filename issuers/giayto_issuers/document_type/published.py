"""What of a document type is published: SD-JWT VC type metadata, and the catalogue entry of the verifier bundle."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from giayto_crypto.catalogue import CatalogueClaim, CatalogueEntry, CatalogueUse, ClaimPath, DocumentValidity
from giayto_crypto.localised import Localised

if TYPE_CHECKING:
    from giayto_issuers.document_type.model import Claim, DocumentType, LiveStatus, Use

LOCALES = ("vi", "en")
ALWAYS, NEVER = "always", "never"
MAX_PUBLISHED_CODES = 200
"""Longer code lists (communes) are published for themselves, not with every type that uses them."""


def type_metadata(document_type: "DocumentType") -> dict[str, Any]:
    """Return a type metadata document (draft-ietf-oauth-sd-jwt-vc-26 §4).

    `sd` is `always` or `never`, as the draft recommends: our issuers leave nothing open. Our own (the draft lets
    documents carry more) are, of a claim, `codes`, the labels of a code list, without which a screen shows bare
    numbers, and `live`; of the type, `use`, `live_status`, `forms`, `integration`, `procedures` and `legal_basis`,
    as in its file.
    """
    metadata: dict[str, Any] = {
        "vct": document_type.vct,
        "name": document_type.titles.en,
        "description": document_type.description.en,
        "display": display_of_type(document_type),
        "claims": [metadata for claim in document_type.claims for metadata in _claim_metadata(claim, (), ALWAYS)],
        "use": _use(document_type.use),
    }
    if document_type.live_status is not None:
        metadata["live_status"] = _live_status(document_type.live_status)
    return metadata | _of_the_paper(document_type)


def _of_the_paper(document_type: "DocumentType") -> dict[str, Any]:
    """Return what the type says of the paper in whose place the document stands; absent where it says nothing."""
    of_the_paper = {
        "event_claim": document_type.event_claim,
        "forms": document_type.forms,
        "integration": document_type.integration,
        "procedures": document_type.procedures,
        "legal_basis": document_type.legal_basis,
    }
    return {name: _without_blanks(msgspec.to_builtins(value)) for name, value in of_the_paper.items() if value}


def _without_blanks(value: Any) -> Any:
    """Leave out members that say nothing."""
    if isinstance(value, dict):
        return {name: _without_blanks(member) for name, member in value.items() if member is not None}
    return [_without_blanks(element) for element in value] if isinstance(value, list | tuple) else value


def display_of_type(document_type: "DocumentType") -> list[dict[str, str]]:
    """Return title and description in each language, as SD-JWT VC and OpenID4VCI both write them."""
    return [
        {
            "locale": locale,
            "name": getattr(document_type.titles, locale),
            "description": getattr(document_type.description, locale),
        }
        for locale in LOCALES
    ]


def catalogue_entry(document_type: "DocumentType") -> CatalogueEntry:
    """Return what a verifier must know to judge and to show a presentation."""
    sensitive = document_type.use.sensitivity == "sensitive"
    rule = document_type.validity
    spelt_out = rule.rule == "by-claim" and not rule.open_ended
    return CatalogueEntry(
        vct=document_type.vct,
        code=document_type.code,
        version=document_type.version,
        titles=document_type.titles,
        holder_kind=document_type.holder_kind,
        claims=tuple(
            CatalogueClaim(path=path, label=claim.label, sensitive=sensitive)
            for top in document_type.claims
            for path, claim in top.walk()
        ),
        required_claims=document_type.required_claims,
        # Periods counted in days or months end with the credential's own nbf and exp, and so do those whose end may be
        # missing; only a period that every document spells out is read from its claims.
        validity=DocumentValidity(
            valid_from_claim=rule.from_claim if spelt_out else None,
            valid_until_claim=rule.until_claim if spelt_out else None,
            single_use=document_type.single_use,
        ),
        use=CatalogueUse(
            demandable=document_type.use.demandable,
            purposes=tuple(purpose.code for purpose in document_type.use.purposes),
        ),
        type_metadata=type_metadata(document_type),
    )


def _claim_metadata(claim: "Claim", above: ClaimPath, sd: str, *, reachable: bool = True) -> Iterator[dict[str, Any]]:
    path = (*above, claim.name)
    # Mandatory below an optional claim or a list element means "if that is there", which a Consumer's check does not
    # know: only what every credential of the type holds is called mandatory.
    mandatory = reachable and claim.mandatory
    yield _metadata(path, claim, sd, mandatory)
    is_list = claim.type == "list"
    if is_list:
        path = (*path, None)
        yield {"path": list(path), "sd": ALWAYS if claim.elements_disclosable else NEVER}
    for field in claim.fields:
        below = ALWAYS if claim.fields_disclosable else NEVER
        yield from _claim_metadata(field, path, below, reachable=mandatory and not is_list)


def _metadata(path: ClaimPath, claim: "Claim", sd: str, mandatory: bool) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "path": list(path),
        "display": [_display(locale, claim.label, claim.description) for locale in LOCALES],
        "mandatory": mandatory,
        "sd": sd,
    }
    if 0 < len(claim.codes) <= MAX_PUBLISHED_CODES:
        metadata["codes"] = {code: _in_both(text) for code, text in claim.codes.items()}
    if claim.live:
        metadata["live"] = True
    return metadata


def _use(use: "Use") -> dict[str, Any]:
    published: dict[str, Any] = {
        "single_use": use.single_use,
        "sensitivity": use.sensitivity,
        "demandable": use.demandable,
        "purposes": [{"code": purpose.code, "name": _in_both(purpose.name)} for purpose in use.purposes],
    }
    if use.purpose_claim is not None:
        published["purpose_claim"] = use.purpose_claim
    return published


def _live_status(states: "LiveStatus") -> dict[str, Any]:
    meanings = {"invalid": states.invalid, "suspended": states.suspended, "consumed": states.consumed}
    return {state: _in_both(meaning) for state, meaning in meanings.items() if meaning is not None}


def _in_both(text: Localised) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}


def _display(locale: str, label: Localised, description: Localised | None) -> dict[str, str]:
    display = {"locale": locale, "label": getattr(label, locale)}
    if description is not None:
        display["description"] = getattr(description, locale)
    return display
