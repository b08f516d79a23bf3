"""The migrations make exactly the schema that the code declares, and keys begin with their owner."""

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Index, UniqueConstraint, insert, inspect, text
from sqlalchemy.exc import DBAPIError

from giayto_wallet_api.status.tables import status_entries, status_lists, status_reservations
from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.migrating import SchemaError, is_migrated, migrate, migrate_down, require_migrated
from giayto_wallet_api.store.schema import metadata

SQLITE_OBJECTS = "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
POSTGRESQL_OBJECTS = """
SELECT tgname::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE 'alembic%'
UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid), '' FROM pg_constraint
WHERE conrelid <> 0 AND connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%'
UNION ALL SELECT proname::text, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
START = datetime(2026, 11, 22, tzinfo=UTC)
OWNERS = {"wallet_id", "agency_id", "list_id", "verifier_id", "asker"}


both_databases = pytest.mark.both_databases


@pytest.fixture
async def database(unmigrated_database_url: str):
    opened = Database(unmigrated_database_url)
    yield opened
    await opened.close()


@both_databases
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


@both_databases
async def test_migrations_make_the_same_triggers_and_indexes(database: Database) -> None:
    await migrate(database)
    migrated = await objects_of(database)
    await migrate_down(database)
    async with database.transaction() as tx:
        await tx.run_sync(metadata.create_all)
    assert await objects_of(database) == migrated


async def objects_of(database: Database) -> dict[str, str]:
    query = SQLITE_OBJECTS if database.is_sqlite else POSTGRESQL_OBJECTS
    async with database.read() as tx:
        return {name: " ".join(sql.replace('"', "").split()) for name, sql in await tx.execute(text(query))}


@both_databases
async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)
    await migrate(database)


@both_databases
async def test_going_down_leaves_nothing(database: Database) -> None:
    await migrate(database)
    await migrate_down(database)
    async with database.read() as tx:
        assert await tx.run_sync(lambda connection: inspect(connection).get_table_names()) == ["alembic_version"]
        assert not await is_migrated(tx)
    with pytest.raises(SchemaError, match="run giayto-wallet-api migrate"):
        await require_migrated(database)


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


@both_databases
@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE audit_entries SET actor = 'x'", "the audit log only grows"),
        ("DELETE FROM audit_entries", "the audit log only grows"),
        ("UPDATE status_entries SET value = 0", "a revocation is final"),
        ("UPDATE status_entries SET value = 2", "a revocation is final"),
        ("DELETE FROM status_entries", "a status is never taken out"),
    ],
)
async def test_what_is_final_is_refused_whoever_asks(health, runtime, statement: str, refusal: str) -> None:
    async with runtime.database.transaction() as tx:
        a_list = {"list_id": "sl", "size": 8, "bits": 2, "reserved": 1, "revision": 0, "created_at": START}
        await tx.execute(insert(status_lists).values(**a_list))
        place = {"list_id": "sl", "idx": 0, "agency_id": "G18"}
        await tx.execute(insert(status_reservations).values(**place, document_type="t", reservation_id="res"))
        await tx.execute(
            insert(status_entries).values(**place, document_id="doc", version=1, value=1, revision=1, changed_at=START)
        )
    with pytest.raises(DBAPIError, match=refusal):
        async with runtime.database.transaction() as tx:
            await tx.execute(text(statement))


@both_databases
@pytest.mark.parametrize("table", ["audit_entries", "status_entries"])
async def test_nothing_final_is_truncated(runtime, database_kind: str, table: str) -> None:
    if database_kind == "sqlite":
        return  # it has no TRUNCATE
    with pytest.raises(DBAPIError, match=r"only grows|never taken out"):
        async with runtime.database.transaction() as tx:
            await tx.execute(text(f"TRUNCATE {table}"))


async def test_the_database_is_durable_and_keeps_its_references(runtime) -> None:
    async with runtime.database.read() as tx:
        pragmas = {
            name: (await tx.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@both_databases
async def test_a_transaction_within_a_transaction_is_refused_rather_than_waited_for(runtime) -> None:
    async with runtime.database.transaction():
        with pytest.raises(RuntimeError, match="pass tx on"):
            async with runtime.database.transaction():
                pass
    async with runtime.database.transaction():
        pass
