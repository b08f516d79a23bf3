"""On which line of a TOML file a setting stands.

`tomllib` gives values without their places. So the file is read once more, statement by statement: a statement is the
fewest lines that tomllib takes for a document of their own, and what they say names the setting. Only a file with
mistakes is read this way.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from giayto_issuers.document_type.reading import element_path, join

_CLOSINGS = ("]", "}", '"""', "'''")
"""What a value of several lines ends with; only behind one of these it is worth to read again."""
_TIMES_READ = 8
"""How often a file may be read as a whole, counting all its parts; a file of odd values has settings without lines."""

_Step = str | int


@dataclass(frozen=True, slots=True)
class _Statement:
    line: int
    members: Mapping[str, Any]
    is_header: bool
    opens_element: bool
    """`[[...]]`: a further element of an array of tables."""


class Lines:
    """The lines of one file's settings, by the paths that mistakes are told with."""

    def __init__(self, text: str) -> None:
        """Find them.

        Args:
            text: TOML that tomllib reads.
        """
        self._by_path: dict[str, int] = {}
        document = tomllib.loads(text)
        for steps, line in _places(text):
            self._by_path[_readable(document, steps)] = line

    def find(self, path: str) -> int | None:
        """Return the line of a setting; of a missing one, that of the table where it should stand."""
        while path and path not in self._by_path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self._by_path.get(path)


def _places(text: str) -> Iterator[tuple[tuple[_Step, ...], int]]:
    """Yield keys and array positions of every table and setting, with the line where it begins."""
    table: tuple[_Step, ...] = ()
    elements: dict[tuple[_Step, ...], int] = {}
    for statement in _statements(text.splitlines()):
        if not statement.is_header:
            for below in _paths(statement.members):
                yield (*table, *below), statement.line
            continue
        names = _names(statement.members)
        if statement.opens_element:
            above = _resolve(names[:-1], elements)
            array = (*above, names[-1])
            elements[array] = elements.get(array, -1) + 1
        table = _resolve(names, elements)
        yield table, statement.line


def _statements(lines: list[str]) -> Iterator[_Statement]:
    budget = _TIMES_READ * sum(len(line) + 1 for line in lines)
    number = 0
    while number < len(lines):
        line = lines[number].strip()
        if not line or line.startswith("#"):
            number += 1
            continue
        read = _read(lines, number, budget)
        if read is None:
            return
        yield _Statement(number + 1, read.members, line.startswith("["), line.startswith("[["))
        number += read.lines
        budget -= read.cost


@dataclass(frozen=True, slots=True)
class _Read:
    members: Mapping[str, Any]
    lines: int
    cost: int
    """Characters that were read for it."""


def _read(lines: list[str], first: int, budget: int) -> _Read | None:
    """Read the statement that begins at a line; None when that takes more characters than are left."""
    text, cost = "", 0
    for length, line in enumerate(islice(lines, first, None), 1):
        text += line + "\n"
        if length > 1 and not any(closing in line for closing in _CLOSINGS):
            continue
        cost += len(text)
        if cost > budget:
            return None
        try:
            return _Read(tomllib.loads(text), length, cost)
        except tomllib.TOMLDecodeError:
            continue
    return None


def _names(header: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of `[a.b]`, which alone is the document {"a": {"b": {}}}."""
    names = []
    inside: Any = header
    while inside:
        name, inside = next(iter(inside.items()))
        inside = inside[0] if isinstance(inside, list) else inside
        names.append(name)
    return tuple(names)


def _resolve(names: tuple[str, ...], elements: Mapping[tuple[_Step, ...], int]) -> tuple[_Step, ...]:
    """Return names with the position of the newest element after each array of tables."""
    steps: tuple[_Step, ...] = ()
    for name in names:
        steps = (*steps, name)
        if steps in elements:
            steps = (*steps, elements[steps])
    return steps


def _paths(members: Any, above: tuple[_Step, ...] = ()) -> Iterator[tuple[_Step, ...]]:
    """Yield the path of every setting in a statement, those of inline tables and arrays of them included."""
    if above:
        yield above
    inside = members.items() if isinstance(members, Mapping) else enumerate(members) if _has_tables(members) else ()
    for step, value in inside:
        yield from _paths(value, (*above, step))


def _has_tables(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(element, Mapping) for element in value)


def _readable(document: Mapping[str, Any], steps: tuple[_Step, ...]) -> str:
    path, inside = "", document
    for step in steps:
        inside = inside[step]  # type: ignore[index]  # a step of an array is a position in it
        path = element_path(path, step, inside) if isinstance(step, int) else join(path, step)
    return path
