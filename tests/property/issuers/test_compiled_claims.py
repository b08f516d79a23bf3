"""The quick way and the explaining way agree: on what they accept, and on what comes out of it."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giayto_issuers import DocumentType, load_builtin_types, validate_record
from giayto_issuers.compiled_claims import compiled
from giayto_issuers.records.normalisation import Normalisation
from giayto_issuers.records.quick_reading import quick_reader
from giayto_issuers.records.validation import OF_THE_RECORD
from sample_records import ROWS

TYPES = load_builtin_types()
CLAIMS = {entry.code: dict(validate_record(entry, ROWS[entry.code](), 1).claims) for entry in TYPES}
each_type = pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)

LIKELY = st.sampled_from(
    [
        *(
            "",
            " ",
            "a",
            "A b",
            " a",
            "a ",
            "a  b",
            "a\n",
            "\nb",
            "a\nb",
            "a \nb",
            "a\n b",
            "a\\n",
            'a"b',
            '" ',
            "a\tb",
            "a\rb",
        ),
        *(
            "e\u0301",
            "\u00e9",
            "\u0301x",
            "\u200b",
            "\ufeff",
            "\u00a0",
            "\u202e",
            "\x00",
            "\ud800",
            "\U000e0001",
            "１２",
        ),
        *(
            "2026-02-28",
            "2024-02-29",
            "2026-02-30",
            "1849-12-31",
            "2199-12-31",
            "2200-01-01",
            "20261008",
            "202610081430",
        ),
        *("202610082575", "08/10/2026", "8/10/2026", "2026-10-08T14:30:00+07:00", "2026-10-08T14:30:00Z", "2026-W41-4"),
        *("2026-10-08 14:30:00+07:00", "2026-10-08T24:00:00+07:00", "2026-10-08T23:59:60+07:00", "2026", "2026-10"),
        *("0", "00", "-0", "007", "58,5", "58.50", "58.5", "-0.5", "0.125", "1.125", "1e3", "true", "có", "không", "1"),
        *("{}", "[]", "null", '{"a":1}', "[1]", ";", "E11.9;i10", "E11.9", "001090000001", "0" * 10, "x" * 20_001),
        *(None, True, False, 0, 1, -1, 12, 13, 5.0, 58.5, float("inf"), float("nan"), 2**53, -(2**53), 2**70),
        *([], {}, [None], [""], [[]], [{}], ["E11.9"], ["a", ""], {"a": 1}, {"class": "B"}),
    ]
)
VALUES = (
    LIKELY | st.text(max_size=12) | st.integers() | st.dates().map(str) | st.from_regex(r"\d{1,12}", fullmatch=True)
)


@st.composite
def changed(draw: st.DrawFn, members: Mapping[str, Any]) -> dict[str, Any]:
    """Some members with another value, without one, or with one more; inside objects and lists as well."""
    result = deepcopy(dict(members))
    for _ in range(draw(st.integers(0, 3))):
        level: Any = result
        while True:
            steps = list(level) if isinstance(level, dict) else list(range(len(level)))
            if not steps:
                break
            step = draw(st.sampled_from(steps))
            inside = level[step]
            if isinstance(inside, dict | list) and inside and draw(st.integers(0, 3)):
                level = inside
                continue
            match draw(st.integers(0, 5)):
                case 0:
                    del level[step]
                case 1 if isinstance(level, dict):
                    level[draw(st.sampled_from([*steps, "other", "row_key", "STT"]))] = deepcopy(draw(VALUES))
                case _:
                    level[step] = deepcopy(draw(VALUES))
            break
    return result


def explained(document_type: DocumentType, claims: Mapping[str, Any]) -> bool:
    walk = Normalisation(exact=True)
    walk.members(document_type.claims, claims)
    return not walk.problems


@each_type
def test_what_is_in_its_signed_form_gets_a_quick_yes(document_type: DocumentType) -> None:
    assert compiled(document_type).accept(CLAIMS[document_type.code])


@each_type
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_quick_yes_without_one_of_the_explaining_way(document_type: DocumentType, data: st.DataObject) -> None:
    claims = data.draw(changed(CLAIMS[document_type.code]))
    if compiled(document_type).accept(claims):
        assert explained(document_type, claims)


@each_type
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_row_read_quickly_is_the_row_read_slowly(document_type: DocumentType, data: st.DataObject) -> None:
    row = data.draw(changed(_unfolded(ROWS[document_type.code]())))
    also_known = OF_THE_RECORD | {document_type.source.row_key_column}
    claims = quick_reader(document_type).read(row, also_known)
    if claims is None:
        return
    walk = Normalisation(exact=False, passed_over=frozenset(document_type.source.ignored_columns))
    slowly = walk.members(document_type.claims, row, also_known=also_known)
    assert not walk.problems
    assert slowly == claims
    assert json.dumps(slowly) == json.dumps(claims)  # also in the same order


@each_type
def test_rows_as_systems_write_them_are_read_quickly(document_type: DocumentType) -> None:
    row = CLAIMS[document_type.code]
    assert quick_reader(document_type).read(row, OF_THE_RECORD) == CLAIMS[document_type.code]


def _unfolded(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with JSON in its cells parsed, so that what is inside can be changed."""

    def parsed(value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value.startswith(("[", "{")) else value

    return {name: parsed(value) for name, value in row.items()}
