"""Revisions of status lists: what changed since a token was made is found by the number of its revision.

A transaction takes the next revision of a list before it changes an entry, and keeps the list's row until it ends. So
revisions become visible in their order, and whoever sees one sees every change that came before it.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.status.tables import status_lists

ALWAYS_VALID: Final = 0
"""The revision of an entry that has not changed since it was valid at first."""


async def next_revisions(tx: AsyncConnection, list_ids: Collection[str]) -> dict[str, int]:
    """Take the next revision of each list, in the order of their identifiers, so that no two wait for each other."""
    lists, taken = status_lists.c, {}
    for list_id in sorted(list_ids):
        bumped = await tx.execute(
            update(status_lists)
            .where(lists.list_id == list_id)
            .values(revision=lists.revision + 1)
            .returning(lists.revision)
        )
        taken[list_id] = bumped.scalar_one()
    return taken
