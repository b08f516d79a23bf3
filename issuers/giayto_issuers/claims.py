"""The claims of a credential and its document type: the re-check at storage, the marks for selective disclosure."""

from collections.abc import Mapping
from typing import Any

from giayto_crypto.localised import Localised
from giayto_crypto.sdjwt import Sd
from giayto_issuers.compiled_claims import compiled
from giayto_issuers.document_type.model import Claim, ClaimType, DocumentType
from giayto_issuers.errors import ClaimsError, Problem
from giayto_issuers.records.normalisation import Normalisation
from giayto_issuers.signature_slots import expected_signer, missing_signers
from giayto_issuers.subjects import ID_CLAIM, Subject
from giayto_issuers.values.value_class import ABSENT, value_class

PROFILE_MEMBERS = frozenset({"iss", "iat", "nbf", "exp", "vct", "cnf", "status"})
"""What our agencies' credentials say in clear; checked by the profile, not by the type. Of what a verifier also takes
(`giayto_crypto.sdjwt.PROFILE_MEMBERS`), `vct#integrity` is not written here."""
_DIGEST_MEMBERS = frozenset({"_sd", "_sd_alg"})

_DISCLOSURE = Localised(vi="chỉ xuất hiện dưới dạng xuất trình chọn lọc", en="nothing in clear: a selective disclosure")


def check_claims(document_type: DocumentType, claims: Mapping[str, Any]) -> Subject:
    """Check the claims of a whole credential, all disclosures put back, and say whom it is about.

    Every claim must be known to the type and be written exactly as our issuers write it; none that is mandatory may be
    missing, nor a signer whom the form of the document's day requires.

    Args:
        document_type: the one of the credential's `vct`.
        claims: processed claims; the members of the credential profile (`iss`, `cnf`, …) are passed over.

    Raises:
        ClaimsError: with every problem, by claim path.
    """
    own = {name: value for name, value in claims.items() if name not in PROFILE_MEMBERS}
    if not compiled(document_type).accept(own):
        walk = Normalisation(exact=True)
        walk.members(document_type.claims, own)
        if walk.problems:
            raise ClaimsError(walk.problems)
    unsigned = [Problem(place, ABSENT, expected_signer(slot)) for place, slot in missing_signers(document_type, own)]
    if unsigned:
        raise ClaimsError(unsigned)
    return Subject(document_type.holder_kind, own[ID_CLAIM[document_type.holder_kind]])


def check_signed_payload(payload: Mapping[str, Any]) -> None:
    """Check that a credential's payload, as signed, says nothing in clear but what the profile lists.

    A top-level claim outside the disclosures would be shown to every verifier, whatever the holder chooses.

    Raises:
        ClaimsError: with every member that should have been a disclosure.
    """
    problems = [
        Problem(name, value_class(value), _DISCLOSURE)
        for name, value in payload.items()
        if name not in PROFILE_MEMBERS | _DIGEST_MEMBERS
    ]
    if problems:
        raise ClaimsError(problems)


def disclosable(document_type: DocumentType, claims: Mapping[str, Any]) -> dict[str, Any]:
    """Mark what a holder can show on its own below the top level, in the type's order of claims.

    Top-level claims carry no mark: the credential profile makes each of them a disclosure.

    Args:
        document_type: says which elements and fields are disclosures of their own.
        claims: plain and normalised.
    """
    return {claim.name: _mark(claim, claims[claim.name]) for claim in document_type.claims if claim.name in claims}


def _mark(claim: Claim, value: Any) -> Any:
    if claim.type is not ClaimType.LIST:
        return _mark_fields(claim, value)
    elements = [_mark_fields(claim, element) for element in value]
    return [Sd(element) for element in elements] if claim.elements_disclosable else elements


def _mark_fields(claim: Claim, value: Any) -> Any:
    if claim.element_type is not ClaimType.OBJECT:
        return value
    fields = {field.name: _mark(field, value[field.name]) for field in claim.fields if field.name in value}
    return {name: Sd(field) for name, field in fields.items()} if claim.fields_disclosable else fields
