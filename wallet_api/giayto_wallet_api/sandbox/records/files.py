"""Writing rows to the files that agencies' systems export."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

from giayto_wallet_api.sandbox.records.row import Row


def write_csv(path: Path, rows: Iterable[Row]) -> int:
    """Write `rows` as CSV in UTF-8, a column for each name that occurs, nested values as JSON; return their number.

    All rows are held in memory, because the columns are known only at the end.
    """
    kept = list(rows)
    columns = list(dict.fromkeys(column for row in kept for column in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows({column: _cell(value) for column, value in row.items()} for row in kept)
    return len(kept)


def write_ndjson(path: Path, rows: Iterable[Row]) -> int:
    """Write `rows` as NDJSON in UTF-8, one at a time; return their number."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(_json(row) + "\n")
            count += 1
    return count


def _cell(value: object) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
