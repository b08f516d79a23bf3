"""The index in which a worker finds the row of a document again."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from giayto_issuers.document_type.loading import load_builtin_types
from giayto_issuers.errors import MappingError
from giayto_sdk import IndexedRecords

TYPE = load_builtin_types()["marital-status"]


@pytest.fixture
def records(tmp_path: Path) -> Iterator[IndexedRecords]:
    with closing(IndexedRecords(tmp_path / "records")) as opened:
        yield opened


def write_xlsx(path: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for cells in rows:
        sheet.append(cells)
    book.save(path)
    return path


def write_mapping(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


HEADER = ["SO_GIAY", "HO_TEN", "SO_CCCD", "NGAY_SINH", "GIOI_TINH", "TINH_TRANG_HON_NHAN", "MUC_DICH", "CO_QUAN_CAP",
          "NGAY_CAP"]  # fmt: skip


def test_a_row_key_in_a_number_cell_is_found_by_its_digits(records: IndexedRecords, tmp_path: Path) -> None:
    rows = [[key, "Nguyễn Văn A", *[None] * 7] for key in (123, "124")]
    assert records.read(TYPE, write_xlsx(tmp_path / "register.xlsx", HEADER, *rows)) == 2
    found = [records.record(TYPE, key) for key in ("123", "124")]
    assert [row.number for row in found if row is not None] == [2, 3]


def test_rows_are_read_through_a_mapping(records: IndexedRecords, tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path / "mapping.toml", '[claims.certificate_number]\ncolumn = "Số giấy"\n')
    source = write_xlsx(tmp_path / "register.xlsx", ["Số giấy", *HEADER[1:]], ["7/XN", "Nguyễn Văn A", *[None] * 7])
    assert records.read(TYPE, source, mapping=mapping) == 1
    row = records.record(TYPE, "7/XN")
    assert row is not None
    assert row.values["SO_GIAY"] == "7/XN"
    # The same content through the same mapping is not read again, through another one it is.
    assert records.read(TYPE, source, mapping=mapping) == 0
    mapping.write_text(mapping.read_text("utf-8") + '[claims.full_name]\ncolumn = "HO_TEN"\n', "utf-8")
    assert records.read(TYPE, source, mapping=mapping) == 1


def test_a_mapping_that_does_not_fit_is_refused(records: IndexedRecords, tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path / "mapping.toml", '[claims.full_name]\ncolumn = "Tên"\n')
    with pytest.raises(MappingError, match=r"mapping\.toml:1: claims\.full_name: the source has no column Tên"):
        records.read(TYPE, write_xlsx(tmp_path / "register.xlsx", HEADER), mapping=mapping)
