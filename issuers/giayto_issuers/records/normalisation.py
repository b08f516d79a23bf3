"""Walking a record (or a finished credential's claims) along a document type, noting every problem on the way."""

from collections.abc import Mapping, Sequence
from re import ASCII
from re import compile as compile_pattern
from typing import Any

from giayto_crypto import strict_json
from giayto_crypto.errors import MalformedError
from giayto_crypto.localised import Localised
from giayto_issuers.code_lists.dated import dated_code_lists
from giayto_issuers.document_type.model import Claim, ClaimType
from giayto_issuers.errors import Problem, ProblemKind
from giayto_issuers.values.single import normalise_single
from giayto_issuers.values.unfit import Unfit
from giayto_issuers.values.value_class import value_class

MAX_CELL_BYTES = 4 * 1024 * 1024
MAX_ITEMS = 1_000
"""Elements of any list, whatever its claim allows."""

_COLUMN_NAME = compile_pattern(r"[A-Za-z_][A-Za-z0-9_.#-]{0,63}", ASCII)
_LONG_NUMBER = compile_pattern(r"\d{6}")

_JSON_LIST = Localised(vi="danh sách JSON [...]", en="a JSON array [...]")
_JSON_OBJECT = Localised(vi="đối tượng JSON {...}", en="a JSON object {...}")
_KNOWN = Localised(vi="chỉ những trường mà loại giấy tờ này có", en="only columns that this document type knows")
_MANDATORY = Localised(vi="một giá trị: trường này bắt buộc", en="a value: this field is mandatory")
_SIGNED_FORM = Localised(vi="dạng chuẩn dùng khi ký", en="the normal form in which it is signed")
_NOT_BLANK = Localised(vi="một giá trị, hoặc không có trường này", en="a value, or no such claim")
_CONDITIONAL = Localised(vi="có giá trị trong trường hợp này", en="a value in this case")
_UNCONDITIONAL = Localised(vi="để trống trong trường hợp này", en="nothing in this case")


class Normalisation:
    """One walk. `problems` holds what was found; the result of a walk with problems is not to be used.

    Two readings of the same walk: a *source record* names its fields by columns, spreads objects over a flat row and
    writes values in many forms; a *credential* (`exact`) has claim names and nothing but the signed form.
    """

    def __init__(self, *, exact: bool, passed_over: frozenset[str] = frozenset()) -> None:
        """Begin a walk.

        Args:
            exact: whether a credential is read rather than a source record.
            passed_over: columns, at any level, that are not of this document.
        """
        self.exact = exact
        self._passed_over = passed_over
        self.problems: list[Problem] = []
        self.dated_codes: list[tuple[str, str, str]] = []
        """What is to be looked up in lists whose codes have dates: place, name of the list, code."""

    def members(
        self,
        claims: Sequence[Claim],
        row: Mapping[str, Any],
        where: str = "",
        *,
        also_known: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        """Return the claims of one level by name, in the type's order.

        Args:
            claims: what the level may hold.
            row: what it holds, by column or name.
            where: place of the level, for problems.
            also_known: further members of this level that are no claims.
        """
        self._refuse_unknown(claims, row, where, also_known | self._passed_over)
        found = self._each(claims, row, where, flat=False)
        self._check_conditions(claims, found, where)
        return found

    def note(self, where: str, value: Any, expected: Localised, kind: ProblemKind = ProblemKind.WRONG) -> None:
        """Note a problem with the value at a place."""
        self.problems.append(Problem(where, value_class(value), expected, kind=kind))

    def _each(self, claims: Sequence[Claim], row: Mapping[str, Any], where: str, *, flat: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for claim in claims:
            value = self._claim(claim, row, where, flat=flat)
            if value is not None:
                found[claim.name] = value
        return found

    def _claim(self, claim: Claim, row: Mapping[str, Any], where: str, *, flat: bool) -> Any:
        key = self._key(claim, row, where, flat=flat)
        spread = not self.exact and claim.type is ClaimType.OBJECT and _any_present(claim.field_columns, row)
        if key is not None:
            place = _join(where, key)
            if spread:
                columns = ", ".join(claim.field_columns)
                alone = Localised(vi=f"hoặc cột này, hoặc các cột {columns}", en=f"either this column or {columns}")
                self.note(place, row[key], alone)
            return self._value(claim, row[key], place)
        if spread:
            inside = self._each(claim.fields, row, where, flat=True)
            self._check_conditions(claim.fields, inside, where)
            return inside or None
        if claim.mandatory:
            self.note(_join(where, self._name_for_people(claim)), None, _MANDATORY, ProblemKind.MISSING)
        return None

    def _key(self, claim: Claim, row: Mapping[str, Any], where: str, *, flat: bool) -> str | None:
        """Return the member of the row that holds the claim."""
        if self.exact:
            return claim.name if claim.name in row else None
        # In a flat row, names of an object's fields could be those of other claims: only columns count there.
        candidates = claim.columns if flat or claim.name in claim.columns else (*claim.columns, claim.name)
        present = [key for key in candidates if key in row and not _is_blank(row[key])]
        if len(present) > 1:
            both = ", ".join(present)
            only_one = Localised(vi=f"chỉ một trong các cột {both}", en=f"only one of the columns {both}")
            self.note(_join(where, present[1]), row[present[1]], only_one)
        return present[0] if present else None

    def _name_for_people(self, claim: Claim) -> str:
        if self.exact:
            return claim.name
        return next(iter(claim.row_columns), claim.name)

    def _value(self, claim: Claim, value: Any, where: str) -> Any:
        if self.exact and _is_blank(value):
            self.note(where, value, _NOT_BLANK, ProblemKind.MISSING)
            return None
        if claim.type is ClaimType.OBJECT:
            return self._object(claim, value, where)
        if claim.type is ClaimType.LIST:
            return self._list(claim, value, where)
        return self._single(claim, value, where)

    def _single(self, claim: Claim, value: Any, where: str) -> Any:
        try:
            normal = normalise_single(claim, value)
        except Unfit as refusal:
            self.note(where, value, refusal.expected, refusal.kind)
            return None
        if claim.code_list in dated_code_lists():
            self.dated_codes.append((where, claim.code_list or "", str(normal)))
        if self.exact and (type(normal) is not type(value) or normal != value):
            self.note(where, value, _SIGNED_FORM)
        return normal

    def _object(self, claim: Claim, value: Any, where: str) -> dict[str, Any] | None:
        members = self._parse_cell(value)
        if not isinstance(members, Mapping):
            self.note(where, value, _JSON_OBJECT)
            return None
        return self.members(claim.fields, members, where) or None

    def _list(self, claim: Claim, value: Any, where: str) -> list[Any] | None:
        elements = self._split(claim, value)
        if not isinstance(elements, list):
            self.note(where, value, _JSON_LIST)
            return None
        limit = min(claim.max_items or MAX_ITEMS, MAX_ITEMS)
        if len(elements) > limit:
            self.note(where, elements, Localised(vi=f"nhiều nhất {limit} phần tử", en=f"at most {limit} elements"))
            return None
        return [self._element(claim, element, f"{where}[{number}]") for number, element in enumerate(elements, 1)]

    def _element(self, claim: Claim, element: Any, where: str) -> Any:
        if _is_blank(element):
            self.note(where, element, _NOT_BLANK, ProblemKind.MISSING)
            return None
        return (
            self._object(claim, element, where)
            if claim.item is ClaimType.OBJECT
            else self._single(claim, element, where)
        )

    def _split(self, claim: Claim, value: Any) -> Any:
        if claim.separator and isinstance(value, str) and not self.exact:
            return [part for part in value.split(claim.separator) if part.strip()]
        return self._parse_cell(value)

    def _parse_cell(self, value: Any) -> Any:
        """Return what the JSON text of a cell says; a value that is no text, or no JSON, as it is."""
        if self.exact or not isinstance(value, str):
            return value
        try:
            return strict_json.loads(value.encode("utf-8"), max_bytes=MAX_CELL_BYTES)
        except (MalformedError, UnicodeEncodeError):
            return value

    def _refuse_unknown(
        self, claims: Sequence[Claim], row: Mapping[str, Any], where: str, also_known: frozenset[str]
    ) -> None:
        known = {claim.name for claim in claims}
        if not self.exact:
            known.update(column for claim in claims for column in claim.row_columns)
        for key, value in row.items():
            if key not in known and key not in also_known and (self.exact or not _is_blank(value)):
                self.note(_join(where, printable_column(key)), value, _KNOWN)

    def _check_conditions(self, claims: Sequence[Claim], found: Mapping[str, Any], where: str) -> None:
        for claim in claims:
            if claim.present_when is None:
                continue
            needed = found.get(claim.present_when.claim) in claim.present_when.values
            if needed and claim.name not in found:
                self.note(_join(where, self._name_for_people(claim)), None, _CONDITIONAL, ProblemKind.MISSING)
            elif not needed and claim.name in found:
                self.note(_join(where, self._name_for_people(claim)), found[claim.name], _UNCONDITIONAL)


def _any_present(columns: Sequence[str], row: Mapping[str, Any]) -> bool:
    return any(not _is_blank(row.get(column)) for column in columns)


def _is_blank(value: Any) -> bool:
    match value:
        case None:
            return True
        case str():
            return not value.strip()
        case list() | Mapping():
            return not value
        case _:
            return False


def printable_column(key: str) -> str:
    """Return the name of an unknown column, unless it could be data: a CSV without a header has a person there."""
    return key if _COLUMN_NAME.fullmatch(key) and not _LONG_NUMBER.search(key) else f"({value_class(key).en})"


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
