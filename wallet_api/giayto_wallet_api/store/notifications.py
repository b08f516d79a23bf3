"""Hearing of what other workers committed: by LISTEN/NOTIFY in PostgreSQL, by looking now and then in SQLite.

    with database.subscribe(wallet_id) as news:
        while True:
            …                               # look what is in the store
            await news.wait(poll_every=1.0, at_most=15.0)

A notification carries names, never content, and only says that looking is worth while: one that is lost costs time,
nothing else. Writers call `notify` in their transaction; it is delivered when that commits.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from typing import Final, Protocol

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from giayto_wallet_api.store.statements import is_postgresql

_CHANNEL: Final = "giayto_news"
_PAYLOAD_BYTES: Final = 7_900
"""PostgreSQL takes less than 8,000 bytes. Names are ASCII, so characters are bytes."""
_RECONNECT_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


class News(Protocol):
    """Waits for something new about one name."""

    async def wait(self, *, poll_every: float, at_most: float) -> None:
        """Return when there may be something new: at the latest after `at_most` seconds.

        Where nothing can be heard, after `poll_every` seconds.
        """


class Notifications(Protocol):
    """A way to hear news."""

    def subscribe(self, name: str) -> AbstractContextManager[News]:
        """Open a context that gives `News` about a name; nothing that is committed after its start is missed."""

    async def close(self) -> None:
        """Hear nothing any more."""


async def notify(tx: AsyncConnection, names: Collection[str]) -> None:
    """Tell all workers, when this transaction commits, that there is something new about these names."""
    if not is_postgresql(tx):
        return
    for payload in _payloads(sorted(set(names))):
        await tx.execute(select(func.pg_notify(_CHANNEL, payload)))


def _payloads(names: Collection[str]) -> Iterator[str]:
    """Join names to as few payloads as hold them."""
    payload = ""
    for name in names:
        if payload and len(payload) + 1 + len(name) > _PAYLOAD_BYTES:
            yield payload
            payload = ""
        payload = f"{payload} {name}" if payload else name
    if payload:
        yield payload


class Polling:
    """News of a database that tells nobody anything: whoever waits looks again after a while."""

    @contextmanager
    def subscribe(self, name: str) -> Iterator[News]:
        """Give news about a name."""
        yield self

    async def wait(self, *, poll_every: float, at_most: float) -> None:
        """Sleep until it is time to look."""
        await asyncio.sleep(min(poll_every, at_most))

    async def close(self) -> None:
        """Nothing is open."""


class Listening:
    """News of PostgreSQL, on one connection for all that wait in this process."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: dict[str, set[_HeardNews]] = {}
        self._task: asyncio.Task[None] | None = None
        self.is_connected = False

    @contextmanager
    def subscribe(self, name: str) -> Iterator[News]:
        """Give news about a name."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen())
        news = _HeardNews(self)
        self._waiting.setdefault(name, set()).add(news)
        try:
            yield news
        finally:
            self._waiting[name].discard(news)
            if not self._waiting[name]:
                del self._waiting[name]

    async def close(self) -> None:
        """End the connection."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _listen(self) -> None:
        """Listen for ever; a lost connection is opened again, and meanwhile everybody polls."""
        while True:
            try:
                async with self._connection() as lost:
                    self.is_connected = True
                    self._wake_everybody()  # something may have been committed before we listened
                    await lost.wait()
            except Exception as error:
                log.warning("listening_failed", error=type(error).__name__)
            self.is_connected = False
            self._wake_everybody()
            await asyncio.sleep(_RECONNECT_SECONDS)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncio.Event]:
        """Listen on a connection beside the pool; gives what is set when it is lost."""
        from asyncpg import connect

        _, arguments = self._engine.dialect.create_connect_args(self._engine.url)
        connection = await connect(**arguments)
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener(_CHANNEL, self._hear)
            yield lost
        finally:
            connection.terminate()

    def _hear(self, _connection: object, _process: int, _channel: str, payload: str) -> None:
        for name in payload.split(" "):
            for news in self._waiting.get(name, ()):
                news.heard.set()

    def _wake_everybody(self) -> None:
        for waiting in self._waiting.values():
            for news in waiting:
                news.heard.set()


class _HeardNews:
    def __init__(self, listening: Listening) -> None:
        self._listening = listening
        self.heard = asyncio.Event()

    async def wait(self, *, poll_every: float, at_most: float) -> None:
        """Wait to hear something, and poll while nothing can be heard."""
        longest = at_most if self._listening.is_connected else min(poll_every, at_most)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.heard.wait(), longest)
        self.heard.clear()
