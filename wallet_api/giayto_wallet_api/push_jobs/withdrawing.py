"""Taking documents out of force, many at a time: their versions, their statuses, their places in the wallets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.status_list import StatusValue
from giayto_wallet_api.changes.service import ChangeKind, Happening, record_changes
from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.inbox import states
from giayto_wallet_api.inbox.delivery import write_states
from giayto_wallet_api.inbox.tables import wallet_documents
from giayto_wallet_api.status.entries import change_statuses


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A version that is still in force and shall not be any more."""

    row_key: str
    document_id: str
    version: int
    wallet_id: str


async def withdraw(
    tx: AsyncConnection, agency_id: str, documents: Sequence[Withdrawn], new_state: str, now: datetime
) -> None:
    """Make versions invalid for good, and tell the phones. The caller holds them and writes the audit entries.

    Args:
        tx: the caller's transaction.
        agency_id: whose documents.
        documents: at least one.
        new_state: of `giayto_wallet_api.documents.tables`.
        now: the moment of the change.
    """
    versions = document_versions.c
    await tx.execute(
        update(document_versions)
        .where(versions.agency_id == agency_id, versions.row_key.in_([each.row_key for each in documents]))
        .values(state=new_state, changed_at=now)
    )
    await change_statuses(
        tx,
        agency_id=agency_id,
        versions=[(each.document_id, each.version) for each in documents],
        value=StatusValue.INVALID,
        now=now,
    )
    await _withdraw_from_wallets(tx, documents, now)


async def _withdraw_from_wallets(tx: AsyncConnection, documents: Sequence[Withdrawn], now: datetime) -> None:
    held = wallet_documents.c
    keys = [(each.wallet_id, each.document_id, each.version) for each in documents]
    found = await tx.execute(
        select(held.wallet_id, held.document_id, held.version, held.state_record)
        .where(
            held.wallet_id.in_({each.wallet_id for each in documents}),  # found through the index
            tuple_(held.wallet_id, held.document_id, held.version).in_(keys),
        )
        .order_by(held.wallet_id, held.document_id)
        .with_for_update()
    )
    before = {
        (wallet_id, document_id, version): states.decode_state(record)
        for wallet_id, document_id, version, record in found
    }
    after = {key: states.revoke(state, now) for key, state in before.items()}
    changed = {key: state for key, state in after.items() if state != before[key]}
    if not changed:
        return
    await write_states(tx, changed)
    happenings = [
        Happening(wallet_id, ChangeKind.DOCUMENT_REVOKED, document_id) for wallet_id, document_id, _ in changed
    ]
    await record_changes(tx, happenings, now)
