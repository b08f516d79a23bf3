"""Fresh copies of all documents of a type, when its copies must not be shown any more: a page of documents at a time.

The copies that are there stay valid until the fresh ones replace them, so that nobody is without a document meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.documents.tables import ACTIVE, SUSPENDED, document_versions
from giayto_wallet_api.inbox.tables import wallet_credentials
from giayto_wallet_api.signing_requests.requesting import WantedCopy, create_requests
from giayto_wallet_api.signing_requests.tables import ROTATION

DOCUMENTS_PER_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class ReissuedPage:
    """How many copies were asked for, and after which document to go on; None after the last."""

    requested: int
    next_sequence: int | None


async def reissue_type(
    tx: AsyncConnection, agency_id: str, document_type: str, *, after: int, now: datetime
) -> ReissuedPage:
    """Ask an agency for fresh copies of its documents of a type, from after `after` in the order of pushing."""
    versions, copies = document_versions.c, wallet_credentials.c
    rows = (
        await tx.execute(
            select(
                versions.row_key, versions.document_id, versions.version, versions.wallet_id, versions.pushed_sequence
            )
            .where(
                versions.agency_id == agency_id,
                versions.document_type == document_type,
                versions.state.in_((ACTIVE, SUSPENDED)),
                versions.pushed_sequence > after,
            )
            .order_by(versions.pushed_sequence)
            .limit(DOCUMENTS_PER_PAGE)
        )
    ).all()
    by_version = {(row.wallet_id, row.document_id, row.version): row for row in rows}
    held = await tx.execute(
        select(copies.wallet_id, copies.document_id, copies.version, copies.device_id)
        .where(
            copies.wallet_id.in_({row.wallet_id for row in rows}),  # found through the index
            tuple_(copies.wallet_id, copies.document_id, copies.version).in_(list(by_version)),
        )
        .distinct()
    )
    wanted = [
        WantedCopy(
            wallet_id=wallet_id,
            device_id=device_id,
            agency_id=agency_id,
            row_key=by_version[wallet_id, document_id, version].row_key,
            document_type=document_type,
            document_id=document_id,
            reason=ROTATION,
        )
        for wallet_id, document_id, version, device_id in held
    ]
    requested = await create_requests(tx, wanted, now)
    return ReissuedPage(requested, rows[-1].pushed_sequence if len(rows) == DOCUMENTS_PER_PAGE else None)
