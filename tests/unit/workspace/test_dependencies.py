"""A member declares exactly the distributions that it imports: no more in a bank's environment, and nothing missing."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[3]
MEMBERS = ("crypto", "issuers", "verifiers", "sdk", "wallet_api")
LOADED_BY_NAME = {"aiosqlite"}
"""SQLAlchemy loads the driver that the database URL names; no import statement does."""
INSTALLED = packages_distributions()


def declared(member: str) -> set[str]:
    """Return the distributions that a member's pyproject.toml asks for, those of its extras too."""
    project = tomllib.loads((PROJECT / member / "pyproject.toml").read_text())["project"]
    extras = project.get("optional-dependencies", {}).values()
    return {canonicalize_name(Requirement(text).name) for text in chain(project["dependencies"], *extras)}


def imported_modules(source: str) -> Iterator[str]:
    """Yield the top-level names that `source` imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]


def imported(member: str) -> set[str]:
    """Return the distributions that a member's modules import."""
    package = PROJECT / member / f"giayto_{member}"
    texts = (path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    modules = set(chain.from_iterable(map(imported_modules, texts))) - sys.stdlib_module_names - {package.name}
    return {distribution for module in modules for distribution in distributions_of(module)}


def distributions_of(module: str) -> set[str]:
    """Return what must be installed for `import module`; the members themselves are installed in place."""
    if module.startswith("giayto_"):
        return {canonicalize_name(module)}
    return {canonicalize_name(name) for name in INSTALLED[module]}


@pytest.mark.parametrize("member", MEMBERS)
def test_what_is_imported_is_declared(member: str) -> None:
    assert imported(member) - declared(member) == set()


@pytest.mark.parametrize("member", MEMBERS)
def test_what_is_declared_is_imported(member: str) -> None:
    assert declared(member) - imported(member) - LOADED_BY_NAME == set()
