"""The statements that databases spell differently, written once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_for(tx: AsyncConnection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """Return an INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update` in this database."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


async def insert_if_absent(tx: AsyncConnection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert one row unless its key is taken; True when it was inserted. Of two who race, exactly one gets
    True.
    """
    result = await tx.execute(insert_for(tx, table).values(**values).on_conflict_do_nothing())
    return result.rowcount == 1
