"""TOML files that clerks write: read with a limit, and their mistakes given the lines on which they stand."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from re import compile as compile_pattern
from typing import Any, Final

from giayto_issuers.document_type import reasons
from giayto_issuers.document_type.lines import Lines
from giayto_issuers.document_type.reading import Mistakes
from giayto_issuers.errors import TypeMistake

_TOML_LINE: Final = compile_pattern(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class TomlText:
    """A file that is TOML, and what it says."""

    text: str
    members: Mapping[str, Any]


def read_toml(file: Path | Traversable, mistakes: Mistakes, *, most_bytes: int) -> TomlText | None:
    """Read a file; None, and a mistake, when it cannot be read, is too large, not UTF-8 or not TOML."""
    try:
        with file.open("rb") as stream:
            content = stream.read(most_bytes + 1)
    except OSError as error:
        mistakes.add("", reasons.unreadable(error))
        return None
    if len(content) > most_bytes:
        mistakes.add("", reasons.too_large(most_bytes))
        return None
    try:
        # Line ends as a clerk's editor left them; a mark at the beginning is what Windows writes.
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        return TomlText(text, tomllib.loads(text))
    except UnicodeDecodeError:
        mistakes.add("", reasons.NOT_UTF_8)
    except tomllib.TOMLDecodeError as error:
        match = _TOML_LINE.search(str(error))
        mistakes.add("", reasons.not_toml(str(error)), line=int(match[1]) if match else None)
    return None


def with_lines(mistakes: Mistakes, read: TomlText | None) -> list[TypeMistake]:
    """Return what was found in a file in the order of its lines."""
    if read is None:
        return mistakes.found
    lines = Lines(read.text)
    placed = [replace(mistake, line=lines.find(mistake.path)) for mistake in mistakes.found]
    return sorted(placed, key=lambda mistake: mistake.line or 0)
