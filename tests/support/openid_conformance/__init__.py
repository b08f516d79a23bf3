"""The OpenID Foundation's conformance suite, and what stands here for each of its test modules.

`vci.toml` and `vp.toml` name for each module the tests that do what it does, or why there is none; `haip.toml` says
what of HAIP 1.0 is met. The suite is not part of the project: the names of its modules are read from the vectors.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[3]
FOLDER = Path(__file__).parent
NAMES = "oidf-conformance/test-module-names.txt"


@dataclass(frozen=True)
class Part:
    """One part of the suite: modules that try one role in one protocol."""

    title: str
    heading: str
    """Of its names in the list of the suite."""
    file: str
    section: str


PARTS = (
    Part("Issuer, OpenID4VCI 1.0", "vci10issuer", "vci.toml", "issuer"),
    Part("Wallet, OpenID4VCI 1.0", "vci10wallet", "vci.toml", "wallet"),
    Part("Verifier, OpenID4VP 1.0", "vp1finalverifier", "vp.toml", "verifier"),
    Part("Wallet, OpenID4VP 1.0", "vp1finalwallet", "vp.toml", "wallet"),
)
_FOLDERS_OF_THE_SUITE = frozenset({"condition", "util"})


@dataclass(frozen=True)
class Module:
    """A test module of the suite: the tests that do what it does, or why there is none."""

    name: str
    tests: tuple[str, ...]
    not_applicable: str


@dataclass(frozen=True)
class Demand:
    """Something that HAIP 1.0 demands: `met` is yes, no or partly."""

    section: str
    demand: str
    met: str
    note: str


def modules(part: Part) -> list[Module]:
    """Return the modules of a part, by name."""
    members = tomllib.loads((FOLDER / part.file).read_text("utf-8"))[part.section]
    return [
        Module(name, tuple(said.get("tests", ())), str(said.get("not_applicable", "")))
        for name, said in sorted(members.items())
    ]


def names_of_the_suite(vectors: Path, part: Part) -> set[str]:
    """Return the modules that the suite has."""
    text = (vectors / NAMES).read_text("utf-8")
    found = re.search(rf"^# {part.heading}\n(.*?)(?=^#|\Z)", text, flags=re.DOTALL | re.MULTILINE)
    if found is None:
        raise LookupError(f"{NAMES} has no part {part.heading}")
    return set(found[1].split()) - _FOLDERS_OF_THE_SUITE


def named_tests() -> list[str]:
    """Return every test that stands for a module, once."""
    return sorted({test for part in PARTS for module in modules(part) for test in module.tests})


def is_there(test: str) -> bool:
    """Whether a file of the project has this test (`file::function` or `file::Class::function`)."""
    file, _, path = test.partition("::")
    return (PROJECT / file).is_file() and path.partition("[")[0] in _tests_of(PROJECT / file)


def haip() -> list[Demand]:
    """Return what HAIP 1.0 demands, in its order."""
    demands = tomllib.loads((FOLDER / "haip.toml").read_text("utf-8"))["demand"]
    return [Demand(**each) for each in demands]


@cache
def _tests_of(file: Path) -> frozenset[str]:
    return frozenset(_paths(ast.parse(file.read_text("utf-8")).body, ""))


def _paths(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _paths(node.body, f"{prefix}{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield f"{prefix}{node.name}"
