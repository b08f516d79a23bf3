"""Run all benchmarks, print their ratios, and write them to `.bench/results.json`."""

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import credentials
from bench.harness import Row, write_results

RESULTS = Path(".bench/results.json")
SUITES = (credentials,)


def main() -> int:
    """Measure everything; the exit code is 0 even when a target is missed, which the table says."""
    console = Console()
    rows: list[Row] = []
    for suite in SUITES:
        with console.status(f"{suite.__name__}: {(suite.__doc__ or '').splitlines()[0]}"):
            rows += suite.rows()
    console.print(_table(rows))
    write_results(rows, RESULTS)
    console.print(f"Written to {RESULTS}; {sum(row.met for row in rows)} of {len(rows)} rows reach their target.")
    return 0


def _table(rows: list[Row]) -> Table:
    table = Table(title="Ratios in one interleaved run: 1.00 is the limit itself")
    for heading, justify in (("work", "left"), ("median", "right"), ("limit", "left"), ("of limit", "right")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    for heading in ("peer", "x peer", "target", ""):
        table.add_column(heading, justify="right" if heading == "x peer" else "left")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.median_us:,.1f} {row.unit}",
            row.limit,
            f"{row.ratio_to_limit:.2f}",
            row.peer or "",
            "" if row.ratio_to_peer is None else f"{row.ratio_to_peer:.1f}",
            row.target,
            "met" if row.met else "missed",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
