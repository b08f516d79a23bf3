"""Sources of records: spreadsheets as clerks make them, queries, and what is said when one cannot be read."""

import gc
import sys
import tracemalloc
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
import sqlalchemy

from giayto_issuers.encodings import tcvn3
from giayto_issuers.encodings.detection import Encoding
from giayto_issuers.errors import EncodingError, MissingLibraryError, SourceError
from giayto_issuers.records.readers import BrokenRow, SourceRow
from giayto_issuers.sources import SourceKind, open_source, open_stream, workbook
from giayto_issuers.sources.spooled import SpooledRows, encode_row
from giayto_issuers.values.unfit import CellNumber, UnfitValue

MOMENT = datetime(2024, 3, 5, 14, 30)  # noqa: DTZ001 - a cell has no time zone
NAMES = "Nguyễn Thị Ánh,Trần Văn Bình,Lê Hoàng Phượng,Phạm Ngọc Quỳnh,Võ Thị Sáu,Đặng Hữu Đức".lower().split(",")


def rows_of(path: Path, **options: Any) -> list[SourceRow | BrokenRow]:
    with open_source(path, **options) as source:
        return list(source.rows())


def values_of(path: Path, **options: Any) -> list[dict[str, Any]]:
    rows = rows_of(path, **options)
    assert all(isinstance(row, SourceRow) for row in rows), rows
    return [dict(row.values) for row in rows if isinstance(row, SourceRow)]


@pytest.fixture
def book(tmp_path: Path) -> tuple[Any, Path]:
    made = openpyxl.Workbook()
    return made.active, tmp_path / "records.xlsx"


# ------------------------------------------------------------------------------------------------ spreadsheets


def test_cells_mean_what_a_clerk_sees(book: tuple[Any, Path]) -> None:
    sheet, path = book
    sheet.append(["Số", "Ngày", "Lúc", "Cân nặng", "Có", "Chữ", "Mã", "Trống", "Giờ"])
    sheet.append([12, date(2024, 3, 5), MOMENT, 58.5, True, "Hà  Nội", 7, None, 0.5])
    sheet["G2"].number_format = "00000"
    sheet["I2"].number_format = "hh:mm"
    sheet.parent.save(path)
    (values,) = values_of(path)
    assert values == {
        "Số": 12, "Ngày": "2024-03-05", "Lúc": "2024-03-05 14:30:00", "Cân nặng": 58.5, "Có": True,
        "Chữ": "Hà  Nội", "Mã": "00007", "Trống": None, "Giờ": "12:00:00",
    }  # fmt: skip
    assert type(values["Số"]) is CellNumber


def test_what_excel_cannot_hold_is_refused_in_its_place(book: tuple[Any, Path]) -> None:
    sheet, path = book
    sheet.append(["A", "B", "C"])
    sheet.append(["#N/A", 1234567890123456, -5])
    sheet["C2"].number_format = "yyyy-mm-dd"
    sheet.parent.save(path)
    (values,) = values_of(path)
    assert all(isinstance(value, UnfitValue) for value in values.values())
    assert "15" in values["B"].expected.en


def test_row_numbers_are_those_of_the_sheet_and_empty_rows_are_passed_over(book: tuple[Any, Path]) -> None:
    sheet, path = book
    sheet["B3"], sheet["C3"] = "Họ  tên", "Số"
    sheet["B4"], sheet["C7"] = "An", "1"
    sheet.parent.save(path)
    with open_source(path) as source:
        assert source.columns == ("Họ tên", "Số")
        rows = list(source.rows())
        assert source.progress == 1.0
    assert [row.number for row in rows] == [4, 7]


def test_a_value_under_no_name_refuses_its_row_alone(book: tuple[Any, Path]) -> None:
    sheet, path = book
    for cells in (["A", None, "C"], [1, None, 3], [1, 2, 3], [1, None, 3, 4]):
        sheet.append(cells)
    sheet.parent.save(path)
    good, bad, beyond = rows_of(path)
    assert isinstance(good, SourceRow)
    assert isinstance(bad, BrokenRow)
    assert isinstance(beyond, BrokenRow)
    assert "column B" in bad.error.detail
    assert "column D" in beyond.error.detail


def test_the_first_visible_sheet_is_read(book: tuple[Any, Path]) -> None:
    sheet, path = book
    sheet.append(["A"])
    sheet.sheet_state = "hidden"
    other = sheet.parent.create_sheet("Danh sách")
    other.append(["B"])
    sheet.parent.save(path)
    with open_source(path) as source:
        assert source.columns == ("B",)


@pytest.mark.parametrize(
    ("header", "reason"),
    [(["A", "B", "A"], "names column 3 as column 1"), ([], "no header"), ([" "], "names no column")],
)
def test_a_header_must_name_its_columns_once(book: tuple[Any, Path], header: list[str], reason: str) -> None:
    sheet, path = book
    sheet.append(header)
    sheet.parent.save(path)
    with pytest.raises(SourceError, match=reason), open_source(path):
        pytest.fail("there is no header")


def test_shared_strings_and_runs_are_read(tmp_path: Path) -> None:
    """openpyxl writes its strings into the cells; Excel writes them into a table, in runs where they are formatted."""
    path = tmp_path / "records.xlsx"
    write_workbook(path, ["<si><t>A</t></si>", "<si><r><t>Nguyễn </t></r><r><t>An</t></r><rPh><t>x</t></rPh></si>"], 1)
    assert values_of(path) == [{"A": "Nguyễn An"}]


@pytest.mark.parametrize("content", [b"", b"A,B\n1,2\n", b"PK\x03\x04 torn"])
def test_what_is_no_xlsx_is_refused(content: bytes) -> None:
    with pytest.raises(SourceError, match="XLSX"), open_stream(BytesIO(content), SourceKind.XLSX):
        pytest.fail("it is none")


def test_a_string_that_is_not_in_the_table_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "records.xlsx"
    write_workbook(path, ["<si><t>A</t></si>"], 1)
    with pytest.raises(SourceError, match="row 2: the file is damaged"):
        rows_of(path)


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "records.xlsx"
    write_workbook(path, ["<si><t>A</t></si>", f"<si><t>{'x' * 3_000_000}</t></si>"], 1)
    monkeypatch.setattr(workbook, "MAX_ROW_BYTES", 1_000_000)
    with pytest.raises(SourceError, match="over 1000000 bytes"):
        rows_of(path)


def test_a_sheet_in_a_tcvn3_font_is_noticed_and_read(book: tuple[Any, Path]) -> None:
    sheet, path = book
    sheet.append(["HO_TEN"])
    for name in NAMES:
        sheet.append([tcvn3.encode(name).decode("latin-1")])
    sheet.parent.save(path)
    with pytest.raises(EncodingError, match="pass the encoding tcvn3"), open_source(path):
        pytest.fail("it must be said")
    assert [values["HO_TEN"] for values in values_of(path, encoding=Encoding.TCVN3)] == NAMES
    with pytest.raises(EncodingError, match="XLSX is never utf-16"), open_source(path, encoding=Encoding.UTF_16):
        pytest.fail("it has no such encoding")


def test_memory_does_not_grow_with_a_sheet(tmp_path: Path) -> None:
    peaks = []
    for rows in (4_500, 11_000):
        path = tmp_path / f"{rows}.xlsx"
        write_workbook(path, ["<si><t>A</t></si>", *(f"<si><t>Nguyễn Văn {row}</t></si>" for row in range(rows))], rows)
        gc.collect()  # when garbage is collected is none of the sheet's business
        tracemalloc.start()
        with open_source(path) as source:
            assert sum(1 for _ in source.rows()) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000, peaks


# ------------------------------------------------------------------------------------------------ queries


@pytest.fixture
def database(tmp_path: Path) -> Path:
    url = f"sqlite:///{tmp_path / 'agency.db'}"
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE records (name TEXT, number INTEGER, born TEXT, photo BLOB)")
        for number, name in enumerate(NAMES):
            values = (name, number, "1990-01-02", b"x")
            connection.exec_driver_sql("INSERT INTO records VALUES (?, ?, ?, ?)", values)
    engine.dispose()
    (tmp_path / "agency.url").write_text(f"{url}\n")
    (tmp_path / "records.sql").write_text(
        "-- hồ sơ\nSELECT name, number, born FROM records ORDER BY number;\n", "utf-8"
    )
    described = tmp_path / "records.toml"
    described.write_text('url_file = "agency.url"\nquery_file = "records.sql"\n')
    return described


def test_the_rows_of_a_query_are_read(database: Path) -> None:
    with open_source(database) as source:
        assert source.columns == ("name", "number", "born")
        assert source.progress is None
        rows = list(source.rows())
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    assert isinstance(rows[1], SourceRow)
    assert rows[1].values == {"name": NAMES[1], "number": 1, "born": "1990-01-02"}
    assert type(rows[1].values["number"]) is CellNumber


def test_the_url_may_stand_in_the_environment(database: Path) -> None:
    url = (database.parent / "agency.url").read_text()
    database.write_text('url_env = "RECORDS_URL"\nquery = "SELECT photo FROM records"\n')
    with open_source(database, environment={"RECORDS_URL": url}) as source:
        row = next(source.rows())
    assert isinstance(row, SourceRow)
    assert isinstance(row.values["photo"], UnfitValue)
    with pytest.raises(SourceError, match="RECORDS_URL is not set"), open_source(database, environment={}):
        pytest.fail("there is no URL")


def test_a_spooled_query_gives_the_same_rows_again(database: Path) -> None:
    database.write_text('url_file = "agency.url"\nquery = "SELECT name, number, photo FROM records"\n')
    file = BytesIO()
    with open_source(database) as source:
        first = [row.values for row in source.rows() if isinstance(row, SourceRow)]
        for row in source.rows():
            assert isinstance(row, SourceRow)
            file.write(encode_row(row) + b"\n")
    spooled = SpooledRows(file, ("name", "number", "photo"))
    for _ in range(2):
        again = [row.values for row in spooled.rows() if isinstance(row, SourceRow)]
        assert [values["number"] for values in again] == [values["number"] for values in first]
        assert type(again[0]["number"]) is CellNumber
        assert isinstance(again[0]["photo"], UnfitValue)
    assert spooled.progress == 1.0


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        ('query = "SELECT 1"\n', "exactly one of url_env and url_file"),
        ('url_file = "agency.url"\n', "exactly one of query and query_file"),
        ('url_file = "agency.url"\nquery = "DELETE FROM records"\n', "begins with SELECT"),
        ('url_file = "agency.url"\nquery = "SELECT secret FROM records"\n', "the query failed"),
        ('url_file = "absent.url"\nquery = "SELECT 1"\n', "absent.url cannot be read"),
        ('url_file = "agency.url"\nquery = 3\n', "query"),
        ('url_env = "BAD"\nquery = "SELECT 1"\n', "URL cannot be used"),
        ('url_env = "UNKNOWN"\nquery = "SELECT 1"\n', "URL cannot be used"),
        ('url_env = "ABSENT_DRIVER"\nquery = "SELECT 1"\n', "driver MySQLdb is not installed; for PostgreSQL: pip"),
        ('url_env = "ASYNC"\nquery = "SELECT 1"\n', "asyncpg is for asynchronous programs only; .*postgresql.psycopg"),
        ("url_file", "SQL: records.toml"),
    ],
)
def test_what_is_wrong_with_a_query_is_said_without_the_url(database: Path, described: str, reason: str) -> None:
    database.write_text(described)
    environment = {
        "BAD": "no url: s3cret",
        "UNKNOWN": "nosuchdb://user:s3cret@host/db",
        "ABSENT_DRIVER": "mysql+mysqldb://user:s3cret@host/db",
        "ASYNC": "postgresql+asyncpg://user:s3cret@host/db",
    }
    with pytest.raises(SourceError, match=reason) as refusal, open_source(database, environment=environment):
        pytest.fail("it cannot be used")
    assert "s3cret" not in str(refusal.value)


# ------------------------------------------------------------------------------------------------ all kinds


@pytest.mark.parametrize(
    ("name", "library", "extra"), [("a.xlsx", "openpyxl", "xlsx"), ("a.toml", "sqlalchemy", "sql")]
)
def test_a_missing_library_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, library: str, extra: str
) -> None:
    for module in list(sys.modules):
        if module.partition(".")[0] == library or module.startswith("giayto_issuers.sources."):
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(MissingLibraryError) as refusal, open_source(tmp_path / name):
        pytest.fail("it is not installed")
    assert f'pip install "giayto-issuers[{extra}]"' in refusal.value.detail


def test_a_csv_tells_its_encoding_and_how_far_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_bytes(tcvn3.encode("HO_TEN\n" + "\n".join(NAMES)))
    with open_source(path) as source:
        assert source.columns == ("HO_TEN",)
        assert [row.values["HO_TEN"] for row in source.rows() if isinstance(row, SourceRow)] == NAMES
        assert source.progress == 1.0


def test_ndjson_is_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "records.ndjson"
    path.write_text('{"A": 1}\n')
    with open_source(path) as source:
        assert source.columns is None
    with pytest.raises(EncodingError, match="NDJSON is never tcvn3"), open_source(path, encoding=Encoding.TCVN3):
        pytest.fail("it is always UTF-8")


@pytest.mark.parametrize("name", ["records.ods", "records", "absent.csv"])
def test_other_files_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=name), open_source(tmp_path / name):
        pytest.fail("it cannot be read")


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write_workbook(path: Path, strings: list[str], rows: int) -> None:
    """Write what Excel writes: a column of shared strings, the first of which is its header."""
    cells = "".join(
        f'<row r="{row + 1}" ht="15"><c r="A{row + 1}" t="s"><v>{row}</v></c></row>' for row in range(rows + 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{KIND}.sharedStrings+xml"/></Types>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {MAIN}>{''.join(strings)}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>",
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
