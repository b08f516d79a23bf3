"""`giayto records`: exit codes, files and what stands in them."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from giayto_sdk.cli.app import run
from giayto_sdk.cli.terminal import Exit

NAME = "Nguyễn Thị Ánh Canary"
HEADER = ["Số giấy", "Số CCCD", "Họ và tên", "Ngày sinh", "Giới tính", "Tình trạng hôn nhân", "Mục đích", "Cơ quan cấp"]
ISSUED = "05/11/2026"
MAPPING = """
document_type = "marital-status"

[claims.certificate_number]
column = "Số giấy"

[claims.personal_number]
column = "Số CCCD"

[claims.full_name]
column = "Họ và tên"

[claims.birth_date]
column = "Ngày sinh"

[claims.sex]
column = "Giới tính"
values = { "Nam" = "1", "Nữ" = "2" }

[claims.marital_status]
column = "Tình trạng hôn nhân"
values = { "Độc thân" = "CHUA_KET_HON" }

[claims.purpose]
column = "Mục đích"

[claims.issuing_agency]
column = "Cơ quan cấp"

[claims.issued_on]
column = "Ngày cấp"
"""


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def row(number: int) -> list[Any]:
    return [
        f"{number}/XN",
        f"0011900{number:05}",
        NAME,
        "25/12/1990",
        "Nữ",
        "Độc thân",
        "Vay vốn",
        "UBND",
        "05/11/2026",
    ]


def write_xlsx(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for cells in rows:
        sheet.append(list(cells))
    book.save(path)
    return path


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING, "utf-8")
    return path


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """Sixty rows, of which 7, 14, … lost the zeros of their number."""
    rows = [row(number) for number in range(1, 61)]
    for cells in rows[6::7]:
        cells[1] = int(cells[1])
    return write_xlsx(tmp_path / "register.xlsx", [[*HEADER, "Ngày cấp"], *rows])


FAULTY = [number + 1 for number in range(7, 61, 7)]


def records(command: str, file: Path, *more: str | Path) -> int:
    return run(["records", command, str(file), "--type", "marital-status", *map(str, more)])


def test_check_names_every_faulty_row(register: Path, mapping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, found, rows = (mapping.parent / name for name in ("report.html", "report.json", "rows.csv"))
    options = ("--mapping", mapping, "--report", page, "--json", found, "--rows", rows)
    assert records("check", register, *options) == Exit.FAILURE
    shown = capsys.readouterr()
    members = json.loads(found.read_text("utf-8"))
    assert [int(text) for text in members["refused_rows"]] == FAULTY
    assert (members["rows"], members["refused"], members["source"]) == (60, len(FAULTY), "register.xlsx")
    with rows.open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [int(each["row"]) for each in listed] == FAULTY
    assert {each["column"] for each in listed} == {"Số CCCD"}
    assert "loses leading zeros" in listed[0]["expected_en"]
    assert ", ".join(map(str, FAULTY)) in page.read_text("utf-8")
    everything = shown.out + shown.err + page.read_text("utf-8") + found.read_text("utf-8") + rows.read_text("utf-8")
    assert "Canary" not in everything
    assert "00119000000" not in everything
    assert ", ".join(map(str, FAULTY[:8])) in shown.out


def test_check_of_good_rows(tmp_path: Path, mapping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", [[*HEADER, "Ngày cấp"], row(1), row(2)])
    assert records("check", good, "--mapping", mapping) == Exit.SUCCESS
    assert "2  dùng được · accepted" in capsys.readouterr().out


def test_a_file_of_another_type_is_told_once(register: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert records("check", register) == Exit.USAGE
    shown = capsys.readouterr().err
    assert "header_unfit" in shown
    assert "is a mapping of columns needed" in shown


def test_mistakes_of_a_mapping_are_told_together(
    register: Path, mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping.write_text(MAPPING.replace("Số CCCD", "CMND").replace("Mục đích", "Lý do"), "utf-8")
    assert records("check", register, "--mapping", mapping) == Exit.USAGE
    shown = capsys.readouterr().err
    assert "mapping_invalid" in shown
    assert "no column CMND" in shown
    assert "no column Lý do" in shown


def test_an_encoding_that_cannot_be_told_can_be_passed(
    tmp_path: Path, mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n".join([";".join([*HEADER, "Ngày cấp"]), ";".join(row(1))])
    file = tmp_path / "records.csv"
    file.write_bytes(text.encode("utf-16-le"))
    assert records("check", file, "--mapping", mapping) == Exit.USAGE
    assert "encoding_unknown" in capsys.readouterr().err
    assert records("check", file, "--mapping", mapping, "--encoding", "utf-16-le") == Exit.SUCCESS


def test_map_proposes_what_check_takes(register: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proposed = tmp_path / "proposed.toml"
    assert records("map", register, "--output", proposed) == Exit.SUCCESS
    text = proposed.read_text("utf-8")
    # The list calls it otherwise than this register does: a person must say what "Độc thân" is.
    proposed.write_text(text.replace('"Hiện tại chưa đăng ký kết hôn với ai"', '"Độc thân"'), "utf-8")
    assert records("check", register, "--mapping", proposed) == Exit.FAILURE
    assert "60  dòng · rows" in capsys.readouterr().out
    assert records("map", register, "--output", proposed) == Exit.USAGE
    assert records("map", register) == Exit.SUCCESS
    assert "[claims.personal_number]" in capsys.readouterr().out


def test_map_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_xlsx(tmp_path / "short.xlsx", [["Họ tên", "Màu"]])
    assert records("map", file) == Exit.FAILURE
    assert "missing mandatory claim: [claims.personal_number]" in capsys.readouterr().out
    (tmp_path / "a.ndjson").write_text("{}\n")
    assert records("map", tmp_path / "a.ndjson") == Exit.USAGE


def test_convert_writes_what_check_and_push_take(register: Path, mapping: Path, tmp_path: Path) -> None:
    output = tmp_path / "records.ndjson"
    assert records("convert", register, "--mapping", mapping, "--output", output) == Exit.FAILURE
    assert output.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert len(lines) == 60 - len(FAULTY)
    assert lines[0]["row_key"] == "1/XN"
    assert lines[0]["sex"] == "2"
    assert records("check", output) == Exit.SUCCESS


def test_an_unreadable_source_leaves_no_file(tmp_path: Path, mapping: Path) -> None:
    file = tmp_path / "torn.csv"
    file.write_text(";".join([*HEADER, "Ngày cấp"]) + "\n" + ";".join(row(1)) + '\n"torn\n', "utf-8")
    before = set(tmp_path.iterdir())
    options = ("--mapping", mapping)
    assert records("convert", file, *options, "--output", tmp_path / "out.ndjson") == Exit.USAGE
    assert records("check", file, *options, "--rows", tmp_path / "rows.csv") == Exit.USAGE
    assert set(tmp_path.iterdir()) == before


def test_ctrl_c_ends_cleanly(tmp_path: Path) -> None:
    """The file that was being written is not there, and nothing is said that frightens a clerk."""
    lines = (json.dumps({"SO_GIAY": f"{number}/XN"}) for number in range(100_000))
    (tmp_path / "many.ndjson").write_text("\n".join(lines))
    command = [sys.executable, "-m", "giayto_sdk.cli", "records", "check", "many.ndjson", "-t", "marital-status"]
    process = subprocess.Popen(
        [*command, "--rows", "rows.csv"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while not any(path.name.startswith(".rows.csv.") for path in tmp_path.iterdir()):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == Exit.INTERRUPTED
    assert "Traceback" not in out + err
    assert [path.name for path in tmp_path.iterdir()] == ["many.ndjson"]
