"""Rows from files and from programs; the same rows are the same job."""

from hashlib import sha256
from pathlib import Path

import pytest

from giayto_issuers import load_builtin_types
from giayto_issuers.errors import HeaderError, SourceError
from giayto_issuers.records.readers import SourceRow
from giayto_sdk._issuing.sources import open_source
from giayto_sdk.errors import ConfigurationError
from sample_records import health_book

HEALTH_BOOK = load_builtin_types()["health-book"]


def test_a_csv_file_is_read_as_often_as_wanted(tmp_path: Path) -> None:
    file = tmp_path / "records.CSV"
    file.write_text("A,B\n1,2\n3,4\n")
    with open_source(str(file), tmp_path / "journal") as source:
        for _ in range(2):
            assert [row.number for row in source.rows()] == [2, 3]
        assert source.sha256 == sha256(file.read_bytes()).hexdigest()
    assert not (tmp_path / "journal").exists()


@pytest.mark.parametrize("suffix", [".ndjson", ".jsonl"])
def test_an_ndjson_file_is_read(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"records{suffix}"
    file.write_text('{"A": "1"}\n{"A": [1, {"B": "Đỗ"}]}\n')
    with open_source(file, tmp_path) as source:
        rows = list(source.rows())
    assert all(isinstance(row, SourceRow) for row in rows)
    assert rows[1].values == {"A": [1, {"B": "Đỗ"}]}  # type: ignore[union-attr]


def test_rows_of_a_program_are_the_same_job_again_and_leave_no_file(tmp_path: Path) -> None:
    rows = [{"A": "1", "B": "Đỗ"}, {"A": "2", "B": None}]
    digests = set()
    for given in (rows, iter(rows), (row for row in rows)):
        with open_source(given, tmp_path / "journal") as source:
            assert [row.values for row in source.rows()] == rows  # type: ignore[union-attr]
            assert list((tmp_path / "journal").iterdir()) == []
            digests.add(source.sha256)
    with open_source(rows[:1], tmp_path / "journal") as source:
        digests.add(source.sha256)
    assert len(digests) == 2


@pytest.mark.parametrize("name", ["records.ods", "records", "records.csv.gpg"])
def test_another_kind_of_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("A\n1\n")
    with pytest.raises(ConfigurationError, match=r"\.csv"), open_source(tmp_path / name, tmp_path):
        pytest.fail("it must not be opened")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.csv"), open_source(tmp_path / "absent.csv", tmp_path):
        pytest.fail("it must not be opened")


def test_a_file_that_cannot_be_read_on_is_an_error_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(SourceError), open_source(tmp_path / "empty.csv", tmp_path):
        pytest.fail("there is no header")
    (tmp_path / "torn.csv").write_text('A\n1\n"2\n')
    with open_source(tmp_path / "torn.csv", tmp_path) as source, pytest.raises(SourceError):
        list(source.rows())


def test_the_header_of_a_csv_is_checked_without_reading_a_row(tmp_path: Path) -> None:
    file = tmp_path / "records.csv"
    file.write_bytes(",".join(health_book()).encode() + b'\n"torn\n')
    with open_source(file, tmp_path) as source:
        source.check_header(HEALTH_BOOK)
    file.write_bytes(b'A,B\n"torn\n')
    with open_source(file, tmp_path) as source, pytest.raises(HeaderError) as caught:
        source.check_header(HEALTH_BOOK)
    assert caught.value.unknown == ("A", "B")


def test_rows_are_read_from_the_beginning_after_the_header_was_checked(tmp_path: Path) -> None:
    file = tmp_path / "records.csv"
    file.write_text(",".join(health_book()) + "\n" + "x," * (len(health_book()) - 1) + "x\n")
    with open_source(file, tmp_path) as source:
        source.check_header(HEALTH_BOOK)
        assert [row.number for row in source.rows()] == [2]


def test_ndjson_has_no_header(tmp_path: Path) -> None:
    with open_source([{"A": 1}], tmp_path) as source:
        source.check_header(HEALTH_BOOK)
        assert [row.number for row in source.rows()] == [1]
