"""Status list tokens, made when they are asked for and something changed or the last one is old.

A token is a statement about one moment: `iat` is when the rows were read. The last token of each list is kept in the
store, and one that was made from an older state never replaces one from a newer. The next one is made from it and from
the entries that changed since; from all entries only when there is none that can be read.

While the statuses of a list keep changing, as in a mass revocation, not every change is worth a token: the first
`RENDERED_AT_ONCE` are made at once, further ones with `Settings.status_list_pace` between them. What is served then is
older than the store by less than that, which is far less than the `ttl` that verifiers reckon with anyway.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.errors import GiaytoError
from giayto_crypto.status_list import StatusList, StatusListBuilder, authenticate_status_list, sign_status_list
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.settings import Settings
from giayto_wallet_api.status.addresses import aggregation_uri, status_list_uri
from giayto_wallet_api.status.revisions import ALWAYS_VALID
from giayto_wallet_api.status.tables import status_entries, status_list_tokens, status_lists
from giayto_wallet_api.store.statements import insert_for

RENDERED_AT_ONCE: Final = 20
"""Tokens of one list that are made without any pause after a quiet time."""


@dataclass(frozen=True, slots=True)
class StatusListToken:
    """A signed token and when it was made."""

    token: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class _KeptToken:
    token: str
    revision: int
    issued_at: datetime
    paced_until: datetime
    """Moves on by one pace with every token, from now at the earliest: far ahead when there were many of late."""

    def is_good_enough(self, revision: int, now: datetime, settings: Settings) -> bool:
        """Whether it is served, the list being at that revision."""
        if not self.issued_at <= now < self.issued_at + settings.status_list_ttl:
            return False
        many_of_late = self.paced_until > now + (RENDERED_AT_ONCE - 1) * settings.status_list_pace
        return self.revision == revision or many_of_late


@dataclass(frozen=True, slots=True)
class _List:
    """A list at one moment."""

    list_id: str
    revision: int
    size: int
    bits: int
    last: _KeptToken | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class _Change:
    """What is new in a list: entries to be set on top of what a token said."""

    of: _List
    before: StatusList | None
    entries: Sequence[tuple[int, int]]


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
    """Return a token that states what is in the store now, or was less than `Settings.status_list_pace` ago.

    Raises:
        NotFoundError: there is no such list.
    """
    async with runtime.database.read() as tx:
        served = _served(await _read_list(tx, runtime, list_id), runtime.settings)
    if served is not None:
        return served
    async with runtime.status_list_turns.turn(list_id):
        return await _next_token(runtime, list_id)


async def _next_token(runtime: Runtime, list_id: str) -> StatusListToken:
    async with runtime.database.read() as tx:
        # Whoever had the turn before may have made what is wanted.
        found = await _read_list(tx, runtime, list_id)
        served = _served(found, runtime.settings)
        if served is not None:
            return served
        change = await _read_change(tx, runtime, found)
    token = await asyncio.to_thread(_render, runtime, change)
    await _keep(runtime, found, token)
    return StatusListToken(token, found.read_at)


def _served(found: _List, settings: Settings) -> StatusListToken | None:
    last = found.last
    if last is None or not last.is_good_enough(found.revision, found.read_at, settings):
        return None
    return StatusListToken(last.token, last.issued_at)


async def _read_list(tx: AsyncConnection, runtime: Runtime, list_id: str) -> _List:
    lists, tokens = status_lists.c, status_list_tokens.c
    row = (
        await tx.execute(
            select(
                lists.revision,
                lists.size,
                lists.bits,
                tokens.token,
                tokens.revision.label("last_revision"),
                tokens.issued_at,
                tokens.paced_until,
            )
            .join_from(status_lists, status_list_tokens, tokens.list_id == lists.list_id, isouter=True)
            .where(lists.list_id == list_id)
        )
    ).first()
    if row is None:
        raise NotFoundError("there is no such status list")
    last = None if row.token is None else _KeptToken(row.token, row.last_revision, row.issued_at, row.paced_until)
    return _List(list_id, row.revision, row.size, row.bits, last, runtime.clock())


async def _read_change(tx: AsyncConnection, runtime: Runtime, found: _List) -> _Change:
    last, before, since = found.last, None, ALWAYS_VALID
    if last is not None and (before := await asyncio.to_thread(_read_token, runtime, found, last.token)) is not None:
        since = last.revision
    entries = status_entries.c
    changed = await tx.execute(
        select(entries.idx, entries.value).where(
            entries.list_id == found.list_id,
            entries.revision > since,
            entries.revision != ALWAYS_VALID,  # says in so many words what the index is about
        )
    )
    return _Change(found, before, [(idx, value) for idx, value in changed])


def _read_token(runtime: Runtime, found: _List, token: str) -> StatusList | None:
    """Return what a kept token says; None when it cannot be built upon, as after a change of keys."""
    try:
        verified = authenticate_status_list(token, anchors=runtime.keys.anchors, now=found.read_at)
    except GiaytoError:
        return None
    is_of_list = verified.uri == status_list_uri(runtime.settings.base_url, found.list_id)
    return verified.statuses if is_of_list and verified.statuses.bits == found.bits else None


def _render(runtime: Runtime, change: _Change) -> str:
    settings, identity, found = runtime.settings, runtime.keys.status_list, change.of
    builder = (
        StatusListBuilder(size=found.size, bits=found.bits)
        if change.before is None
        else StatusListBuilder.continuing(change.before)
    )
    builder.update(change.entries)
    return sign_status_list(
        builder.build(),
        uri=status_list_uri(settings.base_url, found.list_id),
        issued_at=found.read_at,
        expires_at=found.read_at + settings.status_list_lifetime,
        ttl=settings.status_list_ttl,
        signer=identity.signer,
        x5c=identity.chain,
        aggregation_uri=aggregation_uri(settings.base_url),
    )


async def _keep(runtime: Runtime, found: _List, token: str) -> None:
    tokens, now, last = status_list_tokens.c, found.read_at, found.last
    paced_from = now if last is None else max(now, last.paced_until)
    async with runtime.database.transaction() as tx:
        made = insert_for(tx, status_list_tokens).values(
            list_id=found.list_id,
            revision=found.revision,
            issued_at=now,
            paced_until=paced_from + runtime.settings.status_list_pace,
            token=token,
        )
        await tx.execute(
            made.on_conflict_do_update(
                index_elements=[tokens.list_id],
                set_={name: made.excluded[name] for name in ("revision", "issued_at", "paced_until", "token")},
                where=(tokens.revision <= made.excluded.revision) & (tokens.issued_at <= made.excluded.issued_at),
            )
        )
