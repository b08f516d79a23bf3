"""`giayto-wallet-api catalogue publish`: the operator freezes an edition.

giayto-wallet-api catalogue publish --month 2026-12
giayto-wallet-api catalogue publish --month 2026-12 --correction "Sửa ngày tích hợp của giấy chuyển tuyến" --json
"""

import argparse
import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_issuers.document_type.loading import load_types
from giayto_wallet_api.catalogue.editions import PublishedEdition, freeze_edition
from giayto_wallet_api.citizen_text import clean_citizen_text
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.server_keys import ServerKeys
from giayto_wallet_api.settings import Settings


async def publish(tx: AsyncConnection, settings: Settings, options: argparse.Namespace) -> None:
    """Freeze the edition that the arguments name, and say so on standard output."""
    note = None if options.correction is None else clean_citizen_text(options.correction, "correction")
    frozen = await freeze_edition(
        tx,
        month=options.month,
        types=load_types(settings.types_folder),
        identity=ServerKeys.load(settings.keys_folder).catalogue,
        now=system_clock(),
        correction_note=note,
    )
    print(_told(frozen, settings.base_url, as_json=options.json))  # noqa: T201


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `publish` takes."""
    parser.add_argument("--month", required=True, help="YYYY-MM: this month or the next")
    parser.add_argument("--correction", metavar="NOTE", help="correct the month's edition; everybody reads the note")
    parser.add_argument("--json", action="store_true", help="write JSON for programs")


def _told(frozen: PublishedEdition, base_url: str, *, as_json: bool) -> str:
    edition = frozen.edition
    members: dict[str, Any] = {
        "edition_id": edition.edition_id,
        "documents": len(edition.entries),
        "issued_at": edition.issued_at.isoformat().replace("+00:00", "Z"),
        "page": f"{base_url}/public/v1/catalogue/{edition.edition_id}",
        "token": f"{base_url}/public/v1/catalogue/editions/{edition.edition_id}/token",
    }
    if as_json:
        return json.dumps(members, ensure_ascii=False, indent=2)
    return f"{edition.edition_id}: {len(edition.entries)} documents, {members['page']}"
