"""Where the rows of a push come from: a file of the agency's system, a query, or rows that a program hands over.

Either way a push reads a file whose SHA-256 names the job, so that the same rows pushed again after a crash find their
journal. Rows from a query or a program are therefore written to a file first: one without a name, of which a crash
leaves nothing.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import msgspec

from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.encodings.detection import Encoding
from giayto_issuers.errors import SourceError
from giayto_issuers.mapping.column_mapping import ColumnMapping
from giayto_issuers.mapping.model import SourceSettings
from giayto_issuers.records.header import check_header
from giayto_issuers.records.readers import BrokenRow, SourceRow
from giayto_issuers.sources import RecordSource, SourceKind, kind_of, open_stream
from giayto_issuers.sources import open_source as open_record_source
from giayto_issuers.sources.mapped import MappedSource, mapped
from giayto_issuers.sources.spooled import SpooledRows, encode_row
from giayto_sdk._files import make_private_folder
from giayto_sdk.errors import ConfigurationError

Rows = str | os.PathLike[str] | Iterable[Mapping[str, object]]
"""Path of a source (see `giayto_issuers.sources`), or the rows themselves: column name to value."""
JOB_COLUMN: Final = "giayto_job"
"""Of rows to correct (`giayto_sdk._issuing.corrections`): the key of their job."""
_CHUNK_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RowSource:
    """A file of rows, open for as long as the push runs: what was hashed is what is read."""

    file: IO[bytes]
    is_csv: bool
    """Whether all rows have the same columns, so that they can be written as CSV."""
    sha256: str
    """Hexadecimal; it covers the mapping and the encoding too."""
    source: RecordSource
    """Through the mapping, where there is one."""

    @property
    def as_written(self) -> RecordSource:
        """The source with the columns that the agency gave it."""
        return self.source.unmapped if isinstance(self.source, MappedSource) else self.source

    def check_header(self, document_type: DocumentType) -> None:
        """Check the column names once for the source. Those of NDJSON are checked row by row: each has its own.

        Raises:
            HeaderError: they are not those of the type.
        """
        if self.source.columns is not None:
            check_header(document_type, self.source.columns)

    def rows(self) -> Iterator[SourceRow | BrokenRow]:
        """Read the rows, numbered in rising order; SourceError when the file cannot be read on."""
        return self.source.rows()


@contextmanager
def open_source(
    rows: Rows, journal_folder: Path, *, mapping: ColumnMapping | None = None, encoding: Encoding | None = None
) -> Iterator[RowSource]:
    """Provide the rows as a file for as long as the push runs.

    Args:
        rows: a path, or the rows.
        journal_folder: where rows of a query or a program are written for as long.
        mapping: renames and translates the columns of a path.
        encoding: of a text file; told by evidence when not given.

    Raises:
        ConfigurationError: a file that is no source by its name, or cannot be read.
        SourceError: the source cannot be read, or the mapping does not fit it.
    """
    if not isinstance(rows, str | os.PathLike):
        lines = map(msgspec.json.encode, rows)
        with _spool(journal_folder, lines) as file, open_stream(file, SourceKind.NDJSON) as source:
            yield RowSource(file, is_csv=False, sha256=_digest(file), source=source)
        return
    path = Path(rows)
    kind = _kind(path)
    if kind is SourceKind.SQL:
        with _query(path, journal_folder, mapping) as opened:
            yield opened
        return
    with _opened(path) as file:
        if mapping is not None and _has_rows_to_correct(file, kind):
            # We wrote it: its columns are those of the export, but its form is ours.
            mapping, encoding = replace(mapping, source=SourceSettings()), None
        with open_stream(file, kind, mapping=mapping, encoding=encoding) as source:
            digest = _digest(file, mapping, encoding)
            yield RowSource(file, is_csv=kind is not SourceKind.NDJSON, sha256=digest, source=source)


@contextmanager
def _query(path: Path, journal_folder: Path, mapping: ColumnMapping | None) -> Iterator[RowSource]:
    with (
        open_record_source(path) as queried,
        _spool(journal_folder, (encode_row(row) for row in queried.rows() if isinstance(row, SourceRow))) as file,
    ):
        source = mapped(SpooledRows(file, queried.columns or ()), mapping)
        yield RowSource(file, is_csv=True, sha256=_digest(file, mapping), source=source)


def _has_rows_to_correct(file: IO[bytes], kind: SourceKind) -> bool:
    try:
        with open_stream(file, kind, encoding=Encoding.UTF_8 if kind is SourceKind.CSV else None) as source:
            first = next(source.rows(), None)
    except SourceError:
        return False
    finally:
        file.seek(0)
    return isinstance(first, SourceRow) and JOB_COLUMN in first.values


@contextmanager
def _spool(folder: Path, lines: Iterable[bytes]) -> Iterator[IO[bytes]]:
    make_private_folder(folder)
    with TemporaryFile(dir=folder) as file:
        for line in lines:
            file.write(line + b"\n")
        file.flush()
        yield file


def _kind(path: Path) -> SourceKind:
    try:
        return kind_of(path)
    except SourceError as error:
        raise ConfigurationError(error.detail) from error


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise ConfigurationError(f"source: {path.name} cannot be read ({error.strerror})") from error


def _digest(file: IO[bytes], mapping: ColumnMapping | None = None, encoding: Encoding | None = None) -> str:
    file.seek(0)
    digest = sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    if mapping is None and encoding is None:
        return digest.hexdigest()
    # The same file read in another way is another job.
    how = f"{digest.hexdigest()} {mapping.sha256 if mapping else '-'} {encoding or '-'}"
    return sha256(how.encode("ascii")).hexdigest()
