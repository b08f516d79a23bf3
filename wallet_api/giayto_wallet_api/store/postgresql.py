"""What only PostgreSQL needs: a pool, isolation by kind of work, its codes for what went wrong, COPY, notifications.

Writers run at READ COMMITTED and hold what they decide over: rows by `SELECT … FOR UPDATE`, and by
`giayto_wallet_api.store.statements.hold` what has no row yet (the end of the audit log, the next edition). Readers see
one snapshot (REPEATABLE READ) and hold nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from sqlalchemy import Table, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from giayto_wallet_api.store.errors import StoreConflictError, StoreError, StoreFullError, StoreUnavailableError

DEFAULT_POOL_SIZE: Final = 10
_POOL_WAIT_SECONDS: Final = 5
_CONNECT_SECONDS: Final = 5
_SERVER_SETTINGS: Final = {
    "application_name": "giayto-wallet-api",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",  # our statements are short: compiling them costs more than it saves
}
# SQLSTATE, PostgreSQL Appendix A.
_CONFLICTS: Final = frozenset({"40001", "40P01", "55P03"})  # serialization, deadlock, lock not available
_FULL: Final = frozenset({"53100"})
_LOST_CLASSES: Final = ("08", "53", "57P")  # connection, resources, operator intervention
_INTEGRITY_CLASS: Final = "23"


class PostgresqlBackend:
    """PostgreSQL through asyncpg, with a bounded pool for each process."""

    name: Final = "postgresql"

    def __init__(self, url: URL, pool_size: int = DEFAULT_POOL_SIZE) -> None:
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=_POOL_WAIT_SECONDS,
            pool_pre_ping=True,  # after a restart of the database no request meets a dead connection
            connect_args={"timeout": _CONNECT_SECONDS, "server_settings": _SERVER_SETTINGS},
        )
        self._writing_tasks: set[asyncio.Task[Any] | None] = set()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that writes."""
        this_task = asyncio.current_task()
        if this_task in self._writing_tasks:
            raise RuntimeError("a transaction within a transaction could wait for itself: pass tx on")
        async with self._connected() as connection:
            self._writing_tasks.add(this_task)
            try:
                async with connection.begin():
                    yield connection
            finally:
                self._writing_tasks.discard(this_task)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open one snapshot; it waits for no writer, and none waits for it."""
        async with self._connected() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(self.engine.connect())
            except Exception as error:
                # Refused, unknown host, wrong password, too many connections: the drivers have a class for each, and
                # some come past SQLAlchemy.
                raise StoreUnavailableError(f"no connection to the database ({type(error).__name__})") from error
            yield connection

    def explain(self, error: Exception) -> StoreError | None:
        """Return what an exception of the driver means for a client; None for one that is a fault of the program."""
        state = _sqlstate(error)
        if state in _CONFLICTS:
            return StoreConflictError("the database asks to do it again")
        if state in _FULL:
            return StoreFullError("the disk of the database is full")
        if state.startswith(_LOST_CLASSES) or _is_lost(error):
            return StoreUnavailableError("no connection to the database")
        return None


async def copy_rows(tx: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns, by COPY: a small part of what INSERT costs.

    Raises:
        IntegrityError: a key is taken, as INSERT would raise it.
    """
    from asyncpg import InterfaceError as DriverInterfaceError
    from asyncpg import PostgresError

    driver: Any = (await tx.get_raw_connection()).driver_connection
    if not driver.is_in_transaction():  # SQLAlchemy begins at the first statement
        await tx.execute(text("SELECT 1"))
    columns = [table.c[name] for name in rows[0]]
    processors = [column.type.dialect_impl(tx.dialect).bind_processor(tx.dialect) for column in columns]
    records = [
        tuple(
            value if process is None else process(value)
            for value, process in zip(row.values(), processors, strict=True)
        )
        for row in rows
    ]
    try:
        await driver.copy_records_to_table(table.name, records=records, columns=[column.name for column in columns])
    except (PostgresError, DriverInterfaceError) as error:
        raise _as_sqlalchemy(f"COPY {table.name}", error) from error


def _as_sqlalchemy(statement: str, error: Exception) -> DBAPIError:
    """Name what the driver raised past SQLAlchemy as SQLAlchemy would have."""
    state = _sqlstate(error)
    if state.startswith(_INTEGRITY_CLASS):
        return IntegrityError(statement, None, error)
    return DBAPIError(statement, None, error, connection_invalidated=not state)


def _sqlstate(error: BaseException) -> str:
    """Return the SQLSTATE that a driver's exception carries, itself or within SQLAlchemy's; empty without one."""
    for each in (error, getattr(error, "orig", None)):
        state = getattr(each, "sqlstate", None)
        if isinstance(state, str):
            return state
    return ""


def _is_lost(error: Exception) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, (InterfaceError, ConnectionError))
