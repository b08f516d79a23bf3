"""Status list tokens, rendered from the rows when they are asked for and something changed or the last one is old.

A token is a statement about one moment: `iat` is when the rows were read. The last token of each list is kept in the
store, and one that was made from an older state never replaces one from a newer.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.status_list import DEFAULT_BITS, StatusListBuilder, StatusValue, sign_status_list
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.status.addresses import aggregation_uri, status_list_uri
from giayto_wallet_api.status.tables import status_entries, status_list_tokens, status_lists
from giayto_wallet_api.store.statements import insert_for


@dataclass(frozen=True, slots=True)
class StatusListToken:
    """A signed token and when it was made."""

    token: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class _Snapshot:
    list_id: str
    revision: int
    size: int
    not_valid: Sequence[tuple[int, int]]
    read_at: datetime


async def list_ids(tx: AsyncConnection) -> list[str]:
    """Return all status lists, oldest first."""
    query = select(status_lists.c.list_id).order_by(status_lists.c.created_at, status_lists.c.list_id)
    return list((await tx.execute(query)).scalars())


async def kept_tokens(tx: AsyncConnection) -> dict[str, str]:
    """Return the newest token of each list that was ever asked for, oldest list first."""
    tokens, lists = status_list_tokens.c, status_lists.c
    rows = await tx.execute(
        select(tokens.list_id, tokens.token)
        .join(status_lists, lists.list_id == tokens.list_id)
        .order_by(lists.created_at, lists.list_id)
    )
    return {row.list_id: row.token for row in rows}


async def current_token(runtime: Runtime, list_id: str) -> StatusListToken:
    """Return a token that states what is in the store now.

    Raises:
        NotFoundError: there is no such list.
    """
    now = runtime.clock()
    async with runtime.database.read() as tx:
        kept = await _kept_token(tx, runtime, list_id, now)
        if kept is not None:
            return kept
        snapshot = await _read(tx, list_id, now)
    token = await asyncio.to_thread(_render, runtime, snapshot)
    await _keep(runtime, snapshot, token)
    return StatusListToken(token, snapshot.read_at)


async def _kept_token(tx: AsyncConnection, runtime: Runtime, list_id: str, now: datetime) -> StatusListToken | None:
    tokens, lists = status_list_tokens.c, status_lists.c
    row = (
        await tx.execute(
            select(tokens.token, tokens.issued_at)
            .join(status_lists, (lists.list_id == tokens.list_id) & (lists.revision == tokens.revision))
            .where(tokens.list_id == list_id)
        )
    ).first()
    if row is None or not row.issued_at <= now < row.issued_at + runtime.settings.status_list_ttl:
        return None
    return StatusListToken(row.token, row.issued_at)


async def _read(tx: AsyncConnection, list_id: str, now: datetime) -> _Snapshot:
    lists, entries = status_lists.c, status_entries.c
    row = (await tx.execute(select(lists.revision, lists.size).where(lists.list_id == list_id))).first()
    if row is None:
        raise NotFoundError("there is no such status list")
    not_valid = await tx.execute(
        select(entries.idx, entries.value).where(entries.list_id == list_id, entries.value != int(StatusValue.VALID))
    )
    return _Snapshot(list_id, row.revision, row.size, [(idx, value) for idx, value in not_valid], now)


def _render(runtime: Runtime, snapshot: _Snapshot) -> str:
    settings, identity = runtime.settings, runtime.keys.status_list
    builder = StatusListBuilder(size=snapshot.size, bits=DEFAULT_BITS)
    builder.update(snapshot.not_valid)
    return sign_status_list(
        builder.build(),
        uri=status_list_uri(settings.base_url, snapshot.list_id),
        issued_at=snapshot.read_at,
        expires_at=snapshot.read_at + settings.status_list_lifetime,
        ttl=settings.status_list_ttl,
        signer=identity.signer,
        x5c=identity.chain,
        aggregation_uri=aggregation_uri(settings.base_url),
    )


async def _keep(runtime: Runtime, snapshot: _Snapshot, token: str) -> None:
    tokens = status_list_tokens.c
    async with runtime.database.transaction() as tx:
        made = insert_for(tx, status_list_tokens).values(
            list_id=snapshot.list_id, revision=snapshot.revision, issued_at=snapshot.read_at, token=token
        )
        await tx.execute(
            made.on_conflict_do_update(
                index_elements=[tokens.list_id],
                set_={
                    "revision": made.excluded.revision,
                    "issued_at": made.excluded.issued_at,
                    "token": made.excluded.token,
                },
                where=(tokens.revision <= made.excluded.revision) & (tokens.issued_at <= made.excluded.issued_at),
            )
        )
