"""JSON read without ambiguity and written in one way."""

import math
from contextlib import suppress
from time import thread_time
from typing import Any

import pytest

from giayto_crypto import strict_json
from giayto_crypto.errors import MalformedError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"null", None),
        (b"true", True),
        (b" [1, -2, 0.5, 1e2]\r\n\t", [1, -2, 0.5, 100.0]),
        (b'{"a":{"a":[{"a":1},{"a":2}]}}', {"a": {"a": [{"a": 1}, {"a": 2}]}}),
        ('"Nguyễn"'.encode(), "Nguyễn"),
        (rb'"Nguy\u1ec5n \ud83d\udcc4 \u0000 \/"', "Nguyễn \U0001f4c4 \0 /"),
        (b'{"":1}', {"": 1}),
        (b"{}", {}),
    ],
)
def test_reads_json(text: bytes, value: Any) -> None:
    assert strict_json.loads(text) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"nul",
        b"[1,]",
        b'{"a":1,}',
        b'{"a"}',
        b"{'a':1}",
        b"{a:1}",
        b"[1] 2",
        b"[1]//",
        b"01",
        b"+1",
        b".5",
        b"1.",
        b"0x1",
        b"1\0",
        b'"a',
        b'"\n"',
        b'"\t"',
        b'"\\x41"',
        b'"\\\n"',
        b"\xef\xbb\xbf1",
    ],
)
def test_refuses_what_is_not_json(text: bytes) -> None:
    with pytest.raises(MalformedError, match="not a valid JSON text"):
        strict_json.loads(text)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"nan", b"1e400", b"-1e400"])
def test_refuses_numbers_that_json_does_not_have(number: bytes) -> None:
    with pytest.raises(MalformedError):
        strict_json.loads(b'{"a":' + number + b"}")


@pytest.mark.parametrize(
    "text",
    [
        b'"\xff"',
        b'"\xc0\x80"',
        b'"\xed\xa0\x80"',
        b'"\xc3"',
        b'{"\xff":1}',
        b'"\xf4\x90\x80\x80"',
        '"a"'.encode("utf-16"),
    ],
)
def test_refuses_what_is_not_utf8(text: bytes) -> None:
    with pytest.raises(MalformedError):
        strict_json.loads(text)


@pytest.mark.parametrize("text", [rb'"\ud800"', rb'"\udc00"', rb'"\ud800\u0041"', rb'{"\ud800":1}'])
def test_refuses_lone_surrogates(text: bytes) -> None:
    with pytest.raises(MalformedError):
        strict_json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"b":2,"a":3}',
        b'{"x":{"a":1,"a":2}}',
        b'[[{"a":1,"a":2}]]',
        b'{"a":{"b":1},"a":{"b":1}}',
        b'{"":1,"":2}',
        rb'{"a":1,"\u0061":2}',
        rb'{"a\"":1,"a\u0022":2}',
        b'{"a" :1,"a"\t\r\n:2}',
        b'{"a" :1,"b":1,"b":2}',
        b'{"a"\t:1,"b":{"c":1,"c":2}}',
        '{"ễ":1,"ễ":2}'.encode(),
    ],
)
def test_refuses_a_member_name_twice_in_one_object(text: bytes) -> None:
    with pytest.raises(MalformedError, match="twice"):
        strict_json.loads(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a":{"a":1},"b":{"a":2}}', {"a": {"a": 1}, "b": {"a": 2}}),
        (rb'{"a":"\":","b":"\"a\":1"}', {"a": '":', "b": '"a":1'}),
        (rb'{"a\":":1}', {'a":': 1}),
        (rb'["a\":", {"b": "\"  :"}]', ['a":', {"b": '"  :'}]),
        ('{"ễ":1,"e\u0302\u0303":2}'.encode(), {"ễ": 1, "e\u0302\u0303": 2}),
    ],
)
def test_names_that_only_look_alike_are_not_duplicates(text: bytes, value: Any) -> None:
    assert strict_json.loads(text) == value


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53 - 1), 0])
def test_reads_the_integers_on_which_all_readers_agree(number: int) -> None:
    assert strict_json.loads(b'[{"a":%d}]' % number) == [{"a": number}]


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**63, 2**64, -(2**63) - 1, 10**40])
@pytest.mark.parametrize("around", [b"%d", b"[[%d]]", b'{"a":[{"b":%d}]}'])
def test_refuses_integers_beyond_the_exact_range(number: int, around: bytes) -> None:
    with pytest.raises(MalformedError, match="integer"):
        strict_json.loads(around % number)


def test_an_integer_of_thousands_of_digits_is_malformed() -> None:
    with pytest.raises(MalformedError):
        strict_json.loads(b"1" * 5000)


def test_booleans_are_not_taken_for_integers() -> None:
    assert strict_json.loads(b"[true,false]") == [True, False]


def test_size_limit_is_exact() -> None:
    text = b'"' + b"x" * (strict_json.DEFAULT_MAX_BYTES - 2) + b'"'
    assert len(strict_json.loads(text)) == strict_json.DEFAULT_MAX_BYTES - 2
    with pytest.raises(MalformedError, match="longer than 65536 bytes") as caught:
        strict_json.loads(text + b" ")
    assert caught.value.fields == {"limit": 65536}


def test_size_counts_bytes_not_characters() -> None:
    strict_json.loads('"ễễ"'.encode(), max_bytes=8)
    with pytest.raises(MalformedError, match="longer"):
        strict_json.loads('"ễễ"'.encode(), max_bytes=7)


def nested_arrays(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def nested_objects(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def nested_in_turns(depth: int) -> bytes:
    return b'[{"a":' * (depth // 2) + (b"[]" if depth % 2 else b"1") + b"}]" * (depth // 2)


@pytest.mark.parametrize("nested", [nested_arrays, nested_objects, nested_in_turns])
@pytest.mark.parametrize("limit", [1, 7, 8, 32])
def test_depth_limit_is_exact(nested: Any, limit: int) -> None:
    strict_json.loads(nested(limit), max_depth=limit)
    with pytest.raises(MalformedError, match=f"nested deeper than {limit}"):
        strict_json.loads(nested(limit + 1), max_depth=limit)


def test_the_default_depth_is_32() -> None:
    strict_json.loads(nested_arrays(32))
    with pytest.raises(MalformedError, match="deeper than 32"):
        strict_json.loads(nested_arrays(33))


def test_many_containers_side_by_side_are_not_deep() -> None:
    assert len(strict_json.loads(b"[" + b"[],{}," * 500 + b"[]]")) == 1001


@pytest.mark.parametrize("string", [rb'"[[[[[["', rb'"\"[[[[[["', rb'"\\\"{{{{{{"', rb'"\\"'])
def test_brackets_inside_strings_do_not_nest(string: bytes) -> None:
    strict_json.loads(b"[[" + string + b"," + string + b"],[],[],[]]", max_depth=2)


def test_brackets_that_close_inside_strings_do_not_hide_depth() -> None:
    text = b'["]]]",' * 33 + b"1" + b"]" * 33
    with pytest.raises(MalformedError, match="deeper"):
        strict_json.loads(text)


@pytest.mark.parametrize(
    "bomb",
    [
        nested_arrays(900),
        nested_objects(900),
        b"[" * 65536,
        b'{"a":' * 13000,
        b'"' * 65536,
        b'"' * 65535 + b":",
        b'[[["' * 16384,
        b'"\\' * 32768,
        b"[" * 33 + b'"' + b"\\" * 65000,
        b'{"a":1,' + b'"' + b" " * 65000,
        b"[" + b"[]," * 21000 + b"[]]",
        b"[" + b"1e308," * 10000 + b"1]",
        b"[" + b"1.7976931348623157e308," * 2600 + b"1]",
        b"[" + b"5e-324," * 8000 + b"1]",
        b"[0." + b"1" * 65000 + b"]",
        b"{" + b",".join(b'"%d":0' % n for n in range(7000)) + b',"0":1}',
    ],
    ids=lambda bomb: f"{bomb[:12]!r}x{len(bomb)}",
)
def test_bombs_are_answered_at_once(bomb: bytes) -> None:
    def seconds() -> float:
        begin = thread_time()
        with suppress(MalformedError):
            strict_json.loads(bomb)
        return thread_time() - begin

    assert min(seconds() for _ in range(3)) < 0.05  # one of them may meet a collection of garbage


def test_deep_nesting_does_not_reach_the_parser_in_a_small_thread() -> None:
    """A C parser that recurses would take the whole process with it, so the scan comes first."""
    with pytest.raises(MalformedError, match="deeper than 32"):
        strict_json.loads(b'{"a":' * 10000 + b"x")


def test_an_object_is_demanded() -> None:
    assert strict_json.loads_object(b'{"a":1}') == {"a": 1}
    for text in (b"[]", b'"a"', b"1", b"null"):
        with pytest.raises(MalformedError, match="an object is expected"):
            strict_json.loads_object(text)


def test_an_object_has_the_same_limits() -> None:
    with pytest.raises(MalformedError, match="longer than 6 bytes"):
        strict_json.loads_object(b'{"a":1}', max_bytes=6)
    with pytest.raises(MalformedError, match="deeper than 1"):
        strict_json.loads_object(b'{"a":[]}', max_depth=1)


def test_canonical_is_compact_and_keeps_order_and_letters() -> None:
    value = {"b": [1, True, None, "Nguyễn Ánh / \u2028"], "a": {"z": 1, "c": 0.5}}
    assert strict_json.canonical(value) == '{"b":[1,true,null,"Nguyễn Ánh / \u2028"],"a":{"z":1,"c":0.5}}'.encode()


def test_canonical_escapes_only_what_json_demands() -> None:
    assert strict_json.canonical('"\\\n\t\0\x7f') == b'"\\"\\\\\\n\\t\\u0000\x7f"'


def test_canonical_never_writes_another_value_than_it_was_given() -> None:
    """NaN has no JSON; writing null in its place would sign something that nobody said."""
    for number in (math.nan, math.inf, -math.inf):
        for value in (number, [number], {"a": [None, {"b": number}]}, (1, number)):
            with pytest.raises(MalformedError):
                strict_json.canonical(value)


def test_canonical_writes_null_where_it_was_given() -> None:
    assert strict_json.canonical({"a": None, "b": [None, "null", 0.5]}) == b'{"a":null,"b":[null,"null",0.5]}'


def test_canonical_refuses_lone_surrogates() -> None:
    for value in ("\ud800", {"a": ["\udfff"]}, {"\ud800": 1}):
        with pytest.raises(MalformedError):
            strict_json.canonical(value)


def test_errors_never_carry_the_value() -> None:
    with pytest.raises(MalformedError) as caught:
        strict_json.loads(b'{"001099012345":1,"001099012345":2}')
    assert "001099012345" not in str(caught.value)
    assert caught.value.code == "malformed"
