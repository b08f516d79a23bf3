"""What an agency decides about a document that it pushed: revoke for good, suspend for a time, resume, consume.

Each decision takes effect in the status list, in the wallet and in the audit log in one transaction. Deciding the same
twice is deciding it once, but for consuming: who comes second must learn that it was used already.
"""

from datetime import datetime

from sqlalchemy import Row, Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.status_list import StatusValue
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.documents.problems import NotSingleUseError
from giayto_wallet_api.documents.tables import ACTIVE, CONSUMED, REVOKED, SUSPENDED, document_versions
from giayto_wallet_api.inbox import delivery
from giayto_wallet_api.inbox.states import StateConflictError
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.status.entries import change_status

CurrentVersion = Row[tuple[object, ...]]


async def revoke(runtime: Runtime, client: AgencyClient, document_id: str, reason: str) -> None:
    """Revoke a document: its credentials are invalid from now on, whatever happens later.

    Raises:
        NotFoundError: this agency has pushed no such document.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        current = await _hold_current_version(tx, client.agency_id, document_id)
        if current.state == REVOKED:
            return
        await _decide(tx, client, current, REVOKED, StatusValue.INVALID, now)
        await delivery.revoke(tx, current.wallet_id, document_id, now)
        await _write_down(tx, client, current, "document.revoked", reason, now)


async def suspend(runtime: Runtime, client: AgencyClient, document_id: str, reason: str) -> None:
    """Suspend a document until it is resumed.

    Raises:
        NotFoundError: this agency has pushed no such document.
        StateConflictError: it is revoked.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        current = await _hold_current_version(tx, client.agency_id, document_id)
        if current.state == SUSPENDED:
            return
        _require(current, ACTIVE)
        await _decide(tx, client, current, SUSPENDED, StatusValue.SUSPENDED, now)
        await delivery.suspend(tx, current.wallet_id, document_id, now)
        await _write_down(tx, client, current, "document.suspended", reason, now)


async def resume(runtime: Runtime, client: AgencyClient, document_id: str) -> None:
    """Let a suspended document stand again.

    Raises:
        NotFoundError: this agency has pushed no such document.
        StateConflictError: it is revoked.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        current = await _hold_current_version(tx, client.agency_id, document_id)
        if current.state == ACTIVE:
            return
        _require(current, SUSPENDED)
        await _decide(tx, client, current, ACTIVE, StatusValue.VALID, now)
        await delivery.resume(tx, current.wallet_id, document_id, now)
        await _write_down(tx, client, current, "document.resumed", None, now)


async def consume(runtime: Runtime, client: AgencyClient, document_id: str) -> None:
    """Mark a document that is good for one use as used. Of two desks that do so at once, one succeeds.

    Raises:
        NotFoundError: this agency has pushed no such document.
        NotSingleUseError: its type is not good for one use only.
        StateConflictError: it was used already, is suspended, or is revoked.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        current = await _hold_current_version(tx, client.agency_id, document_id)
        document_type = runtime.document_types.find(current.document_type)
        if document_type is None or not document_type.single_use:
            raise NotSingleUseError("documents of this type may be used more than once")
        _require(current, ACTIVE)
        await _decide(tx, client, current, CONSUMED, StatusValue.CONSUMED, now)
        await delivery.consume(tx, current.wallet_id, document_id, now)
        await _write_down(tx, client, current, "document.consumed", None, now)


async def current_version(tx: AsyncConnection, agency_id: str, document_id: str) -> CurrentVersion:
    """Return the newest version of a document of this agency; NotFoundError when it has none."""
    row = (await tx.execute(_newest_version(agency_id, document_id))).first()
    if row is None:
        raise NotFoundError("this agency has pushed no such document")
    return row


async def _hold_current_version(tx: AsyncConnection, agency_id: str, document_id: str) -> CurrentVersion:
    """Return the newest version and hold it until the transaction ends: neither a decision nor a push comes between."""
    newest = _newest_version(agency_id, document_id).with_for_update()
    held = (await tx.execute(newest)).first()
    # Whoever had to wait for the push of a next version was given the one before it, and must look again.
    while held is not None and held.version != (now_newest := (await tx.execute(newest)).one()).version:
        held = now_newest
    if held is None:
        raise NotFoundError("this agency has pushed no such document")
    return held


def _newest_version(agency_id: str, document_id: str) -> Select[tuple[object, ...]]:
    versions = document_versions.c
    return (
        select(document_versions)
        .where(versions.agency_id == agency_id, versions.document_id == document_id)
        .order_by(versions.version.desc())
        .limit(1)
    )


def _require(current: CurrentVersion, state: str) -> None:
    if current.state != state:
        raise StateConflictError(f"a document that is {current.state} does not allow this")


async def _decide(
    tx: AsyncConnection,
    client: AgencyClient,
    current: CurrentVersion,
    state: str,
    value: StatusValue,
    now: datetime,
) -> None:
    versions = document_versions.c
    await tx.execute(
        update(document_versions)
        .where(versions.agency_id == client.agency_id, versions.row_key == current.row_key)
        .values(state=state, changed_at=now)
    )
    await change_status(
        tx,
        agency_id=client.agency_id,
        document_id=current.document_id,
        version=current.version,
        value=value,
        now=now,
    )


async def _write_down(
    tx: AsyncConnection,
    client: AgencyClient,
    current: CurrentVersion,
    action: str,
    reason: str | None,
    now: datetime,
) -> None:
    facts = {"version": current.version, "reason": reason}
    await audit.record(tx, now=now, actor=client.actor, action=action, target=current.document_id, facts=facts)
