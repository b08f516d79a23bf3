"""docs/conformance.md says what a run of the vectors gives, and the vectors hold nothing that it leaves out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import NOT_RUN, VECTOR_SETS, Outcomes, Report, VectorSet, render

PROJECT = Path(__file__).parents[2]


def test_the_page_is_what_a_run_gives(vectors_dir: Path, tmp_path: Path) -> None:
    page = tmp_path / "conformance.md"
    run = subprocess.run(
        [sys.executable, "-m", "conformance", "--vectors-only", str(page)],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "tests" / "support")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert page.read_text() == (PROJECT / "docs" / "conformance.md").read_text(), "run make conformance"


def test_whatever_lies_there_is_run_or_named_as_not_run(vectors_dir: Path) -> None:
    named = {*NOT_RUN, *(one.place for one in VECTOR_SETS), "oidf-conformance"}  # see test_openid_modules.py
    files = (file.relative_to(vectors_dir).as_posix() for file in vectors_dir.rglob("*") if file.is_file())
    about = ("INDEX.md", "wycheproof/LICENSE")
    unnamed = [
        file
        for file in files
        if file not in about and not any(file == one or file.startswith(f"{one}/") for one in named)
    ]
    assert unnamed == []


def test_a_case_passes_only_when_every_test_of_it_does() -> None:
    outcomes = Outcomes()
    for test_passed in (True, False):
        properties: list[tuple[str, object]] = [("another", 1)]
        Report(properties).case("base45", "one")
        Report(properties).case("base45", "two", passed=not test_passed)
        outcomes.add(properties, test_passed=test_passed)
    assert outcomes.counts("base45") == (2, 0, 0)
    assert outcomes.failed() == ["base45: one", "base45: two"]


def test_exceptions_are_counted_and_named_by_reason() -> None:
    outcomes, properties = Outcomes(), list[tuple[str, object]]()
    report = Report(properties)
    for case in (10, 9, 8, 3):
        report.exception("wycheproof-jws", case, "because")
    report.case("wycheproof-jws", 4)
    outcomes.add(properties, test_passed=True)
    assert outcomes.counts("wycheproof-jws") == (5, 1, 4)
    assert "- tcId 3, 8–10: because." in render(outcomes)


@pytest.mark.parametrize("one", VECTOR_SETS, ids=lambda one: str(one.key))
def test_every_set_names_its_licence_and_is_there(one: VectorSet, vectors_dir: Path) -> None:
    assert one.licence
    assert (vectors_dir / one.place).exists()
