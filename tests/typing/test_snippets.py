"""The types of the SDK keep what is unverified out of where something verified is needed.

Each snippet is checked by mypy with the project's own strict settings. A line that must be refused says so itself: it
ends with a comment that holds the error's code, and every other line must pass.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SNIPPETS = Path(__file__).parent / "snippets"
PROJECT = Path(__file__).parents[2]
_EXPECTED = re.compile(r"# ([a-z]+(?:-[a-z]+)*)$")
_REPORTED = re.compile(r"^(?P<file>.+?):(?P<line>\d+): error: .*\[(?P<code>[a-z-]+)\]$")

Errors = set[tuple[str, int, str]]


@pytest.fixture(scope="module")
def reported() -> Errors:
    """All errors that mypy reports in the snippets."""
    command = [sys.executable, "-m", "mypy", "--config-file", str(PROJECT / "pyproject.toml")]
    # Snippets are looked at as a user's own code: one run for all of them.
    command += ["--no-pretty", "--hide-error-context", *map(str, sorted(SNIPPETS.glob("*.py")))]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    matches = (_REPORTED.match(line) for line in done.stdout.splitlines())
    return {(Path(match["file"]).name, int(match["line"]), match["code"]) for match in matches if match}


@pytest.mark.parametrize("snippet", sorted(SNIPPETS.glob("*.py")), ids=lambda path: path.stem)
def test_exactly_the_marked_lines_are_refused(snippet: Path, reported: Errors) -> None:
    expected = {
        (snippet.name, number, match[1])
        for number, line in enumerate(snippet.read_text(encoding="utf-8").splitlines(), start=1)
        if (match := _EXPECTED.search(line))
    }
    assert expected
    assert {error for error in reported if error[0] == snippet.name} == expected
