"""For any source: readers fail as foreseen, what validates passes the re-check, and no error repeats a value."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from giayto_issuers import (
    SourceRow,
    check_claims,
    disclosable,
    load_builtin_types,
    read_csv,
    read_ndjson,
    validate_record,
)
from giayto_issuers.errors import ClaimsError, RecordError, SourceError
from sample_records import ROWS, health_book

TYPES = load_builtin_types()
HEALTH_BOOK = TYPES["health-book"]
cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('",;\n'), max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=6))
def test_what_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["A", "B"], *rows])
    read = [row.values for row in read_csv(io.BytesIO(text.getvalue().encode())) if isinstance(row, SourceRow)]
    assert read == [{"A": a, "B": b} for a, b in rows if a.strip() or b.strip()]


@given(st.binary(max_size=200))
@example(b"A,B\n\x00,1\n")
@example(b"A\rB\r1")
@example(b'"\n')
def test_any_bytes_are_rows_or_a_source_error(content: bytes) -> None:
    for read in (read_csv, read_ndjson):
        try:
            rows = list(read(io.BytesIO(content)))
        except SourceError:
            continue
        numbers = [row.number for row in rows]
        assert numbers == sorted(set(numbers))


@given(st.lists(st.dictionaries(st.text(max_size=5), json_values, max_size=4), max_size=5))
def test_ndjson_is_read_back(rows: list[dict[str, Any]]) -> None:
    content = "\n".join(json.dumps(row) for row in rows).encode()
    for number, row in enumerate(read_ndjson(io.BytesIO(content)), 1):
        assert row.number == number
        if isinstance(row, SourceRow):  # integers beyond 2^53 and lone surrogates are refused
            assert row.values == rows[number - 1]


changes = st.fixed_dictionaries(
    {},
    optional={
        column: st.one_of(json_values, st.text(max_size=20), st.sampled_from([row[column] for row in [health_book()]]))
        for column in health_book()
        if column != "MA_SO_SK"
    },
)


@given(changes)
def test_what_validates_passes_the_re_check(row_changes: dict[str, Any]) -> None:
    try:
        record = validate_record(HEALTH_BOOK, {**health_book(), **row_changes}, 1)
    except RecordError:
        return
    assert check_claims(HEALTH_BOOK, record.claims) == record.subject
    assert set(disclosable(HEALTH_BOOK, record.claims)) == set(record.claims)


@given(st.sampled_from(sorted(ROWS)), st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_any_row_and_any_claims_are_refused_in_the_foreseen_way(code: str, members: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        validate_record(TYPES[code], members, 1)
    with pytest.raises(ClaimsError):
        check_claims(TYPES[code], members)


secrets = st.text(st.sampled_from("ăâđêôơưếộặ桜ß"), min_size=6, max_size=12)


@settings(max_examples=50)
@given(secrets)
def test_errors_never_repeat_a_value(secret: str) -> None:
    wrong = dict.fromkeys(health_book(), f"{secret}|")
    nested = [{"MA_CSKCB": secret, secret: secret, "THUOC": [{secret: secret}]}, secret]
    for row in ({**wrong, "DOT_KCB": nested}, {secret: secret}):
        with pytest.raises(RecordError) as refused:
            validate_record(HEALTH_BOOK, row, 1)
        said = [str(refused.value), repr(refused.value), repr(refused.value.problems), repr(refused.value.fields)]
        assert not any(secret in text for text in said)
    with pytest.raises(ClaimsError) as refused_claims:
        check_claims(HEALTH_BOOK, {"full_name": f"{secret}|", secret: secret, "visits": nested})
    assert secret not in str(refused_claims.value) + repr(refused_claims.value.problems)
