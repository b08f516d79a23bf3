"""Loading document types from their folders, strictly: every mistake of a type in one error."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from giayto_issuers.document_type.draft import Draft
from giayto_issuers.document_type.model import Codes, DocumentType, DocumentTypes
from giayto_issuers.document_type.reading import Mistakes, read_table
from giayto_issuers.document_type.type_checks import check_type
from giayto_issuers.errors import DocumentTypeError

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
    folders = sorted((folder for folder in _package_folder("types").iterdir() if folder.is_dir()), key=lambda f: f.name)
    return DocumentTypes(tuple(load_type(folder) for folder in folders))


def load_type(folder: Path | Traversable) -> DocumentType:
    """Read the document type of one folder.

    Args:
        folder: holds `type.toml`; its name is the type's code.

    Raises:
        DocumentTypeError: everything that is wrong with it, each with file, place and reason.
    """
    file = folder / TYPE_FILE
    mistakes = Mistakes(str(file))
    members = _read_toml(file, mistakes)
    if not mistakes.found:
        draft = Draft.read(members, _load_shared_code_lists(), mistakes)
        check_type(draft, folder.name, mistakes)
    if mistakes.found:
        raise DocumentTypeError(mistakes.found)
    return draft.finish()


def _load_shared_code_lists() -> dict[str, Codes]:
    lists: dict[str, Codes] = {}
    for file in _package_folder("code_lists").iterdir():
        if not file.name.endswith(".toml"):
            continue
        mistakes = Mistakes(file.name)
        loaded = read_table(CodeListFile, _read_toml(file, mistakes), "", mistakes)
        if loaded is None:
            raise DocumentTypeError(mistakes.found)
        lists[file.name.removesuffix(".toml")] = loaded.codes
    return lists


def _read_toml(file: Path | Traversable, mistakes: Mistakes) -> Mapping[str, Any]:
    try:
        content = file.read_bytes()
    except OSError as error:
        mistakes.add("", f"cannot be read ({type(error).__name__})")
        return {}
    if len(content) > MAX_FILE_BYTES:
        mistakes.add("", f"is larger than {MAX_FILE_BYTES} bytes")
        return {}
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        mistakes.add("", "is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        mistakes.add("", f"is not TOML: {error}")
    return {}


def _package_folder(name: str) -> Traversable:
    return files("giayto_issuers") / name
