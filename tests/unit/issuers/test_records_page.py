"""docs/records.md: its mapping works, its Python runs, and it explains every setting."""

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from giayto_issuers import load_builtin_types
from giayto_issuers.encodings.detection import Encoding
from giayto_issuers.mapping.model import ClaimRule, MappingFile, SourceSettings
from giayto_issuers.mapping.reading import read_mapping
from giayto_issuers.quality import Dimension
from giayto_issuers.records.readers import SourceRow
from giayto_issuers.records.validation import validate_row

PAGE = (Path(__file__).parents[3] / "docs" / "records.md").read_text("utf-8")
WORDS = set(re.findall(r"`([a-z0-9_-]+)`", PAGE))


def block(language: str, place: int) -> str:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[place]


def test_the_mapping_of_the_page_maps(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(block("toml", 1), "utf-8")
    kind = load_builtin_types()["marital-status"]
    row = {
        "STT": "1", "Số giấy": "12/XN", "Số căn cước": "001190000017", "Họ và chữ đệm": "Nguyễn Thị", "Tên": "Ánh",
        "Ngày sinh": "12/25/1990", "Địa chỉ": "Số 1; Hà Nội", "Giới tính": "NỮ", "Mục đích": "Vay vốn",
        "Nơi cấp": "UBND", "Ngày": "5", "Tháng": "11", "Năm": "2026",
    }  # fmt: skip
    mapped = read_mapping(path, kind).apply(SourceRow(2, row))
    record = validate_row(kind, mapped, today=date(2026, 11, 22))
    assert record.claims["full_name"] == "Nguyễn Thị Ánh"
    assert record.claims["birth_date"] == "1990-12-25"
    assert record.claims["background"] == {"residence": "Hà Nội"}


def test_the_python_of_the_page_runs() -> None:
    exec(compile(block("python", 0), "docs/records.md", "exec"), {})


@pytest.mark.parametrize("table", [MappingFile, SourceSettings, ClaimRule], ids=lambda table: table.__name__)
def test_every_setting_is_explained(table: type[msgspec.Struct]) -> None:
    assert {field.name for field in msgspec.structs.fields(table)} <= WORDS


def test_every_encoding_and_word_is_explained() -> None:
    assert set(Encoding) <= WORDS
    for dimension in Dimension:
        assert f"**{dimension.names.vi}**, {dimension.names.en}" in PAGE
