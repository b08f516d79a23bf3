"""The line of each setting: found for every setting of every type, and in the odd forms that TOML allows."""

from importlib.resources import files

import pytest

from giayto_issuers import DocumentType, load_builtin_types
from giayto_issuers.document_type.lines import Lines

each_type = pytest.mark.parametrize("document_type", list(load_builtin_types()), ids=lambda entry: entry.code)

ODD = '''\
# "a = 1" in a comment
a = """
[b]
not = "a setting"
"""
"quoted.name".below = 'it''s'   # two strings would be wrong, so this line is replaced
list = [
    1, # ]
    2,
]
[b]
c.d = { e = 1, f = [ { name = "one" }, { g = 2 } ] }
   [ b . "x y" ]
h = 1
[[claims]]
name = "first"
[[claims.fields]]
name = "inner"
max_length = 3
[claims.present_when]
claim = "x"
[[claims]]
type = "unnamed"
[[claims.fields]]
type = "unnamed too"
'''.replace("'it''s'", "'it'")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a", 2),
        ("quoted.name", 6),
        ("quoted.name.below", 6),
        ("list", 7),
        ("b", 11),
        ("b.c.d.f.one", 12),
        ("b.c.d.f[2].g", 12),
        ("b.x y.h", 14),
        ("claims.first", 15),
        ("claims.first.fields.inner.max_length", 19),
        ("claims.first.present_when.claim", 21),
        ("claims[2].type", 23),
        ("claims[2].fields[1].type", 25),
        # What is missing is told at the table in which it should stand.
        ("claims.first.fields.inner.label.vi", 17),
        ("claims[2].fields[1].name", 24),
        ("nowhere", None),
        ("", None),
    ],
)
def test_a_setting_is_found_in_its_line(path: str, line: int | None) -> None:
    assert Lines(ODD).find(path) == line


@each_type
def test_every_setting_of_a_type_is_found(document_type: DocumentType) -> None:
    text = (files("giayto_issuers") / "types" / document_type.code / "type.toml").read_text("utf-8")
    lines, numbered = Lines(text), ["", *text.splitlines()]

    def line_of(path: str) -> str:
        number = lines.find(path)
        assert number is not None
        return numbered[number]

    for setting in ("code", "version", "titles"):
        assert line_of(setting).startswith(f"{setting} = ")
    for claim in document_type.claims:
        assert line_of(f"claims.{claim.name}") == "[[claims]]"
        assert line_of(f"claims.{claim.name}.label.vi").startswith(f'label = {{ vi = "{claim.label.vi}"')
        for field in claim.fields:
            assert line_of(f"claims.{claim.name}.fields.{field.name}.name") == f'name = "{field.name}"'
    for procedure in document_type.procedures:
        assert line_of(f"procedures.{procedure.code}.may_ask") == f'may_ask = "{procedure.may_ask}"'


def test_a_value_of_many_lines_is_passed_in_one_go() -> None:
    text = "a = [\n" + "1,\n" * 50_000 + "]\nb = 1\n"
    assert Lines(text).find("b") == 50_003


def test_a_file_that_would_be_read_without_end_has_settings_without_lines() -> None:
    text = "b = 1\na = [\n" + "[1],\n" * 5_000 + "]\nc = 1\n"
    lines = Lines(text)
    assert lines.find("b") == 1
    assert lines.find("c") is None
