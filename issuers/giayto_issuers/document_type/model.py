"""What a document type says. One class per table of `type.toml`; docs/document-types.md explains them to a clerk.

Instances come from `giayto_issuers.document_type.loading` only, which has checked them: names are unique, code
lists are resolved, rules name claims that exist.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec

from giayto_crypto.catalogue import CatalogueEntry, ClaimPath
from giayto_crypto.localised import Localised
from giayto_issuers.document_type import published
from giayto_issuers.document_type.expectations import text_like
from giayto_issuers.document_type.paper import Form, Integration, Procedure
from giayto_issuers.errors import UnknownDocumentTypeError
from giayto_issuers.identifiers import agency
from giayto_issuers.subjects import SubjectKind

ClaimName = Annotated[
    str,
    text_like(
        r"^[a-z][a-z0-9_]{0,63}$",
        "tên gồm chữ thường a-z, chữ số và _, bắt đầu bằng chữ",
        "a name of small letters a-z, digits and _ that begins with a letter",
    ),
]
Code = Annotated[
    str,
    text_like(
        r"^[a-z0-9]+(-[a-z0-9]+)*$",
        "mã gồm chữ thường a-z, chữ số và dấu - ở giữa, như library-card",
        "a code of small letters a-z, digits and single hyphens, such as library-card",
        max_length=100,
    ),
]
Column = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
AgencyPattern = Annotated[
    str,
    text_like(
        agency.PATTERN,
        "mã cơ quan như G18, H26.12, H?? (mọi tỉnh) hoặc H??.* (mọi đơn vị thuộc tỉnh)",
        "an agency such as G18, H26.12, H?? (every province) or H??.* (every unit below a province)",
    ),
]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Codes = dict[str, Localised]
CountedRule = Literal["days", "working-days", "months"]


class ClaimType(StrEnum):
    """What kind of value a claim holds, and in which JSON form it is signed."""

    STRING = "string"
    """One line of text."""
    TEXT = "text"
    """Text of several lines."""
    DATE = "date"
    """`YYYY-MM-DD`."""
    DATETIME = "datetime"
    """RFC 3339 in Vietnam's time, or `YYYY-MM-DD` where the source knows only the day."""
    INTEGER = "integer"
    """JSON integer."""
    DECIMAL = "decimal"
    """Text such as `58.5`: binary fractions do not survive JSON readers."""
    CODE = "code"
    """A code of a code list, as text."""
    BOOLEAN = "boolean"
    """true or false."""
    IDENTIFIER = "identifier"
    """Text that follows one of the rules of `giayto_issuers.identifiers.rules`."""
    OBJECT = "object"
    """Members of their own: `fields`."""
    LIST = "list"
    """Elements of one kind: `item`."""


class PresentWhen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The claim must be there exactly when another claim of the same level has one of these values."""

    claim: ClaimName
    values: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """One field of a document.

    Attributes:
        name: member name in the credential.
        type: kind of value.
        label: what people call it.
        description: more about it, for people.
        columns: what source systems call it; the claim's own name is always understood as well, except in
            the flat row of an object. An object without a column of its own takes its fields from the row around it.
        mandatory: a record without it is refused.
        always_shown: a presentation without it says nothing; top-level claims only.
        present_when: condition on another claim.
        live: says how things stood when the copy was signed, and may have changed since; top-level claims only.
        source: marks of `sources` that say where this field was found.
        max_length: characters (of each element, for a list).
        pattern: regular expression for the whole value (of each element).
        minimum, maximum: bounds of integers and decimals, inclusive.
        unit: of integers and decimals, for people.
        partial: of a date of which day, or day and month, may be unknown; not of the subject's birth date.
        identifier: name of a rule, for identifiers.
        code_list: name of a code list of this file or of the shared ones.
        codes: the codes of that list; filled in when the type is loaded.
        item: kind of the elements of a list.
        separator: what separates the elements of a list in one cell; without it the cell holds a JSON array.
        max_items: most elements of a list.
        elements_disclosable: each element of the list is a disclosure of its own.
        fields_disclosable: each field of the object (or of each object in the list) is a disclosure of its own.
        fields: of an object, or of each object in a list.
    """

    name: ClaimName
    type: ClaimType
    label: Localised
    description: Localised | None = None
    columns: tuple[Column, ...] = ()
    mandatory: bool = False
    always_shown: bool = False
    present_when: PresentWhen | None = None
    live: bool = False
    source: str | None = None
    max_length: Positive | None = None
    pattern: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    unit: str | None = None
    partial: bool = False
    identifier: str | None = None
    code_list: str | None = None
    codes: Codes = {}
    item: ClaimType | None = None
    separator: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] | None = None
    max_items: Positive | None = None
    elements_disclosable: bool = False
    fields_disclosable: bool = False
    fields: tuple["Claim", ...] = ()

    @cached_property
    def element_type(self) -> ClaimType:
        """The kind of a single value: of the elements for a list, else of the claim itself."""
        return self.item if self.type is ClaimType.LIST and self.item else self.type

    @cached_property
    def field_columns(self) -> tuple[str, ...]:
        """The columns of a flat row that belong to the fields of an object."""
        return tuple(column for field in self.fields for column in field.row_columns)

    @cached_property
    def row_columns(self) -> tuple[str, ...]:
        """All columns that the claim may take from the row it stands in."""
        return (*self.columns, *self.field_columns) if self.type is ClaimType.OBJECT else self.columns

    def walk(self, above: ClaimPath = ()) -> Iterator[tuple[ClaimPath, "Claim"]]:
        """Yield this claim and every field below with its SD-JWT VC claim path (None: every element)."""
        path = (*above, self.name)
        yield path, self
        below = (*path, None) if self.type is ClaimType.LIST else path
        for field in self.fields:
            yield from field.walk(below)


class Owner(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who defines the type."""

    agency: Annotated[
        str, text_like(r"^[A-Z]\d\d$", "mã cơ quan cấp một như G18", "an agency of the first level such as G18")
    ]
    name: Localised


class Issuing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who may issue it; the trust list decides in the end, certificate by certificate."""

    agencies: Annotated[tuple[AgencyPattern, ...], msgspec.Meta(min_length=1)]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """About source files: the column that tells the agency's rows apart, and columns that are not of this document."""

    row_key_column: Column
    ignored_columns: tuple[Column, ...] = ()


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A purpose for which the document may be asked."""

    code: Annotated[
        str,
        text_like(
            r"^[A-Z0-9_]{1,64}$",
            "mã gồm chữ hoa A-Z, chữ số và _, như BAO_HIEM",
            "a code of capitals A-Z, digits and _, such as BAO_HIEM",
        ),
    ]
    name: Localised


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the document may be used.

    Attributes:
        single_use: one use consumes the document.
        sensitivity: `sensitive` for what the law on personal data calls so.
        demandable: whether anybody may ask for it at all; False where only its holder decides to show it.
        purposes: those for which it may be asked.
        purpose_claim: top-level claim with the purpose that this one document was made for, and no other.
    """

    single_use: bool = False
    sensitivity: Literal["ordinary", "sensitive"]
    demandable: bool = True
    purposes: tuple[Purpose, ...] = ()
    purpose_claim: ClaimName | None = None


class LiveStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the states of the status list mean for this document, for people; at least one is given."""

    invalid: Localised | None = None
    suspended: Localised | None = None
    consumed: Localised | None = None


class ValidityException(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another length of time when a claim has one of these codes; it counts from where the rule itself counts."""

    claim: ClaimName
    values: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    rule: CountedRule
    length: Positive


class Validity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Until when the document is good.

    Attributes:
        rule: `days`, `working-days` and `months` count `length` from `from_claim`; `by-claim` ends with `until_claim`;
            `until-revoked` has no end.
        length: how many days, working days or months.
        from_claim: top-level date claim from which the document counts; without it, the day of signing.
        until_claim: top-level date claim whose day is the last.
        open_ended: `until_claim` may be missing, and then there is no end. A verifier learns of an end by the `exp` of
            the copy, which nobody can hide, not by the claim.
        exceptions: to a rule that counts; the first whose claim fits is taken.
        credential_days: longest life of one signed copy, after which the agency signs a fresh one (`exp` is mandatory).
    """

    rule: Literal["days", "working-days", "months", "by-claim", "until-revoked"]
    length: Positive | None = None
    from_claim: ClaimName | None = None
    until_claim: ClaimName | None = None
    open_ended: bool = False
    exceptions: tuple[ValidityException, ...] = ()
    credential_days: Annotated[int, msgspec.Meta(ge=1, le=3660)] = 365


class LegalBasis(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule of law behind the type, and which of `sources` tells of it."""

    reference: str
    subject: Localised
    source: str


class DocumentType(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A document type, one version. See docs/document-types.md for every member."""

    code: Code
    version: Positive
    vct: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    holder_kind: SubjectKind
    titles: Localised
    description: Localised
    owner: Owner
    issuing: Issuing
    source: Source
    use: Use
    validity: Validity
    claims: Annotated[tuple[Claim, ...], msgspec.Meta(min_length=1)]
    live_status: LiveStatus | None = None
    integration: Integration | None = None
    event_claim: ClaimName | None = None
    """Top-level date claim whose day chooses the form; without it, the day of signing."""
    forms: tuple[Form, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    """Those that ask for the paper, or used to."""
    legal_basis: tuple[LegalBasis, ...] = ()
    sources: dict[str, str] = {}
    code_lists: dict[str, Codes] = {}

    @property
    def agencies(self) -> tuple[str, ...]:
        """Patterns of the agencies that may issue it."""
        return self.issuing.agencies

    @property
    def single_use(self) -> bool:
        """Whether one use consumes the document."""
        return self.use.single_use

    @property
    def required_claims(self) -> tuple[str, ...]:
        """Top-level claims that every presentation must show."""
        return tuple(claim.name for claim in self.claims if claim.always_shown)

    def may_be_issued_by(self, agency_id: str) -> bool:
        """Tell whether the type foresees an agency, given in today's form, as an issuer."""
        return any(agency.agency_matches(pattern, agency_id) for pattern in self.agencies)

    def claim(self, name: str) -> Claim | None:
        """Return a top-level claim by name."""
        return next((claim for claim in self.claims if claim.name == name), None)

    def form_on(self, day: date) -> Form | None:
        """Return the form for an event of a day, or None when the type names none for it."""
        return next((form for form in self.forms if form.is_in_force(day)), None)

    def catalogue_entry(self) -> CatalogueEntry:
        """Return what verifiers need to know of this type."""
        return published.catalogue_entry(self)

    def type_metadata(self) -> dict[str, Any]:
        """Return the SD-JWT VC type metadata document."""
        return published.type_metadata(self)


class DocumentTypes:
    """The document types of an installation, by vct (exactly) or by code (its newest version)."""

    def __init__(self, types: tuple[DocumentType, ...]) -> None:
        self._types = types
        self._by_code = {entry.code: entry for entry in sorted(types, key=lambda entry: entry.version)}
        self._by_vct = {entry.vct: entry for entry in types}

    def find(self, code_or_vct: str) -> DocumentType | None:
        """Return a type, or None when there is none of that code or vct."""
        return self._by_vct.get(code_or_vct) or self._by_code.get(code_or_vct)

    def __getitem__(self, code_or_vct: str) -> DocumentType:
        """Return a type by code or vct.

        Raises:
            UnknownDocumentTypeError: there is none.
        """
        found = self.find(code_or_vct)
        if found is None:
            raise UnknownDocumentTypeError("document types: no such code or vct")
        return found

    def __contains__(self, code_or_vct: object) -> bool:
        return isinstance(code_or_vct, str) and self.find(code_or_vct) is not None

    def __iter__(self) -> Iterator[DocumentType]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)
