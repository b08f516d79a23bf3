"""An edition as a table, for spreadsheets."""

import csv
from io import StringIO

from giayto_crypto.catalogue_edition import CatalogueEdition

CSV_MEDIA_TYPE = "text/csv"
COLUMNS = (
    "edition", "code", "version", "vct", "title_vi", "title_en", "owner", "owner_name_vi", "holder_kind", "stage",
    "since", "deadline", "demand", "purposes", "procedures", "legal_basis",
)  # fmt: skip
_FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def edition_table(edition: CatalogueEdition) -> bytes:
    """Write an edition as CSV (RFC 4180) in UTF-8 with a byte order mark, by which spreadsheets know it."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for entry in edition.entries:
        row = (
            edition.edition_id,
            entry.code,
            str(entry.version),
            entry.vct,
            entry.titles.vi,
            entry.titles.en,
            entry.owner.agency_id,
            entry.owner.names.vi,
            entry.holder_kind,
            entry.stage,
            entry.since.isoformat() if entry.since else "",
            entry.deadline.isoformat() if entry.deadline else "",
            entry.demand,
            " ".join(purpose.code for purpose in entry.purposes),
            " ".join(f"{procedure.code}={procedure.may_ask}" for procedure in entry.procedures),
            "; ".join(ground.reference for ground in entry.legal_basis),
        )
        writer.writerow([inert(cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def inert(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_BEGINNINGS) else cell
