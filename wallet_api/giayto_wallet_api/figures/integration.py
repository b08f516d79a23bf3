"""How far each agency has brought its document types into the wallet, as the catalogue of a month says."""

from collections.abc import Sequence
from datetime import date

from cryptography import x509
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.catalogue_edition import CatalogueEdition, EditionEntry
from giayto_wallet_api.catalogue.editions import edition_in_force
from giayto_wallet_api.catalogue.problems import NoEditionError
from giayto_wallet_api.figures.months import month_of
from giayto_wallet_api.figures.schemas import IntegrationFigures, OverdueType


async def integration_on(
    tx: AsyncConnection, day: date, anchors: tuple[x509.Certificate, ...]
) -> Sequence[IntegrationFigures]:
    """Return what the edition in force on a day says of each owner; nothing before the first edition."""
    try:
        edition = (await edition_in_force(tx, day, anchors)).edition
    except NoEditionError:
        return ()
    return integration_of(edition, day) if month_of(edition.issued_at) <= day.strftime("%Y-%m") else ()


def integration_of(edition: CatalogueEdition, day: date) -> Sequence[IntegrationFigures]:
    """Count the types of an edition by owner and stage, as they are on a day."""
    newest = {entry.code: entry for entry in sorted(edition.entries, key=lambda entry: entry.version)}
    owned: dict[str, list[EditionEntry]] = {}
    for entry in newest.values():
        owned.setdefault(entry.owner.agency_id, []).append(entry)
    return tuple(_figures(owned[agency_id], day) for agency_id in sorted(owned))


def _figures(entries: Sequence[EditionEntry], day: date) -> IntegrationFigures:
    integrated = sum(entry.is_integrated(day) for entry in entries)
    proposed = sum(entry.stage == "proposed" for entry in entries)
    return IntegrationFigures(
        agency_id=entries[0].owner.agency_id,
        names=entries[0].owner.names,
        integrated=integrated,
        in_preparation=len(entries) - integrated - proposed,
        proposed=proposed,
        overdue=_overdue(entries, day),
    )


def _overdue(entries: Sequence[EditionEntry], day: date) -> tuple[OverdueType, ...]:
    late = (
        OverdueType(code=entry.code, titles=entry.titles, deadline=entry.deadline)
        for entry in entries
        if entry.deadline is not None and entry.is_late(day)
    )
    return tuple(sorted(late, key=lambda each: (each.deadline, each.code)))
