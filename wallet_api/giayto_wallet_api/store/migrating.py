"""Bringing a database to the schema of this release, or back.

await migrate(database)             # to the newest revision
await migrate_down(database)        # to an empty database
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.store.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for a connection; there is no `alembic.ini`."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


async def migrate(database: Database) -> None:
    """Run the migrations that a database lacks, all in one transaction."""
    async with database.transaction() as tx:
        await tx.run_sync(lambda connection: command.upgrade(alembic_config(connection), "head"))


async def migrate_down(database: Database) -> None:
    """Undo all migrations: every table of this project is dropped."""
    async with database.transaction() as tx:
        await tx.run_sync(lambda connection: command.downgrade(alembic_config(connection), "base"))


async def is_migrated(tx: AsyncConnection) -> bool:
    """Whether the database has the newest revision that this release knows."""
    found = await tx.run_sync(lambda connection: MigrationContext.configure(connection).get_current_revision())
    return found == ScriptDirectory.from_config(alembic_config()).get_current_head()
