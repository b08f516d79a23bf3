"""`make interop`: run the tests against the software of others, and print what was tried with which result."""

import sys
from collections.abc import Sequence

import pytest
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from foreign_software import PROGRAMS

_COLOURS = {"passed": "green", "skipped": "yellow", "failed": "red"}


class Outcomes:
    """Collects one line a test: what stands in its name, and how it ended."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest for each phase of each test."""
        if report.when == "call" or report.outcome != "passed":
            file, _, name = report.nodeid.partition("::")
            self.lines.append((_words(file.rpartition("/")[2][5:-3]), _words(name.replace("::", ": ")), report.outcome))


def main(arguments: Sequence[str]) -> int:
    """Run the tests; the exit code is pytest's."""
    outcomes = Outcomes()
    code = pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", str(PROGRAMS.parent), *arguments], [outcomes])
    Console().print(_table(outcomes.lines))
    return int(code)


def _table(lines: Sequence[tuple[str, str, str]]) -> Table:
    table = Table(title="giayto and the software of others", box=SIMPLE)
    for column in ("with", "what was tried", "result"):
        table.add_column(column)
    for file, name, outcome in lines:
        table.add_row(file, name, f"[{_COLOURS[outcome]}]{outcome}")
    return table


def _words(name: str) -> str:
    return name.replace("test_", "").replace("_", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
