"""JSON for programs on standard output: indented, Vietnamese as it is, long lists written as they are read."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any


def write_json(value: object) -> None:
    """Write one value."""
    sys.stdout.write(_text(value) + "\n")


def write_json_array(elements: Iterable[object]) -> None:
    """Write an array, one element a line; only one of them is in memory at a time."""
    _write_elements(elements)
    sys.stdout.write("\n")


def write_json_object(members: Mapping[str, Any], last: str, elements: Iterable[object]) -> None:
    """Write an object whose last member is a long array, written as `write_json_array` does."""
    sys.stdout.write(f"{_text(members).removesuffix('}').rstrip()},\n  {json.dumps(last)}: ")
    _write_elements(elements)
    sys.stdout.write("\n}\n")


def _write_elements(elements: Iterable[object]) -> None:
    separator = "["
    for element in elements:
        sys.stdout.write(f"{separator}\n  {json.dumps(element, ensure_ascii=False)}")
        separator = ","
    sys.stdout.write("[]" if separator == "[" else "\n]")


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
