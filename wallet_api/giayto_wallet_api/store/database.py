"""One door to the database: `transaction()` to write, `read()` to read.

    async with database.transaction() as tx:      # all or nothing, durable when the block has ended
        await tx.execute(insert(agencies).values(…))

Transactions must not be nested; pass `tx` on instead. A lost connection, a full disk and the like come out as
`giayto_wallet_api.store.errors`, in whichever database. How SQLite and PostgreSQL differ is known to
`giayto_wallet_api.store.{sqlite,postgresql,statements,guards}` and to nothing else.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from typing import Final, Protocol, TypeVar

import stamina
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from giayto_wallet_api.store.errors import StoreError, StoreUnavailableError
from giayto_wallet_api.store.notifications import Listening, News, Notifications, Polling
from giayto_wallet_api.store.postgresql import DEFAULT_POOL_SIZE, PostgresqlBackend
from giayto_wallet_api.store.sqlite import SqliteBackend

T = TypeVar("T")
BeforeCommit = Callable[[AsyncConnection], Awaitable[None]]

_ATTEMPTS: Final = 8
_RETRY_SECONDS: Final = 20.0
_LONGEST_PAUSE_SECONDS: Final = 3.0


class Backend(Protocol):
    """What a kind of database does in its own way."""

    @property
    def name(self) -> str:
        """`sqlite` or `postgresql`."""

    @property
    def engine(self) -> AsyncEngine:
        """Its connections."""

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a transaction that writes."""

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open one consistent view."""

    def explain(self, error: Exception) -> StoreError | None:
        """Return what a driver's exception means for a client."""


class Database:
    """The connections of one process. Make it once, `close` it at the end."""

    def __init__(self, url: str, *, pool_size: int = DEFAULT_POOL_SIZE) -> None:
        """Prepare connections to `url`; nothing is opened yet.

        Args:
            url: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`.
            pool_size: most connections of this process; SQLite takes as many readers as there are.
        """
        parsed = make_url(url)
        self._backend: Backend = (
            PostgresqlBackend(parsed, pool_size)
            if parsed.get_backend_name() == PostgresqlBackend.name
            else SqliteBackend(parsed)
        )
        self._before_commit: BeforeCommit | None = None
        self._notifications: Notifications = Polling() if self.is_sqlite else Listening(self.engine)

    @property
    def engine(self) -> AsyncEngine:
        """The engine itself, for migrations."""
        return self._backend.engine

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self._backend.name == SqliteBackend.name

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that writes: committed and on disk when the block ends, rolled back when it raises."""
        async with self._explaining(), self._backend.writing() as tx:
            yield tx
            if self._before_commit is not None:
                await self._before_commit(tx)

    def before_commit(self, work: BeforeCommit) -> None:
        """Do some work at the end of every transaction that writes; when it fails, nothing is committed."""
        self._before_commit = work

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open one consistent view of the data; it is never held up by writers."""
        async with self._explaining(), self._backend.reading() as tx:
            yield tx

    async def persist(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do work again, some seconds long, while the database is lost or asks for it.

        Only for work that changes nothing when it is done twice: after a lost connection nobody knows whether the
        first time counted.
        """
        async for attempt in stamina.retry_context(
            on=StoreUnavailableError, attempts=_ATTEMPTS, timeout=_RETRY_SECONDS, wait_max=_LONGEST_PAUSE_SECONDS
        ):
            with attempt:
                return await work()
        raise AssertionError("stamina raises when it gives up")

    def subscribe(self, name: str) -> AbstractContextManager[News]:
        """Open a context in which news about a name can be waited for; see `giayto_wallet_api.store.notifications`."""
        return self._notifications.subscribe(name)

    async def ping(self) -> None:
        """Ask the database for one trivial answer; StoreUnavailableError when it gives none."""
        async with self.read() as tx:
            await tx.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self._notifications.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def _explaining(self) -> AsyncIterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            explained = self._backend.explain(error)
            if explained is None:
                raise
            raise explained from error
