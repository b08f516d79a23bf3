"""A push takes a spreadsheet and a query through a mapping as it takes a CSV."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy

from giayto_sdk import Issuer, RowOutcome, WalletClient
from giayto_sdk.config import load_agency_config
from giayto_sdk.errors import SourceError
from giayto_wallet_api.sandbox.agencies import agency
from giayto_wallet_api.sandbox.preparation import PreparedSandbox

TYPE = "criminal-record-1"
Row = dict[str, str]
MAPPING = """
[claims.personal_number]
column = "Số căn cước"

[claims.full_name]
column = "Họ và tên"
"""


@pytest.fixture
def issuer(sandbox: PreparedSandbox, tmp_path: Path) -> Iterator[Issuer]:
    config = load_agency_config(sandbox.folder.agency_config("G01"))
    with Issuer(replace(config, journal_folder=tmp_path / "journal")) as issuer:
        yield issuer


@pytest.fixture
def rows(sandbox: PreparedSandbox, wallet: WalletClient) -> list[Row]:
    """A good row and one whose number is cut off, with columns named as the agency names them."""
    number = sandbox.citizens[0].personal_number
    export = sandbox.records_file(agency("G01")).read_text("utf-8-sig")
    row = next(each for each in csv.DictReader(io.StringIO(export)) if each["SO_CCCD"] == number)
    row["Số căn cước"], row["Họ và tên"] = row.pop("SO_CCCD"), row.pop("HO_TEN")
    return [row, {**row, "Số căn cước": number[:-1]}]


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING, "utf-8")
    return path


def numbered(rows: list[Row], name: str) -> list[Row]:
    return [{**row, "SO_PHIEU": f"{number:06}/2026/{name}"} for number, row in enumerate(rows, 1)]


def test_a_spreadsheet(issuer: Issuer, rows: list[Row], mapping: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(list(numbered(rows, "XLSX")[0]))
    for row in numbered(rows, "XLSX"):
        sheet.append(list(row.values()))
    sheet["A3"].number_format = "@"
    path = tmp_path / "records.xlsx"
    book.save(path)
    report = issuer.push(TYPE, path, mapping=mapping)
    assert report.counts == {RowOutcome.STORED: 1, RowOutcome.REFUSED: 1}
    (refused,) = [result for result in report if result.outcome is RowOutcome.REFUSED]
    assert refused.row == 3
    assert refused.problem is not None
    assert [each.column for each in refused.problem.columns] == ["Số căn cước"]
    assert report.refused_file is not None
    assert report.refused_file.suffix == ".csv"
    assert report.refused_file.read_text("utf-8-sig").count("\n") == 2
    again = issuer.push(TYPE, path, mapping=mapping)
    assert again.counts == {RowOutcome.UNCHANGED: 1, RowOutcome.REFUSED: 1}


def test_rows_to_correct_have_the_columns_of_the_export_and_go_through_the_same_mapping(
    issuer: Issuer, rows: list[Row], mapping: Path, tmp_path: Path
) -> None:
    # The form of the export is not that of the file to correct, which is UTF-8 with commas.
    mapping.write_text('[source]\nencoding = "utf-16"\ndelimiter = ";"\n' + MAPPING, "utf-8")
    path = tmp_path / "records.csv"
    with path.open("w", encoding="utf-16", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(numbered(rows, "AGAIN"))
    first = issuer.push(TYPE, path, mapping=mapping)
    assert first.counts == {RowOutcome.STORED: 1, RowOutcome.REFUSED: 1}
    assert first.refused_file is not None
    with first.refused_file.open(encoding="utf-8-sig", newline="") as file:
        (found,) = csv.DictReader(file)
    assert found["giayto_columns"] == "Số căn cước"
    corrected = {**found, "Số căn cước": rows[0]["Số căn cước"]}
    for suffix in ("csv", "xlsx"):
        (tmp_path / f"corrected.{suffix}").write_bytes(as_file(corrected, suffix))
        second = issuer.push(TYPE, tmp_path / f"corrected.{suffix}", mapping=mapping)
        assert (second.job_id, second.counts) == (first.job_id, {RowOutcome.STORED: 2})


def as_file(row: Row, suffix: str) -> bytes:
    if suffix == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, row)
        writer.writeheader()
        writer.writerow(row)
        return text.getvalue().encode("utf-8-sig")
    book, content = openpyxl.Workbook(), io.BytesIO()
    sheet: Any = book.active
    sheet.append(list(row))
    # A spreadsheet takes the number of the row for one.
    sheet.append([int(value) if name == "giayto_row" else value for name, value in row.items()])
    book.save(content)
    return content.getvalue()


def test_a_query(issuer: Issuer, rows: list[Row], mapping: Path, tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'agency.db'}")
    named = numbered(rows, "SQL")
    with engine.begin() as connection:
        columns = ", ".join(f'"{name}"' for name in named[0])
        connection.exec_driver_sql(f"CREATE TABLE records ({columns})")
        for row in named:
            marks = ", ".join("?" * len(row))
            connection.exec_driver_sql(f"INSERT INTO records VALUES ({marks})", tuple(row.values()))
    engine.dispose()
    (tmp_path / "agency.url").write_text(f"sqlite:///{tmp_path / 'agency.db'}")
    described = tmp_path / "records.toml"
    described.write_text('url_file = "agency.url"\nquery = "SELECT * FROM records ORDER BY SO_PHIEU"\n')
    report = issuer.push(TYPE, described, mapping=mapping)
    assert report.counts == {RowOutcome.STORED: 1, RowOutcome.REFUSED: 1}
    assert {result.row for result in report} == {1, 2}


def test_a_mapping_that_does_not_fit_is_refused_before_anything_is_sent(
    issuer: Issuer, mapping: Path, tmp_path: Path
) -> None:
    path = tmp_path / "other.csv"
    path.write_text("A,B\n1,2\n")
    with pytest.raises(SourceError, match="no column Số căn cước"):
        issuer.push(TYPE, path, mapping=mapping)
