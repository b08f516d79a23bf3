"""Loading document types from their folders, strictly: every mistake of a type in one error."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from giayto_issuers.document_type.claim_checks import check_claim, check_level, check_text
from giayto_issuers.document_type.model import Claim, Codes, DocumentType, DocumentTypes
from giayto_issuers.document_type.reading import Mistakes, join, read_table
from giayto_issuers.document_type.type_checks import check_type
from giayto_issuers.errors import DocumentTypeError

TYPE_FILE = "type.toml"
MAX_FILE_BYTES = 1024 * 1024


class CodeListFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A code list that several types share: `code_lists/<name>.toml`."""

    source: str
    codes: Codes


def load_builtin_types() -> DocumentTypes:
    """Return the document types that come with this package.

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
    shared = _load_shared_code_lists()
    document_type = _read_type(members, shared, folder.name, mistakes)
    if document_type is None:
        raise DocumentTypeError(mistakes.found)
    return document_type


def _read_type(
    members: Mapping[str, Any], shared: Mapping[str, Codes], folder: str, mistakes: Mistakes
) -> DocumentType | None:
    if mistakes.found:
        return None
    document_type = read_table(DocumentType, members, "", mistakes)
    if document_type is None:
        return None
    _check_code_lists(document_type.code_lists, mistakes)
    code_lists = {**shared, **document_type.code_lists}
    resolved = msgspec.structs.replace(
        document_type, claims=tuple(_with_codes(claim, code_lists) for claim in document_type.claims)
    )
    for claim in document_type.claims:
        check_claim(claim, f"claims.{claim.name}", code_lists, mistakes)
    check_level(resolved.claims, "claims", mistakes)
    _check_unused(document_type, mistakes)
    check_type(resolved, folder, mistakes)
    return None if mistakes.found else resolved


def _with_codes(claim: Claim, code_lists: Mapping[str, Codes]) -> Claim:
    return msgspec.structs.replace(
        claim,
        codes=code_lists.get(claim.code_list or "", {}),
        fields=tuple(_with_codes(field, code_lists) for field in claim.fields),
    )


def _check_code_lists(code_lists: Mapping[str, Codes], mistakes: Mistakes) -> None:
    for name, codes in code_lists.items():
        path = join("code_lists", name)
        if not codes:
            mistakes.add(path, "has no codes")
        for code, label in codes.items():
            check_text(label, join(path, code), mistakes)


def _check_unused(document_type: DocumentType, mistakes: Mistakes) -> None:
    used = {claim.code_list for top in document_type.claims for _, claim in top.walk()}
    for name in document_type.code_lists.keys() - used:
        mistakes.add(join("code_lists", name), "no claim uses it")


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
