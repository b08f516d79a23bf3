"""Loading document types from their folders, strictly: every mistake of a type in one error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from giayto_issuers.code_lists.dated import dated_code_lists
from giayto_issuers.document_type import reasons
from giayto_issuers.document_type.draft import Draft
from giayto_issuers.document_type.model import Codes, DocumentType, DocumentTypes
from giayto_issuers.document_type.reading import Mistakes, read_table
from giayto_issuers.document_type.reasons import Reason
from giayto_issuers.document_type.toml_files import read_toml, with_lines
from giayto_issuers.document_type.type_checks import check_type
from giayto_issuers.errors import DocumentTypeError, TypeMistake

TYPE_FILE = "type.toml"
MAX_FILE_BYTES = 1024 * 1024


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
            mistakes.append(_mistake(folder / one.code / TYPE_FILE, "vct", reasons.comes_along(one.vct)))
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
    read = read_toml(file, mistakes, most_bytes=MAX_FILE_BYTES)
    if read is None:
        raise DocumentTypeError(mistakes.found)
    draft = Draft.read(read.members, load_shared_code_lists(), mistakes)
    check_type(draft, folder.name, mistakes)
    if mistakes.found:
        raise DocumentTypeError(with_lines(mistakes, read))
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
            reason = reasons.described_in(loaded.vct, vcts[loaded.vct])
            mistakes.append(_mistake(folder / TYPE_FILE, "vct", reason))
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
        read = read_toml(file, mistakes, most_bytes=MAX_FILE_BYTES)
        loaded = read_table(CodeListFile, read.members, "", mistakes) if read else None
        if loaded is None:
            raise DocumentTypeError(mistakes.found)
        lists[file.name.removesuffix(".toml")] = loaded.codes
    return lists


def _further_folders(folder: Path) -> Sequence[Path | Traversable]:
    try:
        return _type_folders(folder)
    except OSError as error:
        raise DocumentTypeError([_mistake(folder, "", reasons.unreadable(error))]) from error


def _mistake(file: Path, path: str, reason: Reason) -> TypeMistake:
    return TypeMistake(str(file), path, reason.text, reason.code)


def _type_folders(folder: Traversable | Path) -> Sequence[Path | Traversable]:
    # What begins with a dot is a version control's or an editor's own.
    folders = [one for one in folder.iterdir() if one.is_dir() and not one.name.startswith((".", "_"))]
    return sorted(folders, key=lambda one: one.name)


def _package_folder(name: str) -> Traversable:
    return files("giayto_issuers") / name
