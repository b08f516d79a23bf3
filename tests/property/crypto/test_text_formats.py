"""Base64url, base45 and JSON: round trips, and agreement with decoders that others wrote."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import base45 as base45_peer
from hypothesis import example, given
from hypothesis import strategies as st

from giayto_crypto import b64url, strict_json
from giayto_crypto.errors import MalformedError
from giayto_crypto.qr import base45

B64_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
WHITE_SPACE = st.sampled_from(["", " ", "\n", "\t", " \r\n"])
FRAGMENTS = st.sampled_from(
    [
        *'{}[],:"\\',
        '"a"',
        '"a":',
        '"\\u0061":',
        "1",
        "-0",
        "1e5",
        "null",
        "true",
        "NaN",
        " ",
        "\n",
        '\\"',
        "\ud800",
        "ễ",
        "\0",
    ]
)


def oracle(text: str) -> Any:
    """Read JSON as the standard library does, with duplicates, NaN and large integers refused."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("twice")
        return dict(pairs)

    def exact(digits: str) -> int:
        if abs(int(digits)) >= 2**53:
            raise ValueError("too large")
        return int(digits)

    def refuse(name: str) -> None:
        raise ValueError(name)

    return json.loads(text, object_pairs_hook=unique, parse_int=exact, parse_constant=refuse)


@given(st.binary(max_size=200))
def test_base64url_comes_back(data: bytes) -> None:
    text = b64url.encode(data)
    assert text == base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert b64url.decode(text) == data


@given(st.text(B64_ALPHABET, max_size=12) | st.text(B64_ALPHABET + "=+/. \n\0é", max_size=12))
def test_base64url_accepts_exactly_what_it_writes(text: str) -> None:
    try:
        data = b64url.decode(text)
    except MalformedError:
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return
        assert b64url.encode(data) != text  # the standard decoder is lenient: it took another spelling
    else:
        assert b64url.encode(data) == text


@given(st.binary(max_size=200))
def test_base45_comes_back_as_the_peer_writes_it(data: bytes) -> None:
    text = base45.encode(data)
    assert text == base45_peer.b45encode(data).decode()
    assert base45.decode(text) == data


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=12) | st.text(max_size=8))
def test_base45_accepts_exactly_what_it_writes(text: str) -> None:
    try:
        data = base45.decode(text)
    except MalformedError:
        try:
            data = base45_peer.b45decode(text.encode())
        except ValueError:
            return
        assert base45.encode(data) != text
    else:
        assert base45.encode(data) == text


@given(JSON_VALUES)
@example({"ễ": [1, -0.0, 1e308, '\u2028\0\x7f"\\']})
def test_json_comes_back(value: Any) -> None:
    text = strict_json.canonical(value)
    assert strict_json.loads(text) == value == json.loads(text)
    assert strict_json.canonical(strict_json.loads(text)) == text


@given(JSON_VALUES, st.booleans(), WHITE_SPACE)
def test_json_of_other_writers_is_read(value: Any, escaped: bool, space: str) -> None:
    text = json.dumps(value, ensure_ascii=escaped, indent=space or None, separators=(f"{space},", f"{space}:{space}"))
    assert strict_json.loads(text.encode()) == value


@given(st.lists(st.tuples(TEXT, st.integers(0, 9)), max_size=6), st.booleans())
def test_json_with_a_name_twice_is_refused_and_otherwise_read(pairs: list[tuple[str, int]], escaped: bool) -> None:
    members = ",".join(f"{json.dumps(name, ensure_ascii=escaped)}:{number}" for name, number in pairs)
    text = f"[{{{members}}}]".encode()
    if len(dict(pairs)) == len(pairs):
        assert strict_json.loads(text) == [dict(pairs)]
    else:
        try:
            strict_json.loads(text)
        except MalformedError:
            return
        raise AssertionError("a duplicate was dropped")


@given(st.lists(FRAGMENTS, max_size=14).map("".join))
@example('{"a":1,"\\u0061":1}')
@example('["a\\":",{"b":"\\":"}]')
def test_json_is_judged_as_the_oracle_does(text: str) -> None:
    try:
        expected = oracle(text)
        text.encode()
        json.dumps(expected, ensure_ascii=False).encode()  # lone surrogates, which the standard library reads
    except (ValueError, RecursionError):
        try:
            strict_json.loads(text.encode(errors="surrogatepass"))
        except MalformedError:
            return
        raise AssertionError("what the oracle refuses was read") from None
    assert strict_json.loads(text.encode()) == expected


@given(
    st.binary(max_size=60)
    | st.lists(FRAGMENTS, max_size=30).map(lambda parts: "".join(parts).encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_malformed(data: bytes) -> None:
    for read in (strict_json.loads, strict_json.loads_object):
        with suppress(MalformedError):
            read(data)


def _each_alone(read: Callable[[Any], Any], texts: list[Any]) -> Any:
    try:
        return [read(text) for text in texts]
    except MalformedError:
        return MalformedError


def _all_at_once(read: Callable[[Any], Any], texts: list[Any]) -> Any:
    try:
        return read(texts)
    except MalformedError:
        return MalformedError


ENCODED = st.binary(max_size=8).map(b64url.encode) | st.text(B64_ALPHABET + "+/=é", max_size=6)


@given(st.lists(ENCODED, max_size=6))
@example(["AA", "AB"])
@example(["A", "AAA"])
@example(["Zg==", ""])
def test_many_base64url_texts_are_read_as_each_alone(texts: list[str]) -> None:
    assert _all_at_once(b64url.decode_all, texts) == _each_alone(b64url.decode, texts)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=6))
def test_many_digests_are_written_as_each_alone(digests: list[bytes]) -> None:
    assert b64url.encode_digests(digests) == [b64url.encode(digest) for digest in digests]


JSON_LINES = JSON_VALUES.map(strict_json.canonical) | st.lists(FRAGMENTS, max_size=8).map(
    lambda parts: "".join(parts).encode(errors="surrogatepass")
)


@given(st.lists(JSON_LINES, max_size=4))
@example([b"[1", b"2]"])
@example([b"[1]\n[2]", b""])
@example([b"[1]\n", b"[2]"])
@example([b'{"a":1,"a":1}', b"[]"])
@example([b"9007199254740993", b"1"])
@example([b"1e999"])
@example([b"[" * 33 + b"]" * 33])
@example([b"[" * 32 + b"]" * 32, b'{"a":1}'])
@example([b'"' + b"x" * 70_000 + b'"'])
def test_many_json_texts_are_read_as_each_alone(texts: list[bytes]) -> None:
    together, alone = _all_at_once(strict_json.loads_each, texts), _each_alone(strict_json.loads, texts)
    assert (repr(together), together) == (repr(alone), alone)


@given(st.lists(JSON_VALUES.map(strict_json.canonical), max_size=3), st.integers(1, 12), st.integers(1, 4))
def test_bounds_hold_for_each_of_many_json_texts(texts: list[bytes], max_bytes: int, max_depth: int) -> None:
    bounds = {"max_bytes": max_bytes, "max_depth": max_depth}
    together = _all_at_once(lambda some: strict_json.loads_each(some, **bounds), texts)
    assert together == _each_alone(lambda text: strict_json.loads(text, **bounds), texts)
