"""Whom a document is about: a person by personal number, an organisation by tax code."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

SubjectKind = Literal["person", "organisation"]
PERSON: SubjectKind = "person"
ORGANISATION: SubjectKind = "organisation"

ID_CLAIM: dict[SubjectKind, str] = {PERSON: "personal_number", ORGANISATION: "tax_code"}
"""The claim that names the subject in every credential."""
NAME_CLAIM: dict[SubjectKind, str] = {PERSON: "full_name", ORGANISATION: "organisation_name"}
"""The claim with the subject's name in every credential."""
BIRTH_DATE_CLAIM = "birth_date"
"""In every credential of a person (`YYYY-MM-DD`)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who it is, by the one identifier that documents are matched on.

    Attributes:
        kind: person or organisation.
        id: 12-digit personal number, or tax code of 10 digits or 10-3. Never shown by `repr`: it ends up in logs.
    """

    kind: SubjectKind
    id: str

    def __repr__(self) -> str:
        return f"Subject(kind={self.kind!r}, id=…)"


@dataclass(frozen=True, slots=True)
class SubjectIdentity:
    """What else a record says of the subject, to compare with the population record before anything is signed.

    Attributes:
        name: a person's full name or an organisation's name, NFC.
        birth_date: persons only.
    """

    name: str
    birth_date: date | None = None

    def __repr__(self) -> str:
        return "SubjectIdentity(…)"
