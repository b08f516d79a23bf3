"""The claims of a document type compiled into msgspec classes: a quick yes for what is written as it should be.

The walk of `giayto_issuers.records.normalisation` explains what is wrong, and pays for that at every value. Nearly all
claims are right, and to see that takes no explanation: msgspec checks names, kinds, lengths and codes while it reads
the tree in C, and characters are looked at in one text of the whole tree. What gets no quick yes goes the explaining
way, so the answer is the same, and a test holds the two to it.
"""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from types import GenericAlias
from typing import Annotated, Any, ClassVar, Final, Literal
from unicodedata import is_normalized

import msgspec

from giayto_issuers.document_type.model import Claim, ClaimType, DocumentType
from giayto_issuers.identifiers.rules import RULES
from giayto_issuers.values.single import MAX_SAFE_INTEGER, MAX_TEXT, normalise_single
from giayto_issuers.values.unfit import Unfit

MAX_ITEMS: Final = 1_000
"""Elements of any list, whatever its claim allows."""
MOST_CODES: Final = 10_000
"""Codes of one list that are compiled; checking those of a longer one is left to its normaliser."""

_Check = Callable[[Any], bool]
_BLANKS: Final = ("{}", "[]", '""')
_LOOSE_SPACES: Final = ("  ", '" ', ' "')
_LINE_BREAK: Final = "\\n"
"""As JSON writes it."""
_LOOSE_BREAKS: Final = (f'"{_LINE_BREAK}', f'{_LINE_BREAK}"', f" {_LINE_BREAK}")
_DAY: Final = (
    r"(?:18[5-9]|19\d|20\d|21\d)\d-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
)
"""Days of the years that are signed; the 29th of February is left to the explaining way."""
_TIME: Final = r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\+07:00"
_ONE_LINE: Final = r"\A[^\n]*\Z"


class _Checked:
    """Base of the classes that stand for a value which only Python can judge; msgspec asks `_judge` about each."""

    check: ClassVar[_Check]
    passed: ClassVar["_Checked"]


class CompiledClaims:
    """The claims of one type, for quick answers."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        """Compile them, which takes milliseconds: once for each type."""
        self._of_lines = _level(claims, one_line=True)
        self._of_paragraphs = _level(claims, one_line=False)

    def accept(self, claims: Mapping[str, Any]) -> bool:
        """Tell whether claims are surely right.

        Args:
            claims: of a whole credential, without the members of the credential profile.

        Returns:
            True: every claim is known, mandatory ones are there, each is in its signed form. False says nothing.
        """
        try:
            text = msgspec.json.encode(claims).decode("utf-8")
            if not _is_in_order(text):
                return False
            kind = self._of_paragraphs if _LINE_BREAK in text else self._of_lines
            msgspec.convert(claims, kind, dec_hook=_judge)
        except (msgspec.ValidationError, Unfit, TypeError, ValueError, OverflowError, RecursionError):
            return False
        return True


_compiled: dict[int, tuple[DocumentType, CompiledClaims]] = {}
_lock = Lock()


def compiled(document_type: DocumentType) -> CompiledClaims:
    """Return a type's compiled claims; they are compiled when they are first asked for."""
    found = _compiled.get(id(document_type))
    if found is None:
        with _lock:
            # Kept with its type, which therefore lives on: its id stays its own.
            found = _compiled.setdefault(id(document_type), (document_type, CompiledClaims(document_type.claims)))
    return found[1]


def _is_in_order(text: str) -> bool:
    r"""Tell whether every string in a JSON text is in its signed form as far as its characters and spaces go.

    msgspec writes no space between members and escapes nothing but `"`, `\` and control characters. So where `\n` is
    the only escape, each space is one of a string. `str.isprintable` takes no white space but U+0020, and refuses all
    that may not be signed.
    """
    if any(blank in text for blank in _BLANKS) or any(spaces in text for spaces in _LOOSE_SPACES):
        return False
    if "\\" in text and ("\\" in text.replace(_LINE_BREAK, "") or any(loose in text for loose in _LOOSE_BREAKS)):
        return False
    return text.isprintable() and is_normalized("NFC", text)


def _level(claims: Sequence[Claim], *, one_line: bool) -> type[msgspec.Struct]:
    """Return the class of one level: as its claims are named, with mandatory ones required and no others known.

    Args:
        claims: of the level.
        one_line: whether no string that will be read has a line break.
    """
    conditions = _conditions(claims)
    return msgspec.defstruct(
        "Level",
        [_field(number, claim, one_line=one_line) for number, claim in enumerate(claims)],
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
        namespace={"__post_init__": conditions} if conditions else None,
    )


def _field(number: int, claim: Claim, *, one_line: bool) -> tuple[str, Any, Any]:
    # A claim may be called `class`, which no attribute can be. The default None is never compared with the kind: a
    # claim that is null is refused.
    given = msgspec.field(name=claim.name) if claim.mandatory else msgspec.field(name=claim.name, default=None)
    return _attribute(number), _kind(claim, one_line=one_line), given


def _attribute(number: int) -> str:
    return f"claim_{number}"


def _conditions(claims: Sequence[Claim]) -> Callable[[Any], None] | None:
    """Return what checks the claims of a level that must be there exactly when another says so."""
    attributes = {claim.name: _attribute(number) for number, claim in enumerate(claims)}
    conditional = [
        (attributes[claim.name], attributes[claim.present_when.claim], frozenset(claim.present_when.values))
        for claim in claims
        if claim.present_when is not None
    ]
    if not conditional:
        return None

    def check(level: Any) -> None:
        for own, other, values in conditional:
            if (getattr(level, own) is not None) != (getattr(level, other) in values):
                raise ValueError("a condition is not met")

    return check


def _kind(claim: Claim, *, one_line: bool) -> Any:
    kind = _single_kind(claim, one_line=one_line)
    if claim.type is not ClaimType.LIST:
        return kind
    limit = min(claim.max_items or MAX_ITEMS, MAX_ITEMS)
    return Annotated[GenericAlias(list, (kind,)), msgspec.Meta(max_length=limit)]


def _single_kind(claim: Claim, *, one_line: bool) -> Any:
    match claim.element_type:
        case ClaimType.OBJECT:
            return _level(claim.fields, one_line=one_line)
        case ClaimType.BOOLEAN:
            return bool
        case ClaimType.INTEGER:
            return _integer(claim)
        case ClaimType.CODE if 0 < len(claim.codes) <= MOST_CODES:
            return Literal[tuple(claim.codes)]
        case ClaimType.TEXT:
            return _text(claim, None)
        case ClaimType.STRING if claim.pattern is None:
            return _text(claim, None if one_line else _ONE_LINE)
        case ClaimType.DATE if not claim.partial:
            return Annotated[str, msgspec.Meta(pattern=rf"(?a)\A{_DAY}\Z")]
        case ClaimType.DATETIME:
            return Annotated[str, msgspec.Meta(pattern=rf"(?a)\A{_DAY}(?:{_TIME})?\Z")]
        case ClaimType.IDENTIFIER:
            return _checked(_identifier_check(claim))
        case _:
            return _checked(_general_check(claim))


def _integer(claim: Claim) -> Any:
    lowest = -MAX_SAFE_INTEGER if claim.minimum is None else max(claim.minimum, -MAX_SAFE_INTEGER)
    highest = MAX_SAFE_INTEGER if claim.maximum is None else min(claim.maximum, MAX_SAFE_INTEGER)
    return Annotated[int, msgspec.Meta(ge=lowest, le=highest)]


def _text(claim: Claim, pattern: str | None) -> Any:
    limit = min(claim.max_length or MAX_TEXT, MAX_TEXT)
    return Annotated[str, msgspec.Meta(max_length=limit, pattern=pattern)]


def _checked(check: _Check) -> type[_Checked]:
    kind: type[_Checked] = type("Checked", (_Checked,), {"check": staticmethod(check)})
    kind.passed = kind()
    return kind


def _identifier_check(claim: Claim) -> _Check:
    rule, limit = RULES[claim.identifier or ""], min(claim.max_length or MAX_TEXT, MAX_TEXT)
    return lambda value: type(value) is str and len(value) <= limit and "\n" not in value and bool(rule(value) == value)


def _general_check(claim: Claim) -> _Check:
    def check(value: Any) -> bool:
        normal = normalise_single(claim, value)
        return type(normal) is type(value) and normal == value

    return check


def _judge(kind: type[_Checked], value: Any) -> _Checked:
    if not kind.check(value):
        raise ValueError("not the signed form")
    return kind.passed
