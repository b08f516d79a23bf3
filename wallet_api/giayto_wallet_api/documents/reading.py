"""What an agency can read of the documents that it pushed: never the content, which is the citizen's."""

from typing import Any

from sqlalchemy import Row, select

from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.documents.decisions import current_version
from giayto_wallet_api.documents.schemas import (
    DocumentDetail,
    DocumentItem,
    DocumentPage,
    DocumentState,
    HolderAnswer,
    HolderResponse,
)
from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.inbox.service import current_state, decline_reason
from giayto_wallet_api.inbox.states import Confirmed, Declined, Offered, Suspended
from giayto_wallet_api.inbox.states import DocumentState as HolderState
from giayto_wallet_api.runtime import Runtime


async def list_documents(
    runtime: Runtime,
    client: AgencyClient,
    *,
    row_key: str | None,
    state: DocumentState | None,
    after: int,
    limit: int,
) -> DocumentPage:
    """Return versions that this agency pushed, in the order in which they were stored.

    Args:
        runtime: the application's.
        client: whose documents.
        row_key: only the version of this row.
        state: only versions in this state.
        after: the cursor: only versions stored after it.
        limit: most items of the page.
    """
    versions = document_versions.c
    query = select(document_versions).where(versions.agency_id == client.agency_id, versions.pushed_sequence > after)
    if row_key is not None:
        query = query.where(versions.row_key == row_key)
    if state is not None:
        query = query.where(versions.state == state)
    async with runtime.database.read() as tx:
        rows = (await tx.execute(query.order_by(versions.pushed_sequence).limit(limit + 1))).all()
    shown = rows[:limit]
    next_cursor = str(shown[-1].pushed_sequence) if len(rows) > limit else None
    return DocumentPage(tuple(DocumentItem(**_members(row)) for row in shown), next_cursor)


async def read_document(runtime: Runtime, client: AgencyClient, document_id: str) -> DocumentDetail:
    """Return the current version of a document and the holder's answer to it.

    Raises:
        NotFoundError: this agency has pushed no such document.
    """
    async with runtime.database.read() as tx:
        current = await current_version(tx, client.agency_id, document_id)
        held = await current_state(tx, current.wallet_id, document_id)
        reason = await decline_reason(tx, runtime.wallets, current.wallet_id, document_id, current.version)
    return DocumentDetail(**_members(current), holder=HolderResponse(_answer_in(held), reason))


def _members(row: Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DocumentItem.__struct_fields__}


def _answer_in(state: HolderState | None) -> HolderAnswer | None:
    """Return what the holder answered, seen through a suspension; None when an answer no longer matters."""
    match state:
        case Suspended(interrupted=interrupted):
            return _answer_in(interrupted)
        case Offered():
            return "offered"
        case Confirmed():
            return "confirmed"
        case Declined():
            return "declined"
    return None
