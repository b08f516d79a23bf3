"""A document type on its way from file to model: as much of it as could be read.

Checks between tables run on a draft, so that one wrong setting does not hide the mistakes elsewhere in the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import msgspec

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import (
    Claim,
    ClaimType,
    Codes,
    DocumentType,
    LegalBasis,
    LiveStatus,
    Source,
    Use,
    Validity,
)
from giayto_issuers.document_type.paper import Form, Integration, Procedure
from giayto_issuers.document_type.reading import Mistakes, read_members
from giayto_issuers.subjects import SubjectKind


@dataclass(frozen=True, slots=True)
class Draft:
    """The tables of a type's file; None is what had mistakes of its own, or was missing."""

    values: Mapping[str, Any]
    code: str | None
    version: int | None
    vct: str | None
    holder_kind: SubjectKind | None
    titles: Localised | None
    description: Localised | None
    source: Source | None
    use: Use | None
    validity: Validity | None
    claims: tuple[Claim, ...]
    unreadable_claims: frozenset[str]
    """Names of claims that have mistakes of their own, as far as they have names."""
    live_status: LiveStatus | None
    integration: Integration | None
    event_claim: str | None
    forms: tuple[Form | None, ...]
    procedures: tuple[Procedure | None, ...]
    legal_basis: tuple[LegalBasis | None, ...]
    sources: Mapping[str, Any]
    code_lists: Mapping[str, Codes]
    """The file's own lists and the shared ones. The label of a code is None where it had a mistake."""

    @classmethod
    def read(cls, members: Mapping[str, Any], shared: Mapping[str, Codes], mistakes: Mistakes) -> Self:
        """Read the tables of a file, noting every mistake inside them."""
        values = read_members(DocumentType, members, "", mistakes)
        own_lists = {name: codes for name, codes in (values.get("code_lists") or {}).items() if codes is not None}
        code_lists = {**shared, **own_lists}
        claims = tuple(claim for claim in values.get("claims") or () if claim is not None)
        return cls(
            values=values,
            code=values.get("code"),
            version=values.get("version"),
            vct=values.get("vct"),
            holder_kind=values.get("holder_kind"),
            titles=values.get("titles"),
            description=values.get("description"),
            source=values.get("source"),
            use=values.get("use"),
            validity=values.get("validity"),
            claims=tuple(_with_codes(claim, code_lists) for claim in claims),
            unreadable_claims=_names(members.get("claims")) - {claim.name for claim in claims},
            live_status=values.get("live_status"),
            integration=values.get("integration"),
            event_claim=values.get("event_claim"),
            forms=values.get("forms") or (),
            procedures=values.get("procedures") or (),
            legal_basis=values.get("legal_basis") or (),
            sources=values.get("sources") or {},
            code_lists=code_lists,
        )

    def claim(self, name: str) -> Claim | None:
        """Return a readable top-level claim by name."""
        return next((claim for claim in self.claims if claim.name == name), None)

    def claim_at(self, place: str) -> Claim | None:
        """Return a readable claim by its place, such as `signers.doctor`: the fields of objects follow after dots."""
        first, *below = place.split(".")
        found = self.claim(first)
        for name in below:
            fields = found.fields if found is not None and found.type is ClaimType.OBJECT else ()
            found = next((field for field in fields if field.name == name), None)
        return found

    def finish(self) -> DocumentType:
        """Return the document type of a draft without mistakes."""
        return DocumentType(**{**self.values, "claims": self.claims})


def _with_codes(claim: Claim, code_lists: Mapping[str, Codes]) -> Claim:
    return msgspec.structs.replace(
        claim,
        # Codes that the file gives to the claim itself are kept: the check of the claim refuses them.
        codes=claim.codes or code_lists.get(claim.code_list or "", {}),
        fields=tuple(_with_codes(field, code_lists) for field in claim.fields),
    )


def _names(claims: Any) -> frozenset[str]:
    tables = claims if isinstance(claims, list) else []
    return frozenset(
        table["name"] for table in tables if isinstance(table, Mapping) and isinstance(table.get("name"), str)
    )
