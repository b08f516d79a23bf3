"""What only SQLite needs: durable settings, one writer at a time, its names for what went wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from giayto_wallet_api.store.errors import StoreConflictError, StoreError, StoreFullError, StoreUnavailableError

_BUSY_TIMEOUT_MS: Final = 10_000
_BEGIN_OPTION: Final = "giayto_begin"
_ENDED_BY: Final = "giayto_ended_by"
_FULL: Final = ("SQLITE_FULL",)
_BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_UNREACHABLE: Final = ("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")


class SqliteBackend:
    """SQLite in WAL mode, with synchronous=FULL: what was committed is on disk.

    Writers take the write lock at once (BEGIN IMMEDIATE): a transaction that reads first and writes later would
    otherwise fail half way when another writer came between.
    """

    name: Final = "sqlite"

    def __init__(self, url: URL) -> None:
        self.engine = create_async_engine(url)
        # One writer at a time is all that SQLite allows. Waiting here is fair and costs nothing; waiting inside
        # SQLite is polling. Other processes are still met by the busy timeout.
        self._writer = asyncio.Lock()
        self._writing_task: asyncio.Task[Any] | None = None
        _configure(self)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that writes."""
        this_task = asyncio.current_task()
        if this_task is self._writing_task:
            raise RuntimeError("a transaction within a transaction would wait for itself: pass tx on")
        async with self._writer, self.engine.connect() as connection:
            await connection.execution_options(**{_BEGIN_OPTION: "BEGIN IMMEDIATE"})
            self._writing_task = this_task
            try:
                async with connection.begin():
                    yield connection
            finally:
                self._writing_task = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open one consistent view, which no writer holds up."""
        async with self.engine.connect() as connection:
            await connection.execution_options(**{_BEGIN_OPTION: "BEGIN"})
            async with connection.begin():
                yield connection

    def explain(self, error: Exception) -> StoreError | None:
        """Return what an exception of the driver means for a client; None for one that is a fault of the program."""
        name = _name_of(error.orig if isinstance(error, DBAPIError) else error)
        if name.startswith(_FULL):
            return StoreFullError("the disk of the database is full")
        if name.startswith(_BUSY):
            return StoreConflictError("another process holds the database")
        if name.startswith(_UNREACHABLE):
            return StoreUnavailableError("the database file cannot be read or written")
        return None


def _name_of(error: BaseException | None) -> str:
    return getattr(error, "sqlite_errorname", None) or ""


def _configure(backend: SqliteBackend) -> None:
    @event.listens_for(backend.engine.sync_engine, "connect")
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

    @event.listens_for(backend.engine.sync_engine, "handle_error")
    def tell_what_ended_the_transaction(context: ExceptionContext) -> BaseException | None:
        # A full disk ends SQLite's whole transaction. What is said afterwards of its savepoints would hide the reason.
        if context.connection is None:
            return None
        facts = context.connection.info
        if _name_of(context.original_exception).startswith(_FULL):
            facts[_ENDED_BY] = context.sqlalchemy_exception
            return None
        ended_by: BaseException | None = facts.get(_ENDED_BY)
        return ended_by

    @event.listens_for(backend.engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.info.pop(_ENDED_BY, None)
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN_OPTION, "BEGIN IMMEDIATE"))
