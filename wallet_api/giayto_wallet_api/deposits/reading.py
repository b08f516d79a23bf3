"""Looking deposits up: by the agency that left them, and by the citizen whom they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.deposits.schemas import DepositItem, DepositPage, DepositState
from giayto_wallet_api.deposits.tables import CURRENT, deposits
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime


@dataclass(frozen=True, slots=True)
class DepositedDocument:
    """A document whose current version can be fetched: a Credential Dataset in the words of OpenID4VCI."""

    agency_id: str
    document_id: str
    document_type: str


@dataclass(frozen=True, slots=True)
class SealedDeposit:
    """The newest version of a deposited document, still encrypted."""

    agency_id: str
    document_id: str
    version: int
    row_key: str
    document_type: str
    content_digest: bytes
    wrapped_key: bytes
    claims: bytes
    state: str

    def __repr__(self) -> str:
        return f"SealedDeposit({self.document_id}, {self.version}, {self.state})"


async def list_deposits(
    runtime: Runtime, client: AgencyClient, *, state: DepositState | None, after: int, limit: int
) -> DepositPage:
    """Return versions that this agency deposited, in the order in which they were stored."""
    held = deposits.c
    query = select(deposits).where(held.agency_id == client.agency_id, held.deposited_sequence > after)
    if state is not None:
        query = query.where(held.state == state)
    async with runtime.database.read() as tx:
        rows = (await tx.execute(query.order_by(held.deposited_sequence).limit(limit + 1))).all()
    shown = rows[:limit]
    next_cursor = str(shown[-1].deposited_sequence) if len(rows) > limit else None
    return DepositPage(tuple(DepositItem(**item_members(row)) for row in shown), next_cursor)


async def newest_row(tx: AsyncConnection, agency_id: str, document_id: str) -> Row[Any]:
    """Return the newest version of a deposited document; NotFoundError when this agency has deposited none."""
    held = deposits.c
    query = select(deposits).where(held.agency_id == agency_id, held.document_id == document_id)
    row = (await tx.execute(query.order_by(held.version.desc()).limit(1))).first()
    if row is None:
        raise NotFoundError("this agency has deposited no such document")
    return row


async def sealed_deposit(
    tx: AsyncConnection, agency_id: str, document_id: str, *, hold: bool = False
) -> SealedDeposit | None:
    """Return the newest version of a deposited document; None when there is none.

    Args:
        tx: the transaction.
        agency_id: who deposited it.
        document_id: the document.
        hold: keep it as it is until the transaction ends.
    """
    held = deposits.c
    query = (
        select(*(held[name] for name in SealedDeposit.__dataclass_fields__))
        .where(held.agency_id == agency_id, held.document_id == document_id)
        .order_by(held.version.desc())
        .limit(1)
    )
    row = (await tx.execute(query.with_for_update() if hold else query)).first()
    return None if row is None else SealedDeposit(*row)


async def documents_of_subject(
    tx: AsyncConnection, subject_hash: bytes, vcts: Sequence[str] | None = None
) -> Sequence[DepositedDocument]:
    """Return the documents that wait for a citizen, oldest first; of these types only, when types are named."""
    held = deposits.c
    query = select(held.agency_id, held.document_id, held.document_type).where(
        held.subject_hash == subject_hash, held.state == CURRENT
    )
    if vcts is not None:
        query = query.where(held.document_type.in_(vcts))
    rows = await tx.execute(query.order_by(held.deposited_at, held.document_id))
    return [DepositedDocument(*row) for row in rows]


def item_members(row: Row[Any]) -> dict[str, Any]:
    """Return the members of a row that a `DepositItem` shows."""
    return {name: getattr(row, name) for name in DepositItem.__struct_fields__}
