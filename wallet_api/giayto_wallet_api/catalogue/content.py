"""What an edition says: from document types, which are data, to entries of the catalogue."""

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from giayto_crypto.catalogue_edition import (
    Demand,
    EditionEntry,
    LegalGround,
    MappedProcedure,
    OwningAgency,
    StatedPurpose,
)
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.document_type.paper import Procedure
from giayto_verifiers.paper_rule import short_procedure_code

_FILE: Final = "basis.toml"


class Basis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The law behind the catalogue as a whole: see `basis.toml`."""

    rule: LegalGround
    fallback: LegalGround


@cache
def load_basis() -> Basis:
    """Read the law behind the catalogue."""
    text = files("giayto_wallet_api.catalogue").joinpath(_FILE).read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Basis)


def edition_entries(types: Iterable[DocumentType]) -> tuple[EditionEntry, ...]:
    """Return the entries of all document types, by owner, code and version."""
    ordered = sorted(types, key=lambda each: (each.owner.agency, each.code, each.version))
    return tuple(map(_entry, ordered))


def _entry(document_type: DocumentType) -> EditionEntry:
    integration, notes = document_type.integration, document_type.sources
    # A type that says nothing of its integration is served, and so it is integrated.
    return EditionEntry(
        vct=document_type.vct,
        code=document_type.code,
        version=document_type.version,
        titles=document_type.titles,
        description=document_type.description,
        owner=OwningAgency(agency_id=document_type.owner.agency, names=document_type.owner.name),
        holder_kind=document_type.holder_kind,
        stage="integrated" if integration is None else integration.stage,
        since=None if integration is None else integration.since,
        deadline=None if integration is None else integration.deadline,
        demand=_demand(document_type),
        purposes=tuple(StatedPurpose(code=each.code, name=each.name) for each in document_type.use.purposes),
        procedures=tuple(_procedure(each, notes) for each in document_type.procedures),
        legal_basis=tuple(
            LegalGround(reference=each.reference, subject=each.subject, source_note=_note(each.source, notes))
            for each in document_type.legal_basis
        ),
    )


def _demand(document_type: DocumentType) -> Demand:
    use = document_type.use
    if not use.demandable:
        return "never"
    return "for_purposes" if use.sensitivity == "sensitive" and use.purposes else "free"


def _procedure(procedure: Procedure, notes: dict[str, str]) -> MappedProcedure:
    return MappedProcedure(
        code=short_procedure_code(procedure.code),
        titles=procedure.titles,
        may_ask=procedure.may_ask,
        legal_basis=LegalGround(reference=procedure.legal_basis, source_note=_note(procedure.source, notes)),
        valid_from=procedure.valid_from,
        valid_until=procedure.valid_until,
    )


def _note(marks: str, notes: dict[str, str]) -> str:
    return "; ".join(_explained(marks, notes))


def _explained(marks: str, notes: dict[str, str]) -> Iterator[str]:
    for mark in (part.strip() for part in marks.split(",")):
        yield notes.get(mark, mark)
