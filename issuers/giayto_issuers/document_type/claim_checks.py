"""What one claim may say, by its type; and what the claims of one level must agree on."""

import re
from collections.abc import Callable, Iterable, Mapping
from unicodedata import is_normalized

from giayto_crypto.localised import Localised
from giayto_issuers.document_type import reasons
from giayto_issuers.document_type.model import Claim, ClaimType, Codes, PresentWhen
from giayto_issuers.document_type.reading import Mistakes, join
from giayto_issuers.document_type.reasons import Reason
from giayto_issuers.identifiers.rules import RULES

_TEXTUAL = frozenset({ClaimType.STRING, ClaimType.TEXT, ClaimType.IDENTIFIER})
_NUMERIC = frozenset({ClaimType.INTEGER, ClaimType.DECIMAL})
_ONLY_FOR: Mapping[str, frozenset[ClaimType]] = {
    "max_length": _TEXTUAL,
    "pattern": frozenset({ClaimType.STRING}),
    "minimum": _NUMERIC,
    "maximum": _NUMERIC,
    "unit": _NUMERIC,
    "partial": frozenset({ClaimType.DATE}),
    "identifier": frozenset({ClaimType.IDENTIFIER}),
    "code_list": frozenset({ClaimType.CODE}),
    "fields": frozenset({ClaimType.OBJECT}),
    "fields_disclosable": frozenset({ClaimType.OBJECT}),
}
"""Settings and the kinds of single value that they make sense for."""
_NEEDED_FOR = {ClaimType.IDENTIFIER: "identifier", ClaimType.CODE: "code_list", ClaimType.OBJECT: "fields"}
_ONLY_FOR_LISTS = ("item", "separator", "max_items", "elements_disclosable")

Note = Callable[[str, Reason], None]


def check_claim(claim: Claim, path: str, code_lists: Mapping[str, Codes], mistakes: Mistakes) -> None:
    """Note what is wrong with one claim and the fields below it."""

    def note(setting: str, reason: Reason) -> None:
        mistakes.add(join(path, setting), reason)

    _check_settings(claim, note)
    _check_references(claim, code_lists, note)
    _check_bounds(claim, note)
    _check_presence(claim, note)
    check_text(claim.label, join(path, "label"), mistakes)
    if claim.description is not None:
        check_text(claim.description, join(path, "description"), mistakes)
    for field in claim.fields:
        field_path = f"{path}.fields.{field.name}"
        check_claim(field, field_path, code_lists, mistakes)
        for setting in ("always_shown", "live"):
            if getattr(field, setting):
                mistakes.add(join(field_path, setting), reasons.ONLY_AT_THE_TOP)
    check_level(claim.fields, f"{path}.fields", mistakes)


def check_level(
    claims: Iterable[Claim], path: str, mistakes: Mistakes, *, unreadable: frozenset[str] = frozenset()
) -> None:
    """Note what is wrong between the claims of one level: equal names, equal columns, conditions on each other.

    Args:
        claims: those that could be read.
        path: of the level.
        mistakes: takes what is found.
        unreadable: names of further claims of the level, which have mistakes of their own.
    """
    siblings = list(claims)
    for name in _duplicates(claim.name for claim in siblings):
        mistakes.add(join(path, name), reasons.TWICE)
    _check_columns(siblings, path, mistakes)
    by_name = {claim.name: claim for claim in siblings}
    for claim in siblings:
        if claim.present_when is not None and claim.present_when.claim not in unreadable:
            where = join(join(path, claim.name), "present_when")
            _check_condition(claim.present_when, by_name.get(claim.present_when.claim), where, mistakes)


def _check_columns(claims: Iterable[Claim], path: str, mistakes: Mistakes) -> None:
    users: dict[str, str] = {}
    for claim in claims:
        for column in claim.row_columns:
            if column in users:
                mistakes.add(f"{join(path, claim.name)}.columns", reasons.column_of_two(column, users[column]))
            users.setdefault(column, claim.name)


def check_text(text: Localised, path: str, mistakes: Mistakes) -> None:
    """Note text for people that is empty or not in normal form C."""
    for language, words in (("vi", text.vi), ("en", text.en)):
        if not words.strip():
            mistakes.add(join(path, language), reasons.EMPTY_TEXT)
        elif not is_normalized("NFC", words):
            mistakes.add(join(path, language), reasons.NOT_NFC)


def _check_settings(claim: Claim, note: Note) -> None:
    is_list = claim.type is ClaimType.LIST
    if is_list and claim.item in (None, ClaimType.LIST):
        note("item", reasons.LIST_WITHOUT_ITEM)
    for setting in _ONLY_FOR_LISTS:
        if not is_list and getattr(claim, setting):
            note(setting, reasons.ONLY_FOR_LISTS)
    for setting, kinds in _ONLY_FOR.items():
        if getattr(claim, setting) not in (None, False, ()) and claim.element_type not in kinds:
            note(setting, reasons.only_for(kinds))
    needed = _NEEDED_FOR.get(claim.element_type)
    if needed and not getattr(claim, needed):
        note(needed, reasons.needed_by(claim.element_type))
    if claim.separator and claim.item is ClaimType.OBJECT:
        note("separator", reasons.OBJECTS_IN_A_CELL)
    if not claim.columns and claim.type is not ClaimType.OBJECT:
        note("columns", reasons.NO_COLUMNS)


def _check_references(claim: Claim, code_lists: Mapping[str, Codes], note: Note) -> None:
    if claim.identifier is not None and claim.identifier not in RULES:
        note("identifier", reasons.unknown_name("loại số định danh", "identifier", RULES))
    if claim.code_list is not None and claim.code_list not in code_lists:
        note("code_list", reasons.unknown_name("danh mục mã", "code list", sorted(code_lists)))
    if claim.codes and claim.codes is not code_lists.get(claim.code_list or ""):
        note("codes", reasons.CODES_WRITTEN)


def _check_bounds(claim: Claim, note: Note) -> None:
    if claim.minimum is not None and claim.maximum is not None and claim.minimum > claim.maximum:
        note("minimum", reasons.CROSSED_BOUNDS)
    if claim.pattern is not None:
        try:
            re.compile(claim.pattern)
        except re.error as error:
            note("pattern", reasons.bad_pattern(error.msg))


def _check_presence(claim: Claim, note: Note) -> None:
    if claim.always_shown and not claim.mandatory:
        note("always_shown", reasons.SHOWN_BUT_OPTIONAL)
    if claim.present_when is not None and claim.mandatory:
        note("present_when", reasons.CONDITION_OF_MANDATORY)


def _check_condition(condition: PresentWhen, other: Claim | None, where: str, mistakes: Mistakes) -> None:
    if other is None:
        mistakes.add(join(where, "claim"), reasons.NO_SIBLING_CLAIM)
    elif other.type is not ClaimType.CODE:
        mistakes.add(join(where, "claim"), reasons.CONDITION_ON_NO_CODE)
    else:
        for value in condition.values:
            if value not in other.codes:
                mistakes.add(join(where, "values"), reasons.not_a_code(value, other.name))


def _duplicates(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for name in names:
        if name in seen:
            twice[name] = None
        seen.add(name)
    return list(twice)
