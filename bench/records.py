"""What checking a spreadsheet costs: rows a second, and memory at 10,000 and at 100,000 rows.

    python -m bench.records [ROWS …]

Each size is checked by a process of its own, whose peak of resident memory is told at its end. One row in a hundred has
a personal number that lost its zeros.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from openpyxl import Workbook, load_workbook

from bench.harness import Bound, Row, compare
from giayto_issuers.document_type.loading import load_builtin_types
from giayto_issuers.quality import QualityReport, check_quality
from giayto_issuers.sources import open_source

_TYPE: Final = "marital-status"
_SIZES: Final = (10_000, 100_000)
_QUICK_SIZE, _ROUNDS = 4_000, 3
"""What `make bench` checks, and how often; the quickest round counts."""
_CHECKED_ON: Final = date(2026, 11, 22)
_COLUMNS: Final = (
    "SO_GIAY", "SO_CCCD", "HO_TEN", "NGAY_SINH", "GIOI_TINH", "TINH_TRANG_HON_NHAN", "MUC_DICH", "CO_QUAN_CAP",
    "NGAY_CAP",
)  # fmt: skip
_PLACES: Final = ("001", "025", "038", "048", "079", "092")
_FAMILIES: Final = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi")
_NAMES: Final = ("Thị Ánh", "Văn Bình", "Minh Châu", "Hữu Đức", "Thu Hà", "Quốc Khánh", "Ngọc Lan", "Đức Minh")


def main() -> int:
    """Measure every size and print one line for each."""
    sizes = [int(text) for text in sys.argv[1:]] or list(_SIZES)
    with TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder, f"{size}.xlsx")
            write_register(path, size)
            command = [sys.executable, "-m", "bench.records", "--check", str(path)]
            done = json.loads(subprocess.check_output(command))  # noqa: S603 - this program again
            sys.stdout.write(
                f"{size:>9,} rows  {size / done['seconds']:>7,.0f} rows/s  {done['mib']:>5,} MiB  "
                f"{done['refused']:,} refused\n"
            )
    return 0


def rows() -> list[Row]:
    """Compare the check of a spreadsheet with only reading its cells."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "register.xlsx")
        write_register(path, _QUICK_SIZE)
        checked, read = (min(_timed(work, path) for _ in range(_ROUNDS)) for work in (_checked, _cells_read))
    per_row = 1e6 / _QUICK_SIZE
    limit = Bound("openpyxl reads the cells", read * per_row, 0.6)
    return [compare("check a row of XLSX", checked * per_row, limit)]


def _timed(work: Callable[[Path], object], path: Path) -> float:
    began = time.process_time()
    work(path)
    return time.process_time() - began


def _cells_read(path: Path) -> None:
    book = load_workbook(path, read_only=True)
    for _ in book.worksheets[0].iter_rows(values_only=True):
        pass
    book.close()


def write_register(path: Path, rows: int) -> None:
    """Write a register of marital-status confirmations in which every hundredth row is faulty."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh sách")
    sheet.append(_COLUMNS)
    for cells in _register(rows):
        sheet.append(cells)
    book.save(path)


def _register(rows: int) -> Iterator[list[object]]:
    dice = Random(4)  # noqa: S311 - made-up people
    for number in range(rows):
        is_woman, year = dice.randrange(2), dice.randint(50, 99)
        personal_number = f"{dice.choice(_PLACES)}{is_woman}{year}{number:06}"
        yield [
            f"{number:06}/XN",
            int(personal_number) if number % 100 == 50 else personal_number,
            f"{dice.choice(_FAMILIES)} {dice.choice(_NAMES)}",
            date(1900 + year, dice.randint(1, 12), dice.randint(1, 28)),
            str(1 + is_woman),
            "CHUA_KET_HON",
            "Vay vốn ngân hàng",
            "UBND phường Cửa Nam",
            date(2026, dice.randint(6, 11), 20),
        ]


def _checked(path: Path) -> QualityReport:
    document_type = load_builtin_types()[_TYPE]
    with open_source(path) as source:
        return check_quality(document_type, source.rows(), today=_CHECKED_ON)


def _check(path: Path) -> None:
    began = time.perf_counter()
    report = _checked(path)
    seconds = time.perf_counter() - began
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "mib": mib, "refused": len(report.refused)}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        _check(Path(sys.argv[2]))
    else:
        sys.exit(main())
