"""Bringing a database to the schema of this release, or back.

await migrate(database)             # to the newest revision
await migrate_down(database)        # to an empty database
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.statements import hold

_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaError(GiaytoError):
    """The database does not have the schema of this release."""

    code = "schema_outdated"
    message_vi = "Cơ sở dữ liệu chưa được nâng cấp cho phiên bản này."
    message_en = "The database does not have the schema of this release."


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for a connection; there is no `alembic.ini`."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


async def migrate(database: Database) -> None:
    """Run the migrations that a database lacks, all in one transaction. Of two who try, one waits."""
    async with database.transaction() as tx:
        await hold(tx, _MIGRATIONS.name)
        await tx.run_sync(lambda connection: command.upgrade(alembic_config(connection), "head"))


async def migrate_down(database: Database) -> None:
    """Undo all migrations: every table of this project is dropped."""
    async with database.transaction() as tx:
        await tx.run_sync(lambda connection: command.downgrade(alembic_config(connection), "base"))


async def is_migrated(tx: AsyncConnection) -> bool:
    """Whether the database has the newest revision that this release knows."""
    return await _revision(tx) == newest_revision()


async def require_migrated(database: Database) -> None:
    """Refuse to start on a database of another schema.

    Raises:
        SchemaError: the database has another revision than this release needs.
        StoreUnavailableError: the database does not answer.
    """
    async with database.read() as tx:
        found = await _revision(tx)
    if found != newest_revision():
        state = f"at revision {found}" if found else "empty"
        raise SchemaError(
            f"the database is {state}, this release needs {newest_revision()}: run giayto-wallet-api migrate"
        )


@cache
def newest_revision() -> str | None:
    """Return the revision of the schema that this release works with."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


async def _revision(tx: AsyncConnection) -> str | None:
    return await tx.run_sync(lambda connection: MigrationContext.configure(connection).get_current_revision())
