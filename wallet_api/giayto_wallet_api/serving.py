"""Serving: one process, or several that share the port and behave as one.

Workers keep nothing to themselves: replay caches, one-time codes, limits and events are in the database. So any of
them answers any request, and one that dies is replaced without anybody noticing.
"""

import asyncio
import os
from dataclasses import dataclass
from typing import Final

import uvicorn
from litestar import Litestar

from giayto_wallet_api.app import create_app
from giayto_wallet_api.settings import Settings, SettingsError
from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.migrating import require_migrated
from giayto_wallet_api.structured_logs import configure_logging

_STOP_SECONDS: Final = 20
"""How long requests may take to end after the order to stop; streams are cut then, and their clients come back."""
_BACKLOG: Final = 512
_APPLICATION: Final = "giayto_wallet_api.serving:application"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int


def serve(settings: Settings, address: Address, workers: int) -> None:
    """Serve until told to stop (SIGTERM, SIGINT): no new requests then, those that run are answered.

    Raises:
        SchemaError: the database has another schema than this release needs.
        StoreUnavailableError: the database does not answer.
        SettingsError: no folder for revocations is set in production; the key files are missing or do not fit together.
    """
    _require_revocations_folder(settings)
    asyncio.run(_require_database(settings))
    configure_logging()
    # What is wrong with keys or settings is said here once; workers build their own.
    alone = create_app(settings)
    uvicorn.run(
        alone if workers == 1 else _APPLICATION,
        factory=workers > 1,
        workers=workers,
        host=address.host,
        port=address.port,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_STOP_SECONDS,
        log_config=None,
        server_header=False,
    )


def application() -> Litestar:
    """Build the application of one worker from the environment."""
    configure_logging()
    return create_app(Settings.from_environment(os.environ))


def _require_revocations_folder(settings: Settings) -> None:
    if settings.revocations_folder is None and not settings.is_sandbox:
        raise SettingsError(
            "GIAYTO_REVOCATIONS_FOLDER is not set: name a folder on another disk than the database, so that no "
            "restored backup undoes a revocation or gives out an index again (optional only with GIAYTO_MODE=sandbox)"
        )


async def _require_database(settings: Settings) -> None:
    database = Database(settings.database_url, pool_size=1)
    try:
        await require_migrated(database)
    finally:
        await database.close()
