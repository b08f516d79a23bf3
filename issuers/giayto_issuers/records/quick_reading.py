"""Source rows that need no explanation, read quickly: columns to claims, the common spellings to the signed form.

It turns dates around, reads digits as numbers, splits lists, and copies everything else. Then the compiled claims
decide: what they accept is in its signed form, so it is what the explaining walk would have made of the row. Anything
that is not plain, such as two columns for one claim or an unknown column, is left to that walk.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from re import ASCII
from re import compile as compile_pattern
from threading import Lock
from typing import Any, Final

from giayto_crypto import strict_json
from giayto_crypto.errors import MalformedError
from giayto_issuers.code_lists.dated import dated_code_lists
from giayto_issuers.compiled_claims import CompiledClaims, compiled
from giayto_issuers.document_type.model import Claim, ClaimType, DocumentType
from giayto_issuers.identifiers.rules import RULES
from giayto_issuers.records.normalisation import MAX_CELL_BYTES
from giayto_issuers.values.single import MAX_TEXT
from giayto_issuers.values.unfit import Unfit

_SPELT: Final = compile_pattern(
    r"(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})(?: (?P<H>[01]\d|2[0-3]):(?P<M>[0-5]\d)(?::(?P<S>[0-5]\d))?)?", ASCII
)
_PACKED: Final = compile_pattern(
    r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?:(?P<H>[01]\d|2[0-3])(?P<M>[0-5]\d)(?P<S>[0-5]\d)?)?", ASCII
)
_DIGITS: Final = compile_pattern(r"-?\d{1,16}", ASCII)
_DECIMAL: Final = compile_pattern(r"(\d{1,15}),(\d?[1-9])", ASCII)


class _NotPlainError(Exception):
    """The explaining walk is needed."""


_Respell = Callable[[Any], Any]


class _Level:
    """Where the claims of one level come from."""

    def __init__(self, claims: Sequence[Claim], *, flat: bool = False) -> None:
        """Prepare a level.

        Args:
            claims: of the level.
            flat: whether they are fields of an object that is spread over the row around it: by columns alone, then.
        """
        self._names = tuple(claim.name for claim in claims)
        self._readers = tuple(_ClaimReader(claim) for claim in claims)
        self._copied = tuple(reader.copies for reader in self._readers)
        self._direct = _direct(claims, flat=flat)
        self._spread = {
            column: number
            for number, claim in enumerate(claims)
            if claim.type is ClaimType.OBJECT
            for column in claim.field_columns
        }

    def read(
        self, row: Mapping[str, Any], passed_over: frozenset[str], also_known: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        found: dict[int, Any] = {}
        spread: dict[int, dict[str, Any]] = {}
        for key, value in row.items():
            if value is None or value == "":
                continue
            if (number := self._direct.get(key)) is not None:
                if number in found:
                    raise _NotPlainError
                found[number] = value if self._copied[number] else self._readers[number].read(value, passed_over)
            elif (number := self._spread.get(key)) is not None:
                spread.setdefault(number, {})[key] = value
            elif key not in also_known and key not in passed_over:
                raise _NotPlainError
        for number, fields in spread.items():
            if number in found:
                raise _NotPlainError
            found[number] = self._readers[number].read_spread(fields, passed_over)
        return {self._names[number]: found[number] for number in sorted(found)}


class _ClaimReader:
    """How the common spellings of one claim become its signed form."""

    def __init__(self, claim: Claim) -> None:
        is_object = claim.element_type is ClaimType.OBJECT
        self._fields = _Level(claim.fields) if is_object else None
        self._flat_fields = _Level(claim.fields, flat=True) if claim.type is ClaimType.OBJECT else None
        self._is_list = claim.type is ClaimType.LIST
        self._separator = claim.separator
        self._respell = _respelling(claim)

    @property
    def copies(self) -> bool:
        """Whether a value is taken as it stands."""
        return not self._is_list and self._fields is None and self._respell is None

    def read(self, value: Any, passed_over: frozenset[str]) -> Any:
        if not self._is_list:
            return self._single(value, passed_over)
        if isinstance(value, str):
            value = self._split(value)
        if not isinstance(value, list):
            raise _NotPlainError
        return [self._single(element, passed_over) for element in value]

    def read_spread(self, row: Mapping[str, Any], passed_over: frozenset[str]) -> Any:
        if self._flat_fields is None:
            raise _NotPlainError
        return self._flat_fields.read(row, passed_over)

    def _split(self, text: str) -> Any:
        if self._separator:
            return [part.strip() for part in text.split(self._separator) if part.strip()]
        return _parsed(text)

    def _single(self, value: Any, passed_over: frozenset[str]) -> Any:
        if self._fields is None:
            return value if self._respell is None else self._respell(value)
        members = _parsed(value) if isinstance(value, str) else value
        if not isinstance(members, Mapping):
            raise _NotPlainError
        return self._fields.read(members, passed_over)


def _direct(claims: Sequence[Claim], *, flat: bool) -> Mapping[str, int]:
    """Return the keys of a row under which a claim itself may stand, with its number."""
    by_column = {column: number for number, claim in enumerate(claims) for column in claim.columns}
    if flat:
        return by_column
    # A name that is another claim's column as well would be read twice by the explaining walk: it is not read here.
    columns = {column for claim in claims for column in claim.row_columns}
    return by_column | {claim.name: number for number, claim in enumerate(claims) if claim.name not in columns}


def _parsed(text: str) -> Any:
    try:
        return strict_json.loads(text.encode("utf-8"), max_bytes=MAX_CELL_BYTES)
    except (MalformedError, UnicodeEncodeError) as error:
        raise _NotPlainError from error


def _respelling(claim: Claim) -> _Respell | None:
    """Return what brings a claim's values into the signed form where that takes one step; None to copy them.

    What is spelt in yet another way stays as it is, and is not accepted then.
    """
    match claim.element_type:
        case ClaimType.CODE:
            return _respell_codes(claim)
        case ClaimType.IDENTIFIER if claim.identifier in _REWRITING_RULES:
            return _respell_identifiers(claim)
        case kind:
            return _RESPELLINGS.get(kind)


def _respell_codes(claim: Claim) -> _Respell:
    # Spreadsheets drop leading zeros: "1" means "01" where the list has no "1" of its own, and only one such code.
    unpadded = Counter(code.lstrip("0") for code in claim.codes)
    known = {code.lstrip("0"): code for code in claim.codes if unpadded[code.lstrip("0")] == 1}
    known |= {code: code for code in claim.codes}
    return lambda value: known.get(str(value) if type(value) is int else value, value)


def _respell_identifiers(claim: Claim) -> _Respell:
    rule, limit = RULES[claim.identifier or ""], min(claim.max_length or MAX_TEXT, MAX_TEXT)

    def respell(value: Any) -> Any:
        if not isinstance(value, str) or len(value) > limit:
            raise _NotPlainError
        return rule(value)

    return respell


def _respell_day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if match := _SPELT.fullmatch(value):
        return f"{match['y']}-{match['m']}-{match['d']}"
    match = _PACKED.fullmatch(value)
    return f"{match['y']}-{match['m']}-{match['d']}" if match else value


def _respell_moment(value: Any) -> Any:
    match = (_PACKED.fullmatch(value) or _SPELT.fullmatch(value)) if isinstance(value, str) else None
    if match is None or match["H"] is None:
        return _respell_day(value)
    return f"{match['y']}-{match['m']}-{match['d']}T{match['H']}:{match['M']}:{match['S'] or '00'}+07:00"


def _respell_integer(value: Any) -> Any:
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value


def _respell_decimal(value: Any) -> Any:
    match = _DECIMAL.fullmatch(value) if isinstance(value, str) else None
    return f"{int(match[1])}.{match[2]}" if match else str(value) if type(value) is int else value


def _respell_boolean(value: Any) -> Any:
    return _BOOLEANS.get(value, value) if isinstance(value, str) else value


_BOOLEANS: Final = {"1": True, "true": True, "có": True, "0": False, "false": False, "không": False}
_REWRITING_RULES: Final = frozenset({"phone", "icd-10", "health-insurance-card"})
"""Rules that change what they are given more often than not."""
_RESPELLINGS: Final[Mapping[ClaimType, _Respell]] = {
    ClaimType.DATE: _respell_day,
    ClaimType.DATETIME: _respell_moment,
    ClaimType.INTEGER: _respell_integer,
    ClaimType.DECIMAL: _respell_decimal,
    ClaimType.BOOLEAN: _respell_boolean,
}


class QuickReader:
    """Reads rows of one type."""

    def __init__(self, document_type: DocumentType) -> None:
        """Prepare once for each type; see `quick_reader`."""
        self._level = _Level(document_type.claims)
        self._passed_over = frozenset(document_type.source.ignored_columns)
        self._compiled: CompiledClaims = compiled(document_type)
        self._dated = tuple(
            (path, claim.code_list)
            for top in document_type.claims
            for path, claim in top.walk()
            if claim.code_list in dated_code_lists() and claim.code_list not in document_type.code_lists
        )

    def read(self, row: Mapping[str, Any], also_known: frozenset[str]) -> dict[str, Any] | None:
        """Return the claims of a row, or None when it takes the explaining walk to read it.

        Args:
            row: by column or claim name.
            also_known: columns of the row that are no claims.
        """
        try:
            claims = self._level.read(row, self._passed_over, also_known)
        except (_NotPlainError, Unfit, AttributeError, TypeError):
            return None
        return claims if self._compiled.accept(claims) else None

    def dated_codes(self, claims: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield each code of a list that changes over time, after the name of its list."""
        for path, name in self._dated:
            for value in _at(claims, path):
                for code in value if isinstance(value, list) else [value]:
                    yield name or "", code


def _at(value: Any, path: Sequence[str | int | None]) -> Iterator[Any]:
    """Yield what stands at a claim path; None in it stands for every element of a list."""
    if not path:
        yield value
    elif path[0] is None:
        for element in value:
            yield from _at(element, path[1:])
    elif path[0] in value:
        yield from _at(value[path[0]], path[1:])


_readers: dict[int, tuple[DocumentType, QuickReader]] = {}
_lock = Lock()


def quick_reader(document_type: DocumentType) -> QuickReader:
    """Return the reader of a type, which is made when it is first asked for."""
    found = _readers.get(id(document_type))
    if found is None:
        with _lock:
            # Kept with its type, which therefore lives on: its id stays its own.
            found = _readers.setdefault(id(document_type), (document_type, QuickReader(document_type)))
    return found[1]
