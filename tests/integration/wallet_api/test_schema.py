"""The migrations make exactly the schema that the code declares, and keys begin with their owner."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Index, UniqueConstraint, inspect, text

from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.migrating import is_migrated, migrate, migrate_down
from giayto_wallet_api.store.schema import metadata

OWNERS = {"wallet_id", "agency_id", "list_id"}


@pytest.fixture
async def database(tmp_path: Path):
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'migrated.db'}")
    yield opened
    await opened.close()


async def test_migrations_make_what_the_code_declares(database: Database) -> None:
    await migrate(database)
    async with database.read() as tx:
        assert await is_migrated(tx)
        differences = await tx.run_sync(
            lambda connection: compare_metadata(
                MigrationContext.configure(connection, opts={"compare_type": True}), metadata
            )
        )
    assert differences == []


async def test_migrations_make_the_same_triggers_and_indexes(database: Database, tmp_path: Path) -> None:
    await migrate(database)
    declared = Database(f"sqlite+aiosqlite:///{tmp_path / 'declared.db'}")
    async with declared.transaction() as tx:
        await tx.run_sync(metadata.create_all)
    assert await objects_of(database) == await objects_of(declared)
    await declared.close()


async def objects_of(database: Database) -> dict[str, str]:
    query = text("SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL")
    async with database.read() as tx:
        return {name: " ".join(sql.split()) for name, sql in await tx.execute(query)}


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)
    await migrate(database)


async def test_going_down_leaves_nothing(database: Database) -> None:
    await migrate(database)
    await migrate_down(database)
    async with database.read() as tx:
        assert await tx.run_sync(lambda connection: inspect(connection).get_table_names()) == ["alembic_version"]
        assert not await is_migrated(tx)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_keys_begin_with_the_owner(table) -> None:
    """Distribution by PostgreSQL's extensions needs it: every primary and unique key begins with the owner's column."""
    scope = table.info.get("scope")
    assert scope in OWNERS | {"shared"}, f"{table.name} does not say whose its rows are"
    keys = [list(table.primary_key.columns)]
    keys += [list(each.columns) for each in table.constraints if isinstance(each, UniqueConstraint)]
    keys += [list(each.columns) for each in table.indexes if isinstance(each, Index) and each.unique]
    assert all(keys)
    if scope != "shared":
        assert [key[0].name for key in keys] == [scope] * len(keys)


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET actor = 'x'", "DELETE FROM audit_entries"])
async def test_the_audit_log_only_grows(health, runtime, statement: str) -> None:
    with pytest.raises(Exception, match="the audit log only grows"):
        async with runtime.database.transaction() as tx:
            await tx.execute(text(statement))


async def test_the_database_is_durable_and_keeps_its_references(runtime) -> None:
    async with runtime.database.read() as tx:
        pragmas = {
            name: (await tx.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_a_transaction_within_a_transaction_is_refused_rather_than_waited_for(runtime) -> None:
    async with runtime.database.transaction():
        with pytest.raises(RuntimeError, match="pass tx on"):
            async with runtime.database.transaction():
                pass
    async with runtime.database.transaction():
        pass
