"""Loading document types from their folders, strictly: every mistake of a type in one error."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from re import compile as compile_pattern
from typing import Any

import msgspec

from giayto_issuers.code_lists.dated import dated_code_lists
from giayto_issuers.document_type.draft import Draft
from giayto_issuers.document_type.lines import Lines
from giayto_issuers.document_type.model import Codes, DocumentType, DocumentTypes
from giayto_issuers.document_type.reading import Mistakes, read_table
from giayto_issuers.document_type.type_checks import check_type
from giayto_issuers.errors import DocumentTypeError, TypeMistake

TYPE_FILE = "type.toml"
MAX_FILE_BYTES = 1024 * 1024
_TOML_LINE = compile_pattern(r"at line (\d+)")


class CodeListFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A code list that several types share: `code_lists/<name>.toml`."""

    source: str
    codes: Codes


@cache
def load_builtin_types() -> DocumentTypes:
    """Return the document types that come with this package; they are immutable, and read once.

    Raises:
        DocumentTypeError: an installation was tampered with; our own tests load them all.
    """
    return DocumentTypes(tuple(load_type(folder) for folder in _type_folders(_package_folder("types"))))


def load_types(folder: Path | None) -> DocumentTypes:
    """Return the types of a folder together with those that come with this package.

    Args:
        folder: holds one folder for each type; None when there are no further types.

    Raises:
        DocumentTypeError: everything that is wrong with any of them, or a vct that is there already.
    """
    builtin = load_builtin_types()
    if folder is None:
        return builtin
    mistakes: list[TypeMistake] = []
    added: list[DocumentType] = []
    for type_folder in _further_folders(folder):
        try:
            added.append(load_type(type_folder))
        except DocumentTypeError as error:
            mistakes += error.mistakes
    for one in added:
        if one.vct in {other.vct for other in builtin}:
            reason = f"{one.vct} comes with giayto: choose another code, or a new version"
            mistakes.append(TypeMistake(str(folder / one.code / TYPE_FILE), "vct", reason, "duplicate"))
    if mistakes:
        raise DocumentTypeError(mistakes)
    return DocumentTypes((*builtin, *added))


def load_type(folder: Path | Traversable) -> DocumentType:
    """Read the document type of one folder.

    Args:
        folder: holds `type.toml`; its name is the type's code.

    Raises:
        DocumentTypeError: everything that is wrong with it, each with file, line, place and reason.
    """
    file = folder / TYPE_FILE
    mistakes = Mistakes(str(file))
    read = _read_toml(file, mistakes)
    if read is None:
        raise DocumentTypeError(mistakes.found)
    draft = Draft.read(read.members, load_shared_code_lists(), mistakes)
    check_type(draft, folder.name, mistakes)
    if mistakes.found:
        raise DocumentTypeError(_with_lines(mistakes.found, read.text))
    return draft.finish()


@dataclass(frozen=True, slots=True)
class CheckedFolders:
    """What was found in the folders of types: which types there were, and all that is wrong with them."""

    folders: tuple[Path, ...]
    mistakes: tuple[TypeMistake, ...]


def check_folders(folders: Sequence[Path]) -> CheckedFolders:
    """Check types without using them.

    Args:
        folders: each of one type, or of several types, each in a folder of its own.
    """
    found = [folder for given in folders for folder in _folders_of_types(given)]
    mistakes: list[TypeMistake] = []
    vcts: dict[str, Path] = {}
    for folder in found:
        try:
            loaded = load_type(folder)
        except DocumentTypeError as error:
            mistakes += error.mistakes
            continue
        if vcts.setdefault(loaded.vct, folder) != folder:
            reason = f"{loaded.vct} is described in {vcts[loaded.vct]} as well"
            mistakes.append(TypeMistake(str(folder / TYPE_FILE), "vct", reason, "duplicate"))
    return CheckedFolders(tuple(found), tuple(mistakes))


def _folders_of_types(folder: Path) -> Sequence[Path]:
    """Return the folder itself when it holds a type, or is no folder at all, and else the folders in it."""
    if (folder / TYPE_FILE).exists() or not folder.is_dir():
        return [folder]
    return [Path(str(one)) for one in _type_folders(folder)] or [folder]


@cache
def load_shared_code_lists() -> Mapping[str, Codes]:
    """Return the code lists that types may name without having them in their own file."""
    lists: dict[str, Codes] = {name: dated.newest_names for name, dated in dated_code_lists().items()}
    for file in _package_folder("code_lists").iterdir():
        if not file.name.endswith(".toml"):
            continue
        mistakes = Mistakes(file.name)
        read = _read_toml(file, mistakes)
        loaded = read_table(CodeListFile, read.members, "", mistakes) if read else None
        if loaded is None:
            raise DocumentTypeError(mistakes.found)
        lists[file.name.removesuffix(".toml")] = loaded.codes
    return lists


@dataclass(frozen=True, slots=True)
class _TomlText:
    """A file that is TOML, and what it says."""

    text: str
    members: Mapping[str, Any]


def _read_toml(file: Path | Traversable, mistakes: Mistakes) -> _TomlText | None:
    try:
        content = file.read_bytes()
    except OSError as error:
        mistakes.add("", f"cannot be read ({type(error).__name__})", "file_unreadable")
        return None
    if len(content) > MAX_FILE_BYTES:
        mistakes.add("", f"is larger than {MAX_FILE_BYTES} bytes", "file_unreadable")
        return None
    try:
        # Line ends as a clerk's editor left them; a mark at the beginning is what Windows writes.
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        return _TomlText(text, tomllib.loads(text))
    except UnicodeDecodeError:
        mistakes.add("", "is not UTF-8 text", "file_unreadable")
    except tomllib.TOMLDecodeError as error:
        match = _TOML_LINE.search(str(error))
        mistakes.add("", f"is not TOML: {error}", "not_toml", line=int(match[1]) if match else None)
    return None


def _with_lines(mistakes: Sequence[TypeMistake], text: str) -> list[TypeMistake]:
    lines = Lines(text)
    placed = [replace(mistake, line=lines.find(mistake.path)) for mistake in mistakes]
    return sorted(placed, key=lambda mistake: mistake.line or 0)


def _further_folders(folder: Path) -> Sequence[Path | Traversable]:
    try:
        return _type_folders(folder)
    except OSError as error:
        reason = f"the folder of document types cannot be read ({type(error).__name__})"
        raise DocumentTypeError([TypeMistake(str(folder), "", reason, "file_unreadable")]) from error


def _type_folders(folder: Traversable | Path) -> Sequence[Path | Traversable]:
    # What begins with a dot is a version control's or an editor's own.
    folders = [one for one in folder.iterdir() if one.is_dir() and not one.name.startswith((".", "_"))]
    return sorted(folders, key=lambda one: one.name)


def _package_folder(name: str) -> Traversable:
    return files("giayto_issuers") / name
