"""What of a document type is published: SD-JWT VC type metadata, and the catalogue entry of the verifier bundle."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from giayto_crypto.catalogue import CatalogueClaim, CatalogueEntry, ClaimPath, DocumentValidity
from giayto_crypto.localised import Localised

if TYPE_CHECKING:
    from giayto_issuers.document_type.model import Claim, Codes, DocumentType

LOCALES = ("vi", "en")
ALWAYS, NEVER = "always", "never"


def type_metadata(document_type: "DocumentType") -> dict[str, Any]:
    """Return a type metadata document (draft-ietf-oauth-sd-jwt-vc-26 §4).

    `sd` is `always` or `never`, as the draft recommends: our issuers leave nothing open. The member `codes` is our own
    (the draft lets documents carry more): the labels of a code list, without which a screen shows bare numbers.
    """
    return {
        "vct": document_type.vct,
        "name": document_type.titles.en,
        "description": document_type.description.en,
        "display": [
            {
                "locale": locale,
                "name": getattr(document_type.titles, locale),
                "description": getattr(document_type.description, locale),
            }
            for locale in LOCALES
        ],
        "claims": [metadata for claim in document_type.claims for metadata in _claim_metadata(claim, (), ALWAYS)],
    }


def catalogue_entry(document_type: "DocumentType") -> CatalogueEntry:
    """Return what a verifier must know to judge and to show a presentation."""
    sensitive = document_type.use.sensitivity == "sensitive"
    rule = document_type.validity
    by_claim = rule.rule == "by-claim"
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
        # Periods counted in days or months end with the credential's own nbf and exp; only a period that the document
        # itself spells out has to be read from its claims.
        validity=DocumentValidity(
            valid_from_claim=rule.from_claim if by_claim else None,
            valid_until_claim=rule.until_claim if by_claim else None,
            single_use=document_type.single_use,
        ),
        type_metadata=type_metadata(document_type),
    )


def _claim_metadata(claim: "Claim", above: ClaimPath, sd: str, *, reachable: bool = True) -> Iterator[dict[str, Any]]:
    path = (*above, claim.name)
    # Mandatory below an optional claim or a list element means "if that is there", which a Consumer's check does not
    # know: only what every credential of the type holds is called mandatory.
    mandatory = reachable and claim.mandatory
    yield _metadata(path, claim.label, claim.description, sd, mandatory, claim.codes)
    is_list = claim.type == "list"
    if is_list:
        path = (*path, None)
        yield {"path": list(path), "sd": ALWAYS if claim.elements_disclosable else NEVER}
    for field in claim.fields:
        below = ALWAYS if claim.fields_disclosable else NEVER
        yield from _claim_metadata(field, path, below, reachable=mandatory and not is_list)


def _metadata(
    path: ClaimPath, label: Localised, description: Localised | None, sd: str, mandatory: bool, codes: "Codes"
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "path": list(path),
        "display": [_display(locale, label, description) for locale in LOCALES],
        "mandatory": mandatory,
        "sd": sd,
    }
    if codes:
        metadata["codes"] = {code: {"vi": text.vi, "en": text.en} for code, text in codes.items()}
    return metadata


def _display(locale: str, label: Localised, description: Localised | None) -> dict[str, str]:
    display = {"locale": locale, "label": getattr(label, locale)}
    if description is not None:
        display["description"] = getattr(description, locale)
    return display
