"""Reading a mapping file, strictly: every mistake of it in one error."""

import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

from giayto_issuers.document_type.model import ClaimType, DocumentType
from giayto_issuers.document_type.reading import Mistakes, join, read_table
from giayto_issuers.errors import MappingError
from giayto_issuers.mapping.column_mapping import ColumnMapping, MappedClaim, folded
from giayto_issuers.mapping.date_format import is_date_format
from giayto_issuers.mapping.model import ClaimRule, MappingFile
from giayto_issuers.mapping.targets import row_keys, targets

_MAX_BYTES = 256 * 1024
_MOMENTS = (ClaimType.DATE, ClaimType.DATETIME)


def read_mapping(path: Path, document_type: DocumentType) -> ColumnMapping:
    """Read and check a mapping file.

    Args:
        path: TOML.
        document_type: the type that the rows are for.

    Raises:
        MappingError: everything that is wrong with the file.
    """
    mistakes = Mistakes(path.name)
    content = _read(path, mistakes)
    written = read_table(MappingFile, _parse(content, mistakes), "", mistakes) if not mistakes.found else None
    if written is not None:
        _check(written, document_type, mistakes)
    if mistakes.found or written is None:
        raise MappingError(mistakes.found)
    keys = row_keys(document_type)
    claims = tuple(
        MappedClaim(name, keys[name], rule, {folded(text): value for text, value in rule.values.items()})
        for name, rule in written.claims.items()
    )
    return ColumnMapping(document_type, claims, frozenset(written.ignored), written.source, sha256(content).hexdigest())


def _check(written: MappingFile, document_type: DocumentType, mistakes: Mistakes) -> None:
    if written.document_type not in (None, document_type.code, document_type.vct):
        mistakes.add("document_type", f"is not {document_type.code}: the mapping is of another type", "contradiction")
    known = targets(document_type)
    for name, rule in written.claims.items():
        path = join("claims", name)
        if name not in known:
            mistakes.add(path, f"no such claim of {document_type.code}; known are {', '.join(known)}", "no_such_name")
            continue
        _check_rule(rule, path, mistakes)
        claim = known[name]
        if rule.date_format is not None and (claim is None or claim.element_type not in _MOMENTS):
            mistakes.add(join(path, "date_format"), "the claim is no date", "setting_misplaced")
        if claim is not None and claim.element_type is ClaimType.CODE:
            for value in rule.values.values():
                if value not in claim.codes:
                    mistakes.add(join(path, "values"), f"{value} is not a code of {claim.name}", "no_such_name")
    used = {column for rule in written.claims.values() for column in rule.sources}
    for column in written.ignored:
        if column in used:
            mistakes.add("ignored", f"column {column} is used by a claim", "contradiction")


def _check_rule(rule: ClaimRule, path: str, mistakes: Mistakes) -> None:
    given = [rule.column is not None, bool(rule.columns), rule.constant is not None]
    if given.count(True) != 1:
        mistakes.add(path, "exactly one of column, columns and constant is needed", "contradiction")
    if (rule.split is None) != (rule.part is None):
        mistakes.add(join(path, "split"), "split and part belong together", "setting_missing")
    if rule.part == 0:
        mistakes.add(join(path, "part"), "parts are counted from 1, or from the end with -1", "value_unfit")
    if rule.split is not None and rule.column is None:
        mistakes.add(join(path, "split"), "only one column can be split", "contradiction")
    if rule.constant is not None and (rule.values or rule.date_format):
        mistakes.add(path, "a constant needs no values and no date_format", "setting_misplaced")
    if rule.date_format is not None and not is_date_format(rule.date_format):
        reason = "dd, mm and yyyy are needed, once each, such as mm/dd/yyyy; HH, MM, SS may follow"
        mistakes.add(join(path, "date_format"), reason, "value_unfit")
    if len({folded(text) for text in rule.values}) < len(rule.values):
        mistakes.add(join(path, "values"), "two of them differ only in case or spaces", "duplicate")


def _read(path: Path, mistakes: Mistakes) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        mistakes.add("", f"cannot be read ({type(error).__name__})", "file_unreadable")
        return b""
    if len(content) > _MAX_BYTES:
        mistakes.add("", f"is larger than {_MAX_BYTES} bytes", "file_unreadable")
    return content


def _parse(content: bytes, mistakes: Mistakes) -> Any:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        mistakes.add("", "is not UTF-8 text", "file_unreadable")
    except tomllib.TOMLDecodeError as error:
        mistakes.add("", f"is not TOML: {error}", "not_toml")
    return {}
