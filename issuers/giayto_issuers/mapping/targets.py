"""What a mapping can fill: the claims of a flat row, each with the key that the row uses for it."""

from collections.abc import Iterable, Mapping

from giayto_issuers.document_type.model import Claim, ClaimType, DocumentType
from giayto_issuers.records.validation import OF_THE_RECORD


def targets(document_type: DocumentType) -> Mapping[str, Claim | None]:
    """Return every name that a mapping may fill; None stands for what is of the record and no claim."""
    found: dict[str, Claim | None] = dict.fromkeys(sorted(OF_THE_RECORD, reverse=True))
    found.update(_of_level(document_type.claims, ""))
    return found


def row_keys(document_type: DocumentType) -> Mapping[str, str]:
    """Return, for every name that a mapping may fill, the key under which a flat row holds it."""
    keys = {}
    for name, claim in targets(document_type).items():
        keys[name] = name if claim is None else next(iter(claim.columns), claim.name)
    return keys


def _of_level(claims: Iterable[Claim], above: str) -> Iterable[tuple[str, Claim]]:
    for claim in claims:
        name = f"{above}{claim.name}"
        if claim.type is ClaimType.OBJECT:
            # A flat row spreads an object over columns of its fields.
            yield from _of_level(claim.fields, f"{name}.")
        if claim.columns or (not above and claim.type is not ClaimType.OBJECT):
            yield name, claim
