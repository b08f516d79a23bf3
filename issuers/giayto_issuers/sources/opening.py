"""Opening a source: which kind it is, in which encoding, and through which mapping it is read."""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

from giayto_issuers.encodings.detection import Encoding, detect_encoding
from giayto_issuers.errors import EncodingError, MissingLibraryError, SourceError
from giayto_issuers.mapping.column_mapping import ColumnMapping
from giayto_issuers.mapping.model import SourceSettings
from giayto_issuers.sources.mapped import mapped
from giayto_issuers.sources.record_source import RecordSource
from giayto_issuers.sources.text_files import CsvFile, NdjsonFile


class SourceKind(StrEnum):
    """What kind of source it is; the value says so to people."""

    CSV = "CSV"
    NDJSON = "NDJSON"
    XLSX = "XLSX"
    SQL = "SQL"


_KINDS: Final[Mapping[str, SourceKind]] = {
    ".csv": SourceKind.CSV,
    ".tsv": SourceKind.CSV,
    ".ndjson": SourceKind.NDJSON,
    ".jsonl": SourceKind.NDJSON,
    ".xlsx": SourceKind.XLSX,
    ".xlsm": SourceKind.XLSX,
    ".toml": SourceKind.SQL,
}


def kind_of(location: Path) -> SourceKind:
    """Tell the kind of a source by the end of its name.

    Raises:
        SourceError: it is none that is read.
    """
    kind = _KINDS.get(location.suffix.lower())
    if kind is None:
        raise SourceError(f"source: {location.name} must end in .csv, .ndjson, .jsonl or .xlsx, or in .toml for SQL")
    return kind


@contextmanager
def open_source(
    location: str | Path,
    *,
    mapping: ColumnMapping | None = None,
    encoding: Encoding | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[RecordSource]:
    """Provide a source of records; memory does not grow with it.

    Args:
        location: a CSV, NDJSON or XLSX file, or a TOML file that names a database and a query.
        mapping: renames and translates the columns.
        encoding: of a CSV, and `tcvn3` for an XLSX in such a font; goes before the mapping's, and is told by evidence
            when neither says it.
        environment: where a database's URL may stand.

    Raises:
        EncodingError: the encoding cannot be told.
        MappingError: the mapping names columns that the source does not have.
        MissingLibraryError: the library for this kind is not installed.
        SourceError: it cannot be read.
    """
    path = Path(location)
    kind = kind_of(path)
    if kind is SourceKind.SQL:
        with _database(path, environment) as rows:
            yield mapped(rows, mapping)
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise SourceError(f"source: {path.name} cannot be read ({error.strerror})") from error
    with stream, open_stream(stream, kind, mapping=mapping, encoding=encoding) as source:
        yield source


@contextmanager
def open_stream(
    stream: IO[bytes], kind: SourceKind, *, mapping: ColumnMapping | None = None, encoding: Encoding | None = None
) -> Iterator[RecordSource]:
    """Provide an open file as a source; it stays open.

    Args:
        stream: seekable.
        kind: any but SQL.
        mapping, encoding: as in `open_source`.
    """
    settings = mapping.source if mapping is not None else SourceSettings()
    named = encoding or (Encoding(settings.encoding) if settings.encoding else None)
    with _opened(stream, kind, named, settings) as source:
        yield mapped(source, mapping)


def _opened(
    stream: IO[bytes], kind: SourceKind, encoding: Encoding | None, settings: SourceSettings
) -> AbstractContextManager[RecordSource]:
    match kind:
        case SourceKind.CSV:
            return nullcontext(CsvFile(stream, encoding or detect_encoding(stream), settings.delimiter))
        case SourceKind.NDJSON:
            _only(encoding, Encoding.UTF_8, "NDJSON")
            return nullcontext(NdjsonFile(stream))
        case SourceKind.XLSX:
            _only(encoding, Encoding.TCVN3, "XLSX")
            module = _extra("giayto_issuers.sources.spreadsheet", "openpyxl", "xlsx")
            opened: AbstractContextManager[RecordSource] = module.open_spreadsheet(
                stream, encoding=encoding, sheet=settings.sheet, header_row=settings.header_row
            )
            return opened
        case SourceKind.SQL:
            raise SourceError("source: a database is no file")


def _database(location: Path, environment: Mapping[str, str]) -> AbstractContextManager[RecordSource]:
    module = _extra("giayto_issuers.sources.database", "sqlalchemy", "sql")
    opened: AbstractContextManager[RecordSource] = module.open_query(location, environment)
    return opened


def _extra(module: str, library: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != library:
            raise
        raise MissingLibraryError(library, extra=extra) from error


def _only(encoding: Encoding | None, allowed: Encoding, kind: str) -> None:
    if encoding not in (None, allowed):
        raise EncodingError(f"encoding: {kind} is never {encoding}; leave the encoding out")
