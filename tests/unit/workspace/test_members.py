"""The five distributions are released together and say so in the same words."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[3]
MEMBERS = ("crypto", "issuers", "verifiers", "sdk", "wallet_api")
WITHOUT_A_CLOCK = ("crypto", "issuers", "verifiers")
CLOCK_READINGS = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}


def project_table(folder: str) -> dict[str, Any]:
    """Return the `[project]` table of the distribution in `folder`."""
    table: dict[str, Any] = tomllib.loads((PROJECT / folder / "pyproject.toml").read_text())["project"]
    return table


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_carries_the_version_of_the_workspace(member: str) -> None:
    version = project_table(".")["version"]
    project = project_table(member)
    assert project["version"] == version
    siblings = [r for r in project["dependencies"] if r.startswith("giayto-")]
    assert all(requirement.endswith(f"=={version}") for requirement in siblings)


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_is_typed_and_licensed(member: str) -> None:
    assert (PROJECT / member / f"giayto_{member}" / "py.typed").is_file()
    assert (PROJECT / member / "LICENSE").read_bytes() == (PROJECT / "LICENSE").read_bytes()
    assert project_table(member)["license"] == "Apache-2.0"


def clock_readings(source: str) -> Iterator[int]:
    """Yield the lines of `source` that ask the machine what time it is."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", None)
            if (name, node.attr) in CLOCK_READINGS:
                yield node.lineno


@pytest.mark.parametrize("member", WITHOUT_A_CLOCK)
def test_time_is_an_argument(member: str) -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{line}"
        for path in sorted((PROJECT / member).rglob("*.py"))
        for line in clock_readings(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_clock_reading_is_recognised() -> None:
    assert list(clock_readings("import datetime\nx = datetime.datetime.now(datetime.UTC)\ny = date.today()")) == [2, 3]
