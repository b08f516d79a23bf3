"""JSON as signatures need it: read without ambiguity, written in one way.

A parser that keeps the last of two equal member names lets a signer and a checker read different things in the same
bytes, and very deep nesting can crash a C parser in a thread with a small stack. So size and depth are checked
before the value is built, and names and numbers before it is given out (RFC 8259 §4 and §6, RFC 8725 §2.4).
"""

from array import array
from collections.abc import Mapping, Sequence
from itertools import accumulate
from json import JSONDecoder
from math import isfinite
from re import DOTALL
from re import compile as compile_pattern
from typing import Any, TypeVar

import msgspec

from giayto_crypto.errors import MalformedError

T = TypeVar("T")

DEFAULT_MAX_BYTES = 64 * 1024
DEFAULT_MAX_DEPTH = 32
LARGEST_EXACT_INTEGER = 2**53 - 1
"""Readers that keep numbers as IEEE doubles agree up to here (RFC 8259 §6)."""

# A string that is never closed reaches to the end, so that no place is scanned twice.
_STRING = compile_pattern(rb'"(?:[^"\\]++|\\.)*+"?', DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
"""An opening bracket is one step deeper, a closing one a step back: +1 and -1 as signed bytes."""
_WHITE_SPACE = b" \t\r\n"
_DIGITS_AS_ZERO = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * len(str(LARGEST_EXACT_INTEGER))
"""So many digits in a row, in a number or in a string, make a closer look at the integers worth while."""


def loads(data: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES, max_depth: int = DEFAULT_MAX_DEPTH) -> Any:
    """Read one JSON text, strictly.

    Args:
        data: UTF-8 bytes without a byte order mark.
        max_bytes: longest text that is read, in bytes.
        max_depth: deepest nesting of arrays and objects.

    Raises:
        MalformedError: too long, too deep, not JSON, not UTF-8, a member name twice in one object, a lone surrogate,
            NaN or Infinity, or an integer that readers do not agree on.
    """
    if len(data) > max_bytes:
        raise MalformedError(f"JSON: longer than {max_bytes} bytes", limit=max_bytes)
    if data.count(b"{") + data.count(b"[") > max_depth:
        _require_depth(data, max_depth)
    try:
        value = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError("JSON: not a valid JSON text") from error
    # Our own tokens are written canonically: what is written back as it was read has lost no duplicate.
    if b"{" in data and msgspec.json.encode(value) != data:
        _require_unique_members(data, value)
    if _LONG_NUMBER in data.translate(_DIGITS_AS_ZERO):
        _require_exact_integers(value)
    return value


def loads_each(
    texts: Sequence[bytes], *, max_bytes: int = DEFAULT_MAX_BYTES, max_depth: int = DEFAULT_MAX_DEPTH
) -> list[Any]:
    """Read JSON texts, each as `loads` reads one; what all of them have to be is looked at in one pass.

    Raises:
        MalformedError: `loads` would refuse one of them.
    """
    values = _read_canonical(texts, max_bytes, max_depth)
    if values is None:
        return [loads(text, max_bytes=max_bytes, max_depth=max_depth) for text in texts]
    return values


def loads_object(
    data: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES, max_depth: int = DEFAULT_MAX_DEPTH
) -> dict[str, Any]:
    """Read one JSON text that must be an object; see `loads`."""
    value = loads(data, max_bytes=max_bytes, max_depth=max_depth)
    if not isinstance(value, dict):
        raise MalformedError("JSON: an object is expected here")
    return value


def skim(data: bytes, shape: type[T], *, max_bytes: int = DEFAULT_MAX_BYTES, max_depth: int = DEFAULT_MAX_DEPTH) -> T:
    """Read the few members of a long object that a struct names, bounded as `loads` is.

    Duplicates and what else makes a text ambiguous are not noticed: only for what `loads` reads again before anything
    depends on it.

    Raises:
        MalformedError: too long, too deep, not a JSON object.
    """
    if len(data) > max_bytes:
        raise MalformedError(f"JSON: longer than {max_bytes} bytes", limit=max_bytes)
    if data.count(b"{") + data.count(b"[") > max_depth:
        _require_depth(data, max_depth)
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError("JSON: not a valid JSON object") from error


def canonical(value: Any) -> bytes:
    """Write a value in the one way that giayto signs: compact, UTF-8 unescaped, members in the order given.

    Raises:
        MalformedError: a lone surrogate, NaN or Infinity, which JSON cannot express.
    """
    try:
        text = msgspec.json.encode(value)
    except UnicodeEncodeError as error:
        raise MalformedError("JSON: text holds a lone surrogate") from error
    # msgspec writes null for them: something that nobody said would be signed.
    if b"null" in text and _holds_inexpressible_number(value):
        raise MalformedError("JSON: NaN and Infinity cannot be expressed")
    return text


def _read_canonical(texts: Sequence[bytes], max_bytes: int, max_depth: int) -> list[Any] | None:
    """Return the values of texts that are each what `canonical` writes for its value; None when one is not.

    The encoder puts a line end behind each value and nowhere else. So texts with line ends between them that equal
    what it writes do so one by one: none has lost a duplicate.
    """
    surely_fine = min(max_bytes, 2 * max_depth)  # it takes as many brackets to be deep, and as many to come back
    for text in texts:
        if len(text) > surely_fine and (len(text) > max_bytes or text.count(b"{") + text.count(b"[") > max_depth):
            return None
    try:
        values = [_DECODER.decode(text) for text in texts]
    except (MalformedError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    lines = b"".join([text + b"\n" for text in texts])
    if _LONG_NUMBER in lines.translate(_DIGITS_AS_ZERO) or _LINES.encode_lines(values) != lines:
        return None
    return values


def _require_depth(data: bytes, max_depth: int) -> None:
    steps = array("b", _STRING.sub(b"", data).translate(_STEPS, _NO_BRACKETS))
    if max(accumulate(steps), default=0) > max_depth:
        raise MalformedError(f"JSON: nested deeper than {max_depth}", limit=max_depth)


def _require_unique_members(data: bytes, value: Any) -> None:
    # A member's name ends with a quotation mark and, after white space, a colon. So the text has at most as many
    # members as such pairs, and the value at most as many as the text: equal counts mean that no duplicate was dropped.
    if data.translate(None, _WHITE_SPACE).count(b'":') != _count_members(value):
        _refuse_duplicates(data)


def _count_members(value: Any) -> int:
    members = 0
    unvisited = [value]
    while unvisited:
        node = unvisited.pop()
        if type(node) is dict:
            members += len(node)
            unvisited += node.values()
        elif type(node) is list:
            unvisited += node
    return members


def _require_exact_integers(value: Any) -> None:
    unvisited = [value]
    while unvisited:
        node = unvisited.pop()
        if isinstance(node, dict):
            unvisited += node.values()
        elif isinstance(node, list):
            unvisited += node
        elif isinstance(node, int) and abs(node) > LARGEST_EXACT_INTEGER:
            raise MalformedError("JSON: an integer beyond 2^53 - 1, on which readers do not agree")


def _holds_inexpressible_number(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_inexpressible_number, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_inexpressible_number, value))
    return isinstance(value, float) and not isfinite(value)


def _refuse_duplicates(data: bytes) -> None:
    try:
        _DUPLICATE_FINDER.decode(data.decode())
    except ValueError as error:
        raise MalformedError("JSON: not a valid JSON text") from error


def _unique_members(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise MalformedError("JSON: a member name appears twice in one object")


def _finite(literal: str) -> float:
    number = float(literal)
    if not isfinite(number):
        raise MalformedError("JSON: a number beyond the range of an IEEE double")
    return number


# msgspec's own reader of floats takes microseconds for each exponent of some hundreds; Python's does not.
_DECODER = msgspec.json.Decoder(float_hook=_finite)
_LINES = msgspec.json.Encoder()
_DUPLICATE_FINDER = JSONDecoder(object_pairs_hook=_unique_members)
