"""A full disk is told as what it is, wherever in a transaction it is met."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.errors import StoreFullError

LARGE = "x" * 100_000


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[Database]:
    """A database that may not grow."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'small.db'}")
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE things (content TEXT)"))
    async with database.engine.connect() as connection:
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
    yield await limited(database, pages)
    await database.close()


async def limited(database: Database, pages: int) -> Database:
    # The limit belongs to a connection; the pool hands the same one out again.
    async with database.read() as tx:
        await tx.execute(text(f"PRAGMA max_page_count = {pages}"))
    return database


async def test_in_a_plain_transaction(full: Database) -> None:
    with pytest.raises(StoreFullError):
        async with full.transaction() as tx:
            await tx.execute(text("INSERT INTO things VALUES (:content)"), {"content": LARGE})


async def test_within_a_savepoint(full: Database) -> None:
    with pytest.raises(StoreFullError):
        async with full.transaction() as tx, tx.begin_nested():
            await tx.execute(text("INSERT INTO things VALUES (:content)"), {"content": LARGE})


async def test_reading_goes_on(full: Database) -> None:
    with pytest.raises(StoreFullError):
        async with full.transaction() as tx:
            await tx.execute(text("INSERT INTO things VALUES (:content)"), {"content": LARGE})
    async with full.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM things"))).scalar_one() == 0
