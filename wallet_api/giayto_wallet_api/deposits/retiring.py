"""Taking the validity from a deposited version: its copies in the status list, and the document in a wallet of ours."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.status_list import StatusValue
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.deposits.tables import CURRENT, WITHDRAWN, deposits
from giayto_wallet_api.documents.tables import REVOKED, SUPERSEDED, document_versions
from giayto_wallet_api.inbox import states
from giayto_wallet_api.inbox.delivery import revoke, write_states
from giayto_wallet_api.inbox.tables import wallet_documents
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.status.entries import change_status


async def withdraw_deposit(runtime: Runtime, client: AgencyClient, document_id: str, reason: str) -> None:
    """Withdraw the newest version of a deposited document: nobody fetches it any more, and its copies are revoked.

    Withdrawing twice is withdrawing once.

    Raises:
        NotFoundError: this agency has deposited no such document.
    """
    now = runtime.clock()
    held = deposits.c
    async with runtime.database.transaction() as tx:
        newest = (
            await tx.execute(
                select(held.row_key, held.version, held.state)
                .where(held.agency_id == client.agency_id, held.document_id == document_id)
                .order_by(held.version.desc())
                .limit(1)
                .with_for_update()
            )
        ).first()
        if newest is None:
            raise NotFoundError("this agency has deposited no such document")
        if newest.state != CURRENT:
            return
        await tx.execute(
            update(deposits)
            .where(held.agency_id == client.agency_id, held.row_key == newest.row_key)
            .values(state=WITHDRAWN, changed_at=now)
        )
        await take_validity(
            tx, agency_id=client.agency_id, document_id=document_id, version=newest.version, replaced=False, now=now
        )
        facts = {"version": newest.version, "reason": reason}
        await audit.record(tx, now=now, actor=client.actor, action="deposit.withdrawn", target=document_id, facts=facts)


async def take_validity(
    tx: AsyncConnection, *, agency_id: str, document_id: str, version: int, replaced: bool, now: datetime
) -> None:
    """Make all copies of a version invalid, and end the document in the wallet that holds it, if one of ours does.

    Args:
        tx: the caller's transaction.
        agency_id: whose document.
        document_id: the document.
        version: the version that loses its validity.
        replaced: whether the next version follows it; otherwise it is withdrawn for good.
        now: the moment of the change.
    """
    await change_status(
        tx, agency_id=agency_id, document_id=document_id, version=version, value=StatusValue.INVALID, now=now
    )
    versions = document_versions.c
    held_by = (
        await tx.execute(
            update(document_versions)
            .where(
                versions.agency_id == agency_id,
                versions.document_id == document_id,
                versions.version == version,
                versions.state.not_in((REVOKED, SUPERSEDED)),
            )
            .values(state=SUPERSEDED if replaced else REVOKED, changed_at=now)
            .returning(versions.wallet_id)
        )
    ).scalar_one_or_none()
    if held_by is None:
        return
    if replaced:
        await _supersede_in_wallet(tx, held_by, document_id, version, now)
    else:
        await revoke(tx, held_by, document_id, now)


async def _supersede_in_wallet(
    tx: AsyncConnection, wallet_id: str, document_id: str, version: int, now: datetime
) -> None:
    held = wallet_documents.c
    key = (held.wallet_id == wallet_id) & (held.document_id == document_id) & (held.version == version)
    record = (await tx.execute(select(held.state_record).where(key).with_for_update())).scalar_one()
    superseded = states.supersede(states.decode_state(record), version + 1, now)
    await write_states(tx, {(wallet_id, document_id, version): superseded})
