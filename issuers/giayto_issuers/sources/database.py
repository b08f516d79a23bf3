"""The rows of an SQL query as a source. This is the only module of the issuing side that imports SQLAlchemy.

A small TOML file says where: the URL of the database, which may hold a password, comes from a file or an environment
variable and never from the command line.

    url_file = "records.url"          # or: url_env = "RECORDS_URL"
    query_file = "records.sql"        # or: query = "SELECT … ORDER BY …"
"""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from re import IGNORECASE
from re import compile as compile_pattern
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Connection, CursorResult, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from giayto_crypto.localised import Localised
from giayto_issuers.errors import SourceError
from giayto_issuers.records.readers import SourceRow
from giayto_issuers.sources.record_source import Row, checked_columns
from giayto_issuers.values.unfit import CellNumber, UnfitValue

_ROWS_AT_ONCE: Final = 500
_MAX_FILE_BYTES: Final = 64 * 1024
_READING: Final = compile_pattern(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:SELECT|WITH|VALUES)\b", IGNORECASE)
_FOR_POSTGRESQL: Final = (
    'for PostgreSQL: pip install "psycopg[binary]", and a URL such as postgresql+psycopg://user@host/database'
)
_NO_BYTES: Final = Localised(vi="văn bản, số hoặc ngày", en="text, a number or a day")


class DatabaseQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the rows come from; paths are relative to the file that says so."""

    url_file: str | None = None
    url_env: str | None = None
    query_file: str | None = None
    query: str | None = None


class DatabaseRows:
    """The rows of a query, numbered from 1 in the order in which the database gives them."""

    def __init__(self, connection: Connection, query: str) -> None:
        self._connection = connection
        self._query = query
        with self._run() as result:
            self._columns = checked_columns(list(result.keys()))

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names."""
        return self._columns

    @property
    def progress(self) -> None:
        """A database does not say how many rows will come."""
        return

    def rows(self) -> Iterator[Row]:
        """Read the rows, a few hundred at a time: they stay on the server until they are asked for."""
        with self._run() as result:
            for number, row in enumerate(result, 1):
                yield SourceRow(number, dict(zip(self._columns, map(_value, row), strict=True)))

    @contextmanager
    def _run(self) -> Iterator[CursorResult[Any]]:
        try:
            with self._connection.exec_driver_sql(self._query) as result:
                yield result
        except SQLAlchemyError as error:
            # The message of a driver may quote the URL or the data.
            raise SourceError(f"SQL: the query failed ({_kind(error)})") from error


@contextmanager
def open_query(location: Path, environment: Mapping[str, str]) -> Iterator[DatabaseRows]:
    """Provide the rows of a query.

    Args:
        location: the TOML file.
        environment: environment variables.

    Raises:
        SourceError: the file is wrong, the database cannot be reached, or it refuses the query.
    """
    described = _read_description(location)
    query, url = _query(described, location), _url(described, location, environment)
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            # Whatever the query does, nothing is committed.
            yield DatabaseRows(_streaming(connection), query)
    except SQLAlchemyError as error:
        raise SourceError(f"SQL: the database cannot be reached ({_kind(error)})") from error
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise SourceError(f"SQL: the driver {error.name} is not installed; {_FOR_POSTGRESQL}") from error
    except SQLAlchemyError as error:
        raise SourceError(f"SQL: the URL cannot be used ({_kind(error)}); {_FOR_POSTGRESQL}") from error
    if engine.dialect.is_async:
        driver = engine.dialect.driver
        raise SourceError(f"SQL: the driver {driver} is for asynchronous programs only; {_FOR_POSTGRESQL}")
    return engine


def _streaming(connection: Connection) -> Connection:
    # Given parameters, if only none, a driver takes the per cent sign of LIKE 'Ng%' for a place of one.
    return connection.execution_options(
        stream_results=True, yield_per=_ROWS_AT_ONCE, postgresql_readonly=True, no_parameters=True
    )


def _read_description(location: Path) -> DatabaseQuery:
    try:
        return msgspec.convert(tomllib.loads(_read(location)), DatabaseQuery)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SourceError(f"SQL: {location.name}: {error}") from error


def _query(described: DatabaseQuery, location: Path) -> str:
    if (described.query is None) == (described.query_file is None):
        raise SourceError(f"SQL: {location.name}: exactly one of query and query_file is needed")
    query = described.query if described.query is not None else _read(location.parent / str(described.query_file))
    if not _READING.match(query):
        raise SourceError("SQL: a query that begins with SELECT or WITH is expected")
    return query.strip().removesuffix(";")


def _url(described: DatabaseQuery, location: Path, environment: Mapping[str, str]) -> str:
    if (described.url_env is None) == (described.url_file is None):
        raise SourceError(f"SQL: {location.name}: exactly one of url_env and url_file is needed")
    if described.url_file is not None:
        return _read(location.parent / described.url_file).strip()
    url = environment.get(str(described.url_env), "").strip()
    if not url:
        raise SourceError(f"SQL: the environment variable {described.url_env} is not set")
    return url


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_FILE_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"SQL: {path.name} cannot be read ({type(error).__name__})") from error


def _value(value: Any) -> Any:
    match value:
        case bool() | str() | float() | None:
            return value
        case int():
            return CellNumber(value)
        case Decimal():
            return CellNumber(int(value)) if value == value.to_integral_value() else str(value)
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case list() | dict():
            return value
        case _:
            return UnfitValue(value, _NO_BYTES)


def _kind(error: BaseException) -> str:
    original = getattr(error, "orig", None)
    return type(original or error).__name__
