"""The poster for the wall of a one-stop desk: PDF, A4 or A3, with a QR that leads to the page."""

import json
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from typing import Any, Literal

import qrcode
import typst

from giayto_crypto.catalogue_edition import CatalogueEdition, EditionEntry
from giayto_wallet_api.catalogue_pages.languages import Language, texts, written_day

PDF_MEDIA_TYPE = "application/pdf"
Size = Literal["a4", "a3"]
_QUIET_MODULES = 4
"""White around a QR (ISO/IEC 18004 §5.3.8)."""


@lru_cache(maxsize=16)
def poster(edition: CatalogueEdition, address: str, size: Size, language: Language) -> bytes:
    """Draw the poster of an edition. Its fonts are embedded; nothing of this machine's fonts is used.

    Args:
        edition: the integrated documents of it are listed.
        address: of the page that the QR leads to.
        size: of the paper.
        language: of headings; titles are shown in both where it is English.
    """
    source = files("giayto_wallet_api.catalogue_pages").joinpath("poster.typ").read_bytes()
    content = _content(edition, address, size, language)
    return bytes(
        typst.compile(
            source,
            ignore_system_fonts=True,
            sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
            timestamp=int(edition.issued_at.timestamp()),
        )
    )


def qr_svg(text: str) -> str:
    """Return a QR as an SVG drawing of one path."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=_QUIET_MODULES)
    code.add_data(text)
    matrix = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark)
    side = len(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{path}"/></svg>'
    )


def _content(edition: CatalogueEdition, address: str, size: Size, language: Language) -> dict[str, Any]:
    words = texts(language)
    integrated = [entry for entry in edition.entries if entry.stage == "integrated"]
    return {
        "paper": size,
        "language": language,
        "headline": words["headline"],
        "lead": words["lead"],
        "site": words["site"],
        "edition": words["edition"].format(edition=edition.edition_id),
        "issued": words["issued"].format(day=written_day(edition.issued_at, language)),
        "count": words["found"].format(count=len(integrated)),
        "groups": [
            {"owner": getattr(names, language), "documents": [_document(entry, language) for entry in entries]}
            for names, entries in groupby(integrated, key=lambda entry: entry.owner.names)
        ],
        "basis": edition.rule_basis.reference,
        "basis_text": getattr(edition.rule_basis.subject, language) if edition.rule_basis.subject else "",
        "address": address,
        "qr": qr_svg(address),
    }


def _document(entry: EditionEntry, language: Language) -> dict[str, str]:
    words = texts(language)
    return {
        "title": getattr(entry.titles, language),
        "subtitle": entry.titles.vi if language == "en" else "",
        "note": words["demand_never"] if entry.demand == "never" else "",
    }
