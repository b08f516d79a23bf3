"""A push, from rows as they arrived to answers: check outside the event loop, store in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto import strict_json
from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.agencies.authority import AgencyAuthority, authority_of
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.documents.credential_checks import CheckedRow, RowChecker
from giayto_wallet_api.documents.schemas import MAX_ROW_BYTES, PushRow
from giayto_wallet_api.documents.storing import Outcome, store_rows
from giayto_wallet_api.limits.quotas import spend_rows
from giayto_wallet_api.problems import MalformedRequestError
from giayto_wallet_api.runtime import Runtime

Checked = CheckedRow | GiaytoError
Bookkeeper = Callable[[AsyncConnection, Sequence[PushRow | GiaytoError], Sequence[Outcome], datetime], Awaitable[None]]
"""Writes down what became of a batch, inside the transaction that stores it."""


async def push_rows(
    runtime: Runtime,
    client: AgencyClient,
    rows: Sequence[PushRow | GiaytoError],
    *,
    bookkeeper: Bookkeeper | None = None,
) -> list[Outcome]:
    """Push a batch of rows; one outcome for each, in order, and durable when this returns.

    Args:
        runtime: the application's.
        client: on whose behalf.
        rows: rows, or the reason why one could not even be read.
        bookkeeper: told of all outcomes before they are durable.

    Raises:
        TooManyRequestsError: the agency's day has not so many rows left; none was looked at.
        StoreUnavailableError: the database stayed away; whether rows were stored is not known.
    """
    async with runtime.bulk_turns:
        return await _push_rows(runtime, client, rows, bookkeeper)


async def require_rows_left(runtime: Runtime, client: AgencyClient) -> None:
    """Refuse to begin when the agency's day has no rows left; TooManyRequestsError says when the next one begins."""
    async with runtime.database.transaction() as tx:
        await spend_rows(tx, client.agency_id, 0, runtime.clock())


async def _push_rows(
    runtime: Runtime,
    client: AgencyClient,
    rows: Sequence[PushRow | GiaytoError],
    bookkeeper: Bookkeeper | None,
) -> list[Outcome]:
    authority = await runtime.database.persist(lambda: _admit(runtime, client, len(rows)))
    checker = RowChecker(
        authority=authority,
        document_types=runtime.document_types,
        anchors=runtime.keys.anchors,
        base_url=runtime.settings.base_url,
        now=runtime.clock(),
    )
    # Signatures cost the most; checking them in a thread leaves the loop free for everybody else.
    checked = await asyncio.to_thread(_check_all, checker, rows)

    async def along_with(tx: AsyncConnection, stored: Sequence[Outcome], now: datetime) -> None:
        if bookkeeper is not None:
            await bookkeeper(tx, rows, _in_order(checked, stored), now)

    to_store = [row for row in checked if isinstance(row, CheckedRow)]
    stored = await store_rows(runtime, client, to_store, along_with=None if bookkeeper is None else along_with)
    return _in_order(checked, stored)


async def _admit(runtime: Runtime, client: AgencyClient, rows: int) -> AgencyAuthority:
    """Count rows against the agency's day and return what it may issue."""
    async with runtime.database.transaction() as tx:
        await spend_rows(tx, client.agency_id, rows, runtime.clock())
        return await authority_of(tx, client.agency_id)


def read_row(line: bytes) -> PushRow | GiaytoError:
    """Read one row from JSON, strictly; the reason when it cannot be read."""
    try:
        return msgspec.convert(strict_json.loads(line, max_bytes=MAX_ROW_BYTES), PushRow, strict=True)
    except GiaytoError as error:
        return error
    except msgspec.ValidationError as error:
        # The library's message ends with the place, `… - at `$.subject.kind``; what comes before may quote the value.
        _, _, place = str(error).rpartition(" - at ")
        return MalformedRequestError(f"the row does not follow its schema at {place.strip('`') or '$'}")


def _in_order(checked: Sequence[Checked], stored: Sequence[Outcome]) -> list[Outcome]:
    outcomes = iter(stored)
    return [next(outcomes) if isinstance(row, CheckedRow) else row for row in checked]


def _check_all(checker: RowChecker, rows: Sequence[PushRow | GiaytoError]) -> list[Checked]:
    return [row if isinstance(row, GiaytoError) else _check(checker, row) for row in rows]


def _check(checker: RowChecker, row: PushRow) -> Checked:
    try:
        return checker.check(row)
    except GiaytoError as error:
        return error
