"""Editions to test with, small enough to read."""

from datetime import UTC, date, datetime
from typing import Any

from msgspec import structs

from giayto_crypto.catalogue_edition import (
    CatalogueEdition,
    EditionEntry,
    LegalGround,
    MappedProcedure,
    OwningAgency,
    StatedPurpose,
)
from giayto_crypto.localised import Localised

ISSUED = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


def both(text: str) -> Localised:
    return Localised(vi=f"{text} (vi)", en=f"{text} (en)")


def ground(reference: str) -> LegalGround:
    return LegalGround(reference=reference, subject=both("subject"), source_note="read somewhere")


def procedure(code: str, may_ask: Any, **changes: Any) -> MappedProcedure:
    plain = MappedProcedure(
        code=code,
        titles=both(f"procedure {code}"),
        may_ask=may_ask,
        legal_basis=ground(f"basis of {code}"),
        valid_from=date(2026, 1, 1),
    )
    return structs.replace(plain, **changes)


def entry(code: str, **changes: Any) -> EditionEntry:
    version = changes.get("version", 1)
    plain = EditionEntry(
        vct=f"urn:giayto:type:{code}:{version}",
        code=code,
        version=1,
        titles=both(code),
        description=both(f"what {code} says"),
        owner=OwningAgency(agency_id="G15", names=both("Ministry")),
        holder_kind="person",
        since=date(2026, 6, 1),
        legal_basis=(ground(f"basis of {code}"),),
    )
    return structs.replace(plain, **changes)


def purposes(*codes: str) -> tuple[StatedPurpose, ...]:
    return tuple(StatedPurpose(code=code, name=both(code)) for code in codes)


def edition(*entries: EditionEntry, **changes: Any) -> CatalogueEdition:
    plain = CatalogueEdition(
        month="2026-12",
        issued_at=ISSUED,
        next_update=datetime(2027, 1, 10, 17, 0, tzinfo=UTC),
        rule_basis=ground("rule"),
        fallback_basis=ground("fallback"),
        entries=entries,
    )
    return structs.replace(plain, **changes)
