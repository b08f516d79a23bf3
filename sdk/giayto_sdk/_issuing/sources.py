"""Where the rows of a push come from: a file of the agency's system, or rows that a program hands over.

Either way a push reads a file whose SHA-256 names the job, so that the same rows pushed again after a crash find their
journal. Rows from a program are therefore written to a file first: one without a name, of which a crash leaves nothing.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import msgspec

from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.records.header import check_header
from giayto_issuers.records.readers import BrokenRow, SourceRow, read_csv, read_csv_header, read_ndjson
from giayto_sdk._files import make_private_folder
from giayto_sdk.errors import ConfigurationError

Rows = str | os.PathLike[str] | Iterable[Mapping[str, object]]
"""Path of a CSV or NDJSON file, or the rows themselves: column name to value."""
_CSV = frozenset({".csv"})
_NDJSON = frozenset({".ndjson", ".jsonl"})
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RowSource:
    """A file of rows, open for as long as the push runs: what was hashed is what is read."""

    file: IO[bytes]
    is_csv: bool
    sha256: str
    """Hexadecimal."""

    def check_header(self, document_type: DocumentType) -> None:
        """Check the column names of a CSV, once for the file. Those of NDJSON are checked row by row: each has its own.

        Raises:
            HeaderError: they are not those of the type.
            SourceError: they cannot be read.
        """
        if self.is_csv:
            self.file.seek(0)
            check_header(document_type, read_csv_header(self.file))

    def rows(self) -> Iterator[SourceRow | BrokenRow]:
        """Read the rows, numbered in rising order; SourceError when the file cannot be read on."""
        self.file.seek(0)
        return read_csv(self.file) if self.is_csv else read_ndjson(self.file)


@contextmanager
def open_source(rows: Rows, journal_folder: Path) -> Iterator[RowSource]:
    """Provide the rows as a file for as long as the push runs.

    Raises:
        ConfigurationError: a file that is neither CSV nor NDJSON by its name, or cannot be read.
    """
    if isinstance(rows, str | os.PathLike):
        path = Path(rows)
        with _opened(path) as file:
            yield _hashed(file, is_csv=path.suffix.lower() in _CSV)
    else:
        make_private_folder(journal_folder)
        with TemporaryFile(dir=journal_folder) as file:
            for row in rows:
                file.write(msgspec.json.encode(row) + b"\n")
            yield _hashed(file, is_csv=False)


def _opened(path: Path) -> IO[bytes]:
    if path.suffix.lower() not in _CSV | _NDJSON:
        raise ConfigurationError(f"source: {path.name} must end in .csv, .ndjson or .jsonl")
    try:
        return path.open("rb")
    except OSError as error:
        raise ConfigurationError(f"source: {path.name} cannot be read ({error.strerror})") from error


def _hashed(file: IO[bytes], *, is_csv: bool) -> RowSource:
    file.seek(0)
    digest = sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return RowSource(file, is_csv, digest.hexdigest())
