"""The statements that databases spell differently, written once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import JSON, Column, ColumnElement, Table, cast, delete, func, insert, select, tuple_, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.store.postgresql import PostgresqlBackend, copy_rows

_FORGOTTEN_AT_ONCE: Final = 200


def is_postgresql(tx: AsyncConnection) -> bool:
    """Whether a transaction runs in PostgreSQL."""
    return tx.dialect.name == PostgresqlBackend.name


def insert_for(tx: AsyncConnection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """Return an INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update` in this database."""
    return postgresql.insert(table) if is_postgresql(tx) else sqlite.insert(table)


async def insert_if_absent(tx: AsyncConnection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert one row unless its key is taken; True when it was inserted. Of two who race, exactly one gets
    True.
    """
    result = await tx.execute(insert_for(tx, table).values(**values).on_conflict_do_nothing())
    return result.rowcount == 1


async def insert_rows(tx: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows, all with the same columns in the same order; in PostgreSQL by COPY.

    Raises:
        IntegrityError: a key is taken.
    """
    if not rows:
        return
    if is_postgresql(tx):
        await copy_rows(tx, table, rows)
    else:
        await tx.execute(insert(table), rows)


def json_text(tx: AsyncConnection, column: Column[str], name: str) -> ColumnElement[str | None]:
    """Return a text member of the JSON object that a text column holds; null where it is not there."""
    read_as_json = cast(column, JSON) if is_postgresql(tx) else type_coerce(column, JSON)
    member: ColumnElement[str | None] = read_as_json[name].as_string()
    return member


async def hold(tx: AsyncConnection, name: str) -> None:
    """Wait until nobody else holds this name, and hold it until the transaction ends.

    For decisions over what no row stands for yet: the next number of the audit log, whether there is a list to fill.
    Statements that follow see what the holder before stored. In SQLite whoever writes holds everything.
    """
    if is_postgresql(tx):
        key = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
        await tx.execute(select(func.pg_advisory_xact_lock(key)))


async def forget_expired(tx: AsyncConnection, table: Table, expiry: Column[Any], now: datetime) -> None:
    """Delete some rows whose `expiry` has passed; those that another transaction is deleting are left to it."""
    key = tuple(table.primary_key.columns)
    expired = select(*key).where(expiry <= now).limit(_FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)
    await tx.execute(delete(table).where(tuple_(*key).in_(expired)))
