"""One door to the database: `transaction()` to write, `read()` to read.

    async with database.transaction() as tx:      # all or nothing, durable when the block has ended
        await tx.execute(insert(agencies).values(…))

Writers on SQLite take the write lock at once (BEGIN IMMEDIATE): a transaction that reads first and writes
later would otherwise fail half way when another writer came between. Transactions must not be nested; pass
`tx` on instead.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_BUSY_TIMEOUT_MS = 10_000
_BEGIN_OPTION = "giayto_begin"


class Database:
    """The engine of one process. Make it once, `close` it at the end."""

    def __init__(self, url: str) -> None:
        """Prepare connections to `url`; nothing is opened yet."""
        self._engine = create_async_engine(url)
        # One writer at a time is all that SQLite allows. Waiting here is fair and costs nothing; waiting
        # inside SQLite is polling. Other processes are still met by the busy timeout.
        self._writer: AbstractAsyncContextManager[Any] = nullcontext()
        self._writing_task: asyncio.Task[Any] | None = None
        if self.is_sqlite:
            self._writer = asyncio.Lock()
            _configure_sqlite(self._engine)

    @property
    def engine(self) -> AsyncEngine:
        """The engine itself, for migrations."""
        return self._engine

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self._engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that writes: committed and on disk when the block ends, rolled back when it raises."""
        this_task = asyncio.current_task()
        if this_task is self._writing_task:
            raise RuntimeError("a transaction within a transaction would wait for itself: pass tx on")
        async with self._writer, self._engine.connect() as connection:
            await connection.execution_options(**{_BEGIN_OPTION: "BEGIN IMMEDIATE"})
            if self.is_sqlite:
                self._writing_task = this_task
            try:
                async with connection.begin():
                    yield connection
            finally:
                self._writing_task = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open one consistent view of the data; it is never held up by writers."""
        async with self._engine.connect() as connection:
            await connection.execution_options(**{_BEGIN_OPTION: "BEGIN"})
            async with connection.begin():
                yield connection

    async def ping(self) -> None:
        """Ask the database for one trivial answer; raises what the driver raises when it cannot."""
        async with self.read() as tx:
            await tx.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def _configure_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we write BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"busy_timeout = {_BUSY_TIMEOUT_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN_OPTION, "BEGIN IMMEDIATE"))
