"""A first mapping from the header of a file: names are compared without diacritics, case and punctuation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unicodedata import category, normalize

import msgspec

from giayto_issuers.document_type.model import Claim, ClaimType, DocumentType
from giayto_issuers.mapping.targets import targets
from giayto_issuers.records.validation import ROW_KEY

_ALIKE = 0.6
_MOST_CODES = 20
_ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "personal_number": ("số căn cước", "số CCCD", "CCCD", "số định danh", "mã định danh", "ID number"),
    "full_name": ("họ tên", "họ và tên", "họ, chữ đệm và tên", "tên", "name"),
    "birth_date": ("ngày sinh", "ngày tháng năm sinh", "sinh ngày", "date of birth", "DOB"),
    "sex": ("giới tính", "giới", "phái", "gender"),
    "tax_code": ("MST", "mã số thuế", "mã số doanh nghiệp"),
}
"""What agencies' exports call the claims that nearly every type has."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a header tells.

    Attributes:
        certain: claim to column, where names are equal but for diacritics, case and punctuation.
        likely: claim to column, where most words are the same; a person must look.
        unmatched: columns that nothing was found for.
        missing: mandatory claims that no column was found for.
    """

    certain: Mapping[str, str]
    likely: Mapping[str, str]
    unmatched: tuple[str, ...]
    missing: tuple[str, ...]


def propose(document_type: DocumentType, columns: Sequence[str]) -> Proposal:
    """Compare the columns of a file with what a type's claims are called."""
    names = {target: _names(target, claim, document_type) for target, claim in _wanted(document_type).items()}
    free = dict.fromkeys(column for column in columns if column not in document_type.source.ignored_columns)
    certain: dict[str, str] = {}
    for target, known in names.items():
        exact = {_plain(name) for name in known}
        column = next((column for column in free if _plain(column) in exact), None)
        if column is not None:
            certain[target] = column
            del free[column]
    likely: dict[str, str] = {}
    for column in list(free):
        best = max((target for target in names if target not in certain and target not in likely),
                   key=lambda target: _likeness(column, names[target]), default=None)  # fmt: skip
        if best is not None and _likeness(column, names[best]) >= _ALIKE:
            likely[best] = column
            del free[column]
    found = certain.keys() | likely.keys()
    missing = tuple(claim.name for claim in document_type.claims if claim.mandatory and not _is_found(claim, found))
    return Proposal(certain, likely, tuple(free), missing)


def mapping_text(document_type: DocumentType, proposal: Proposal) -> str:
    """Write a proposal as a mapping file."""
    lines = [f"document_type = {_quoted(document_type.code)}", ""]
    if proposal.unmatched:
        lines += [
            "# Các cột này không khớp với trường nào: bỏ qua, hoặc chuyển xuống một mục [claims.…].",
            "# No claim was found for these columns: ignore them, or move them to a [claims.…] below.",
            f"ignored = [{', '.join(map(_quoted, proposal.unmatched))}]",
            "",
        ]
    for name in proposal.missing:
        lines += [f'# Thiếu trường bắt buộc · missing mandatory claim: [claims.{name}] column = "…"', ""]
    known = targets(document_type)
    for name, column in {**proposal.certain, **proposal.likely}.items():
        if name in proposal.likely:
            lines.append("# Phỏng đoán, hãy kiểm tra lại · a guess: look at it")
        lines += [f"[claims.{_key(name)}]", f"column = {_quoted(column)}"]
        claim = known[name]
        if claim is not None and claim.element_type is ClaimType.CODE and len(claim.codes) <= _MOST_CODES:
            pairs = ", ".join(f"{_quoted(label.vi)} = {_quoted(code)}" for code, label in claim.codes.items())
            lines.append(f"values = {{ {pairs} }}")
        lines.append("")
    return "\n".join(lines)


def _wanted(document_type: DocumentType) -> Mapping[str, Claim | None]:
    known = targets(document_type)
    of_claims = {column for claim in known.values() if claim is not None for column in claim.columns}
    if document_type.source.row_key_column in of_claims:
        # A claim of the type is its row key already.
        return {name: claim for name, claim in known.items() if name != ROW_KEY}
    return known


def _names(target: str, claim: Claim | None, document_type: DocumentType) -> list[str]:
    if claim is None:
        return [target, document_type.source.row_key_column] if target == ROW_KEY else [target]
    return [*claim.columns, target, claim.label.vi, claim.label.en, *_ALSO_CALLED.get(target, ())]


def _is_found(claim: Claim, found: frozenset[str] | set[str]) -> bool:
    return any(name == claim.name or name.startswith(f"{claim.name}.") for name in found)


def _likeness(column: str, names: Sequence[str]) -> float:
    words = set(_words(column))
    return max(
        (len(words & other) / len(words | other) for other in map(set, map(_words, names)) if words), default=0.0
    )


def _plain(text: str) -> str:
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    """Return the words of a name, small and without diacritics."""
    bare = "".join(mark for mark in normalize("NFD", text.casefold()) if category(mark) != "Mn").replace("đ", "d")
    return "".join(letter if letter.isalnum() else " " for letter in bare).split()


def _quoted(text: str) -> str:
    # A basic string of TOML escapes what JSON escapes.
    return msgspec.json.encode(text).decode("utf-8")


def _key(name: str) -> str:
    return _quoted(name) if "." in name else name
