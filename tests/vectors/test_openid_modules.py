"""What docs/conformance.md says of the OpenID conformance suite holds: every module, every schema, every test named."""

from pathlib import Path

import pytest

from conformance.openid_sections import SCHEMAS, SCHEMAS_NOT_USED, openid_sections, schema_tests
from openid_conformance import NAMES, PARTS, PROJECT, Part, haip, is_there, modules, named_tests, names_of_the_suite

each_part = pytest.mark.parametrize("part", PARTS, ids=lambda part: str(part.heading))


@pytest.fixture
def suite(vectors_dir: Path) -> Path:
    if not (vectors_dir / NAMES).is_file():
        pytest.skip(f"no data of the conformance suite at {vectors_dir / NAMES}")
    return vectors_dir


@each_part
def test_every_module_has_its_tests_or_its_reason(part: Part, suite: Path) -> None:
    assert {module.name for module in modules(part)} == names_of_the_suite(suite, part)


@each_part
def test_each_module_says_one_thing(part: Part) -> None:
    for module in modules(part):
        assert bool(module.tests) != bool(module.not_applicable), module.name


@pytest.mark.parametrize("test", [*named_tests(), *schema_tests()])
def test_every_test_that_is_named_is_there(test: str) -> None:
    assert is_there(test)


@pytest.mark.parametrize(
    "test",
    [
        "tests/vectors/test_openid_modules.py::test_nobody_wrote_this",
        "tests/vectors/test_openid_modules.py::TestNobody::test_every_test_that_is_named_is_there",
        "tests/vectors/test_nothing.py::test_every_test_that_is_named_is_there",
    ],
)
def test_a_test_that_is_not_there_is_noticed(test: str) -> None:
    assert not is_there(test)


def test_every_schema_is_used_or_has_its_reason(suite: Path) -> None:
    folder = suite / "oidf-conformance" / "json-schemas"
    found = {file.relative_to(folder).as_posix() for file in folder.rglob("*.json")}
    assert {name for name in found if name.partition("/")[0] not in SCHEMAS_NOT_USED} == set(SCHEMAS)


def test_haip_is_told_plainly() -> None:
    told = haip()
    assert {each.met for each in told} == {"yes", "no", "partly"}
    assert all(each.note for each in told if each.met != "yes")


def test_the_page_has_the_sections_as_they_are() -> None:
    page = (PROJECT / "docs" / "conformance.md").read_text("utf-8")
    assert "\n".join(openid_sections()) in page, "run make conformance"
