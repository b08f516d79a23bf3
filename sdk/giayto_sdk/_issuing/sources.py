"""Where the rows of a push come from: a file of the agency's system, or rows that a program hands over.

Either way a push reads a file whose SHA-256 names the job, so that the same rows pushed again after a crash find their
journal. Rows from a program are therefore written to a file of the journal's folder first.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from giayto_issuers.records.readers import BrokenRow, SourceRow, read_csv, read_ndjson
from giayto_sdk._files import make_private_folder
from giayto_sdk.errors import ConfigurationError

Rows = str | os.PathLike[str] | Iterable[Mapping[str, object]]
"""Path of a CSV or NDJSON file, or the rows themselves: column name to value."""
_CSV = frozenset({".csv"})
_NDJSON = frozenset({".ndjson", ".jsonl"})


@dataclass(frozen=True, slots=True)
class RowSource:
    """A file of rows that can be read again and again."""

    path: Path
    sha256: str
    """Hexadecimal."""

    def rows(self) -> Iterator[SourceRow | BrokenRow]:
        """Read the rows, numbered in rising order; SourceError when the file cannot be read on."""
        return read_csv(self.path) if self.path.suffix.lower() in _CSV else read_ndjson(self.path)


@contextmanager
def open_source(rows: Rows, journal_folder: Path) -> Iterator[RowSource]:
    """Provide the rows as a file for as long as the push runs.

    Raises:
        ConfigurationError: a file that is neither CSV nor NDJSON by its name, or cannot be read.
    """
    if isinstance(rows, str | os.PathLike):
        yield _hashed(_known_kind(Path(rows)))
        return
    make_private_folder(journal_folder)
    with NamedTemporaryFile(dir=journal_folder, prefix=".rows.", suffix=".ndjson") as file:
        for row in rows:
            file.write(msgspec.json.encode(row) + b"\n")
        file.flush()
        yield _hashed(Path(file.name))


def _known_kind(path: Path) -> Path:
    if path.suffix.lower() not in _CSV | _NDJSON:
        raise ConfigurationError(f"source: {path.name} must end in .csv, .ndjson or .jsonl")
    return path


def _hashed(path: Path) -> RowSource:
    try:
        with path.open("rb") as file:
            return RowSource(path, file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise ConfigurationError(f"source: {path.name} cannot be read ({error.strerror})") from error
