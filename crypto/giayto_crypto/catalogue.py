"""What a verifier must know of a document type, as data.

An issuer's type file says much more (columns, formats, agencies). Only what is needed to judge and to show a
presentation travels to verifiers: titles, labels, which claims must be shown, and until when the document itself
is good. A type never proves an authority: who may issue it stands in the trust list.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec

from giayto_crypto.errors import MalformedError
from giayto_crypto.localised import Localised

ClaimPath = tuple[str | int | None, ...]
"""Names, array positions, and None for every element of an array (SD-JWT VC §4.6.1 `path`)."""


class CatalogueClaim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One claim of a type: where it stands and what people call it."""

    path: ClaimPath
    label: Localised
    sensitive: bool = False
    """Health, criminal record and the like: a verifier should ask for it only with a stated purpose."""


class DocumentValidity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when the document itself is good, apart from its credential (whose `exp` is technical).

    Both members name a top-level claim that holds a date (`YYYY-MM-DD`) or an RFC 3339 time. A date counts in
    Vietnam's time: from its first moment, and through its last.
    """

    valid_from_claim: str | None = None
    valid_until_claim: str | None = None
    single_use: bool = False
    """A referral or re-examination slip that is consumed by its first use (status 3)."""


class CatalogueUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may ask a holder for documents of a type."""

    demandable: bool = True
    """Whether anybody may ask for it; False where only its holder decides to show it."""
    purposes: tuple[str, ...] = ()
    """Codes of the purposes for which it may be asked; empty: any."""


class CatalogueEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """One document type, one version.

    Attributes:
        vct: the type's identifier in tokens; unique in a catalogue.
        code: short name in URLs and files, such as `health-book`.
        version: whole number, as in the vct's last part.
        titles: what people call the document.
        holder_kind: whom it is about.
        claims: every claim a presentation may show, in the order in which to show them.
        required_claims: top-level claims without which a presentation of this type says nothing, for instance the date
            that ends the document: a holder must not be able to hide it.
        validity: the document's own period.
        use: who may ask for it; unset: the catalogue says nothing of it.
        type_metadata: SD-JWT VC Type Metadata (draft-ietf-oauth-sd-jwt-vc-26 §4) as published; read, never changed.
    """

    vct: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
    version: Annotated[int, msgspec.Meta(ge=1)]
    titles: Localised
    holder_kind: Literal["person", "organisation"]
    claims: tuple[CatalogueClaim, ...]
    required_claims: tuple[str, ...] = ()
    validity: DocumentValidity = DocumentValidity()
    use: CatalogueUse | msgspec.UnsetType = msgspec.UNSET
    type_metadata: dict[str, Any] = {}

    def __post_init__(self) -> None:
        rule = self.validity
        hideable = {rule.valid_from_claim, rule.valid_until_claim} - {None} - set(self.required_claims)
        if hideable:
            # msgspec reports this as a validation error when the entry is decoded.
            raise ValueError("the claims of the validity rule must be among required_claims")

    @cached_property
    def places(self) -> Mapping[ClaimPath, int]:
        """Where in the order of the type each claim stands, by its path."""
        return {claim.path: place for place, claim in enumerate(self.claims)}

    def label(self, path: ClaimPath) -> Localised | None:
        """Return the label of the claim at a concrete path, or None when the type does not name it."""
        return next((claim.label for claim in self.claims if _covers(claim.path, path)), None)


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The document types that a verifier knows, by `vct`."""

    entries: tuple[CatalogueEntry, ...]

    def __post_init__(self) -> None:
        if len({entry.vct for entry in self.entries}) != len(self.entries):
            raise ValueError("two entries have the same vct")

    @cached_property
    def _by_vct(self) -> Mapping[str, CatalogueEntry]:
        return {entry.vct: entry for entry in self.entries}

    def find(self, vct: str) -> CatalogueEntry | None:
        """Return the entry of a type, or None when this catalogue does not know it."""
        return self._by_vct.get(vct)

    def __iter__(self) -> Iterator[CatalogueEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def to_json(self) -> dict[str, Any]:
        """Return the catalogue as JSON members, in a fixed order."""
        members: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return members

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> "Catalogue":
        """Read what `to_json` wrote, strictly.

        Raises:
            MalformedError: a member is missing, unknown or of another type, or a vct appears twice.
        """
        try:
            return msgspec.convert(members, cls, strict=True)
        except msgspec.ValidationError as error:
            raise MalformedError(f"catalogue: {error}") from error


def _covers(pattern: ClaimPath, path: ClaimPath) -> bool:
    return len(pattern) == len(path) and all(
        expected == actual or (expected is None and isinstance(actual, int))
        for expected, actual in zip(pattern, path, strict=True)
    )
