"""A query against a real PostgreSQL as a source of records."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from giayto_issuers.errors import SourceError
from giayto_issuers.records.readers import SourceRow
from giayto_issuers.sources import open_source
from giayto_issuers.values.unfit import CellNumber, UnfitValue
from test_databases import PostgresqlServer, postgresql_server

TABLE = """
CREATE TABLE records (
    id serial PRIMARY KEY, name text, born date, seen timestamptz, weight numeric(6, 2), count bigint, photo bytea,
    visits jsonb, allergies text[], insured boolean, key uuid
)
"""
ROW = """
INSERT INTO records (name, born, seen, weight, count, photo, visits, allergies, insured, key) VALUES (
    'Nguyễn Thị Ánh', '1990-12-25', '2026-10-08T14:30:00+07:00', 58.50, 12, 'x', '[{"MA_CSKCB": "01901"}]',
    '{Tôm,Penicillin}', true, '0192a8f0-0000-7000-8000-000000000001'
)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    with postgresql_server() as running:
        yield running


@pytest.fixture
def url(server: PostgresqlServer) -> Iterator[str]:
    with server.database(migrated=False) as asynchronous:
        url = asynchronous.replace("+asyncpg", "+psycopg")
        run(url, TABLE, ROW)
        yield url


def run(url: str, *statements: str) -> list[Any]:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        results = [connection.exec_driver_sql(statement) for statement in statements]
        rows = [tuple(row) for result in results if result.returns_rows for row in result]
    engine.dispose()
    return rows


def query(folder: Path, url: str, text: str) -> Path:
    (folder / "records.url").write_text(url)
    (folder / "records.sql").write_text(text, "utf-8")
    path = folder / "records.toml"
    path.write_text('url_file = "records.url"\nquery_file = "records.sql"\n')
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    with open_source(path) as source:
        return [dict(row.values) for row in source.rows() if isinstance(row, SourceRow)]


def test_every_kind_of_column_is_read(url: str, tmp_path: Path) -> None:
    (row,) = rows_of(query(tmp_path, url, "SELECT * FROM records"))
    photo, seen, count = row.pop("photo"), row.pop("seen"), row.pop("count")
    assert isinstance(photo, UnfitValue)
    assert seen.startswith("2026-10-08 ")
    assert (type(count), count) == (CellNumber, 12)
    assert row == {
        "id": 1,
        "name": "Nguyễn Thị Ánh",
        "born": "1990-12-25",
        "weight": "58.50",
        "visits": [{"MA_CSKCB": "01901"}],
        "allergies": ["Tôm", "Penicillin"],
        "insured": True,
        "key": "0192a8f0-0000-7000-8000-000000000001",
    }


def test_a_per_cent_sign_and_a_colon_are_the_querys_own(url: str, tmp_path: Path) -> None:
    found = rows_of(
        query(tmp_path, url, "SELECT name, id::text AS id FROM records WHERE name LIKE 'Ng%' AND id % 2 = 1")
    )
    assert found == [{"name": "Nguyễn Thị Ánh", "id": "1"}]


def test_many_rows_are_read_in_portions_and_again(url: str, tmp_path: Path) -> None:
    path = query(tmp_path, url, "SELECT number FROM generate_series(1, 2500) AS number ORDER BY number")
    with open_source(path) as source:
        for _ in range(2):
            assert [row.number for row in source.rows()] == list(range(1, 2501))


@pytest.mark.parametrize(
    "text",
    [
        "WITH added AS (INSERT INTO records (name) VALUES ('x') RETURNING *) SELECT * FROM added",
        "SELECT nextval('records_id_seq')",
        "SELECT 1; DELETE FROM records",
    ],
)
def test_a_query_changes_nothing(url: str, tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="the query failed"):
        rows_of(query(tmp_path, url, text))
    assert run(url, "SELECT count(*), max(id) FROM records") == [(1, 1)]


def test_a_database_that_cannot_be_reached_is_told_without_the_password(url: str, tmp_path: Path) -> None:
    away = "postgresql+psycopg://clerk:s3cret@/records?host=/nowhere"
    with pytest.raises(SourceError, match="cannot be reached") as refusal:
        rows_of(query(tmp_path, away, "SELECT 1"))
    assert "s3cret" not in str(refusal.value)
