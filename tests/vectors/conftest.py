"""Where the public test vectors lie (they are read, never copied into the project), and the count of what came out."""

import os
from pathlib import Path

import pytest

from conformance import VECTOR_SETS, Outcomes, Report, render

PROJECT = Path(__file__).parents[2]
_outcomes = Outcomes()


@pytest.fixture(scope="session")
def vectors_dir() -> Path:
    """The folder named by GIAYTO_VECTORS, else ../shared/vectors beside the project; tests skip when there is none."""
    folder = Path(os.environ.get("GIAYTO_VECTORS") or PROJECT.parent / "shared" / "vectors")
    if not folder.is_dir():
        pytest.skip(f"no test vectors at {folder}: set GIAYTO_VECTORS to their folder")
    return folder


@pytest.fixture
def conformance(request: pytest.FixtureRequest) -> Report:
    """Takes down which cases of which vector set this test judges."""
    return Report(request.node.user_properties)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--conformance-page", type=Path, help="write docs/conformance.md of this run to a file")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call":
        _outcomes.add(report.user_properties, test_passed=report.passed)


def pytest_sessionfinish(session: pytest.Session) -> None:
    page = session.config.getoption("--conformance-page", None)
    if page is None or hasattr(session.config, "workerinput"):  # only the process that sees all tests writes
        return
    missing = [one.key for one in VECTOR_SETS if one.key not in _outcomes.passed]
    if missing or session.testsfailed or _outcomes.failed():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print(f"\nno page: not run {missing}, failed {_outcomes.failed()}")  # noqa: T201
        return
    page.write_text(render(_outcomes))
