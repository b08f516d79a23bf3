"""Reading tables into their classes while collecting every mistake, not only the first.

`msgspec.convert` alone stops at the first mistake; a clerk who learns of them one at a time gives up. So tables are
walked here, member by member, and msgspec converts the single values.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from giayto_issuers.document_type import reasons
from giayto_issuers.document_type.expectations import expected
from giayto_issuers.document_type.reasons import Reason
from giayto_issuers.errors import TypeMistake

T = TypeVar("T", bound=msgspec.Struct)
_NAMING = ("name", "code", "role")
"""Settings that name a table of an array; the first that is text."""


class Mistakes:
    """The mistakes found so far in one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[TypeMistake] = []

    def add(self, path: str, reason: Reason, *, line: int | None = None) -> None:
        """Note one mistake; most lines are found later, from the paths."""
        self.found.append(TypeMistake(self.file, path, reason.text, reason.code, line))


def read_table(kind: type[T], members: Any, path: str, mistakes: Mistakes) -> T | None:
    """Build a table from TOML members.

    Args:
        kind: class of the table.
        members: what tomllib gave.
        path: where it stands, for messages.
        mistakes: takes every mistake.

    Returns:
        The table, or None when it had mistakes.
    """
    before = len(mistakes.found)
    values = read_members(kind, members, path, mistakes)
    return kind(**values) if len(mistakes.found) == before else None


def read_members(kind: type[msgspec.Struct], members: Any, path: str, mistakes: Mistakes) -> dict[str, Any]:
    """Read the members of a table, each for itself.

    Returns:
        Their values by name. None, also as an element of an array or of a table of tables, is what had a mistake; a
        missing member is left out.
    """
    if not isinstance(members, Mapping):
        mistakes.add(path, reasons.TABLE_EXPECTED)
        return {}
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for name in sorted(members.keys() - fields.keys()):
        mistakes.add(join(path, name), reasons.unknown_setting(name, fields))
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in members:
            values[name] = _read_member(_hints(kind)[name], members[name], join(path, name), mistakes)
        elif field.required:
            mistakes.add(join(path, name), reasons.MISSING)
    return values


def join(path: str, name: str) -> str:
    """Return the path of a member."""
    return f"{path}.{name}" if path else name


def element_path(path: str, index: int, members: Any) -> str:
    """Return the path of one table of an array: by its name, which a clerk finds sooner than "the 17th"."""
    names = (members.get(naming) for naming in _NAMING) if isinstance(members, Mapping) else ()
    name = next((name for name in names if isinstance(name, str) and name), None)
    return join(path, name) if name else f"{path}[{index + 1}]"


def _read_member(hint: Any, value: Any, path: str, mistakes: Mistakes) -> Any:
    bare = hint.__origin__ if hasattr(hint, "__metadata__") else hint
    if table := _table(bare):
        return read_table(table, value, path, mistakes)
    if get_origin(bare) is tuple and (table := _table(get_args(bare)[0])):
        # The only limit on an array of tables is that it may not be empty.
        return _read_tables(table, value, path, mistakes, may_be_empty=bare is hint)
    if get_origin(bare) is dict and isinstance(value, Mapping):
        element = get_args(bare)[1]
        return {name: _read_member(element, member, join(path, name), mistakes) for name, member in value.items()}
    try:
        return msgspec.convert(value, hint)
    except msgspec.ValidationError:
        mistakes.add(path, reasons.unfit(expected(hint)))
        return None


def _read_tables(
    kind: type[msgspec.Struct], values: Any, path: str, mistakes: Mistakes, *, may_be_empty: bool
) -> tuple[msgspec.Struct | None, ...]:
    if not isinstance(values, list):
        mistakes.add(path, reasons.array_of_tables(path))
        return ()
    if not values and not may_be_empty:
        mistakes.add(path, reasons.ONE_EXPECTED)
    return tuple(
        read_table(kind, members, element_path(path, index, members), mistakes) for index, members in enumerate(values)
    )


def _table(hint: Any) -> type[msgspec.Struct] | None:
    """Return the class of a table that a hint names, alone or as `X | None`."""
    if get_origin(hint) in (tuple, dict):
        return None
    return next(
        (kind for kind in (hint, *get_args(hint)) if isinstance(kind, type) and issubclass(kind, msgspec.Struct)), None
    )


@cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)
