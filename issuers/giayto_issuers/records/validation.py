"""A source row becomes a valid record, or one error that says all that is wrong with the row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from giayto_crypto.localised import Localised
from giayto_issuers.code_lists.dated import dated_code_lists
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.errors import Problem, ProblemKind, RecordError, RecordProblem
from giayto_issuers.identifiers.personal_number import agrees_with_birth_date, agrees_with_sex, names_a_known_place
from giayto_issuers.identifiers.rules import check_row_key
from giayto_issuers.records.normalisation import Normalisation
from giayto_issuers.records.quick_reading import quick_reader
from giayto_issuers.records.readers import BrokenRow, SourceRow
from giayto_issuers.signature_slots import expected_signer, missing_signers, signer_column
from giayto_issuers.subjects import BIRTH_DATE_CLAIM, ID_CLAIM, NAME_CLAIM, Subject, SubjectIdentity
from giayto_issuers.validity import document_period
from giayto_issuers.values.text import clean_line
from giayto_issuers.values.unfit import CellNumber, Unfit
from giayto_issuers.values.value_class import value_class

ROW_KEY = "row_key"
"""Where a record may give its row key instead of in the column that its type names."""
REPLACES = "replaces"
"""Where a record gives the row key of the version of the document that it replaces."""
OF_THE_RECORD = frozenset({ROW_KEY, REPLACES})
"""Columns that any record may have, whatever its type."""
_SEX_CLAIM = "sex"
_SEX_LIST = "sex"

_NO_PERSONAL_DATA = Localised(
    vi="khóa dòng không chứa số định danh của chủ thể: khóa dòng được ghi vào nhật ký",
    en="a row key without the subject's number: row keys are written to logs",
)
_ONE_ROW_KEY = Localised(vi="một khóa ổn định cho mỗi dòng", en="one stable key for every row")
_ANOTHER_ROW_KEY = Localised(
    vi="khóa dòng của phiên bản trước, khác khóa của dòng này", en="the row key of the previous version, not this row's"
)
_CODE_OF_ITS_TIME = Localised(
    vi="mã có trong danh mục vào ngày của giấy tờ (danh mục đã thay đổi theo thời gian)",
    en="a code that the list has on the day of the document (the list has changed over time)",
)
_SAME_YEAR = Localised(vi="thế kỷ và năm khớp với ngày sinh", en="the century and year of the birth date")
_KNOWN_PLACE = Localised(
    vi="ba chữ số đầu là mã tỉnh nơi đăng ký khai sinh", en="three first digits of the province of birth registration"
)
_SAME_SEX = Localised(vi="giới tính khớp với trường giới tính", en="the sex that the record states")


@dataclass(frozen=True, slots=True)
class ValidRecord:
    """A record that makes a document of its type. Nothing here has been compared with the population record yet.

    Attributes:
        row_number: as the reader gave it.
        row_key: what the agency calls this version of this document of its own. The same key again means the same
            content again; a new version of the document has a new key, and `replaces`.
        vct: of the document type it was checked against.
        subject: whom it is about.
        identity: name and birth date, to be matched.
        claims: by claim name, in the type's order, normalised; plain values without disclosure marks.
        valid_from: day from which the document counts, None when that is the day of signing.
        valid_until: its last day, None when it has no end or its end follows from the day of signing.
        replaces: row key of the version that this one replaces, None for a document of its own.
        warnings: what a clerk should look at, though it may be right.
    """

    row_number: int
    row_key: str
    vct: str
    subject: Subject
    identity: SubjectIdentity
    claims: Mapping[str, Any]
    valid_from: date | None
    valid_until: date | None
    replaces: str | None = None
    warnings: tuple[RecordProblem, ...] = ()

    def __repr__(self) -> str:
        return f"ValidRecord(row_number={self.row_number}, vct={self.vct!r}, …)"


def validate_record(
    document_type: DocumentType, row: Mapping[str, Any], row_number: int, *, today: date | None = None
) -> ValidRecord:
    """Check a row against its document type and normalise it.

    Args:
        document_type: what the row should become.
        row: values by source column or claim name; text from a CSV, JSON values from NDJSON.
        row_number: for messages.
        today: where the record names no day from which the document counts, codes of lists that change over time must
            be good on this one; when not given, on any day.

    Raises:
        RecordError: with every problem of the row; it names columns and classes of values, never values.
    """
    source = document_type.source
    walk = Normalisation(exact=False, passed_over=frozenset(source.ignored_columns))
    also_known = OF_THE_RECORD | {source.row_key_column}
    claims = _read_quickly(document_type, row, also_known, today)
    if claims is None:
        claims = walk.members(document_type.claims, row, also_known=also_known)
    subject_id = claims.get(ID_CLAIM[document_type.holder_kind])
    row_key = _row_key(document_type, row, walk, subject_id)
    replaces = _replaces(row, row_key, walk, subject_id)
    if walk.problems or row_key is None:
        raise RecordError(row_number, [_in_row(problem, row_number) for problem in walk.problems])
    period = document_period(document_type.validity, claims)
    _check_dated_codes(document_type, walk, period.valid_from or today)
    for place, slot in missing_signers(document_type, claims):
        walk.note(signer_column(document_type, place), None, expected_signer(slot))
    if walk.problems:
        raise RecordError(row_number, [_in_row(problem, row_number) for problem in walk.problems])
    return ValidRecord(
        row_number=row_number,
        row_key=row_key,
        vct=document_type.vct,
        subject=Subject(document_type.holder_kind, claims[ID_CLAIM[document_type.holder_kind]]),
        identity=subject_identity(document_type, claims),
        claims=claims,
        valid_from=period.valid_from,
        valid_until=period.valid_until,
        replaces=replaces,
        warnings=tuple(_in_row(problem, row_number) for problem in _doubts(document_type, claims)),
    )


def validate_row(document_type: DocumentType, row: SourceRow | BrokenRow, *, today: date | None = None) -> ValidRecord:
    """Check a row as its source gave it; problems are told by the columns of its source, mapped or not.

    Raises:
        RecordError: as in `validate_record`.
        SourceError: the row could not be read.
    """
    if isinstance(row, BrokenRow):
        raise row.error
    try:
        return _named(validate_record(document_type, row.values, row.number, today=today), row.names)
    except RecordError as error:
        if not row.names:
            raise
        raise RecordError(row.number, _with_names(error.problems, row.names)) from error


def _named(record: ValidRecord, names: Mapping[str, str]) -> ValidRecord:
    if not record.warnings or not names:
        return record
    return replace(record, warnings=tuple(_with_names(record.warnings, names)))


def _with_names(problems: Sequence[RecordProblem], names: Mapping[str, str]) -> list[RecordProblem]:
    return [replace(problem, column=names.get(problem.column, problem.column)) for problem in problems]


def subject_identity(document_type: DocumentType, claims: Mapping[str, Any]) -> SubjectIdentity:
    """Return name and birth date of the subject from normalised claims."""
    born = claims.get(BIRTH_DATE_CLAIM)
    return SubjectIdentity(
        name=claims[NAME_CLAIM[document_type.holder_kind]],
        birth_date=None if born is None else date.fromisoformat(born),
    )


def _read_quickly(
    document_type: DocumentType, row: Mapping[str, Any], also_known: frozenset[str], today: date | None
) -> dict[str, Any] | None:
    """Return the claims of a row that is right, or None when the walk that explains has to look at it."""
    reader = quick_reader(document_type)
    claims = reader.read(row, also_known)
    if claims is None or not (codes := tuple(reader.dated_codes(claims))):
        return claims
    day = document_period(document_type.validity, claims).valid_from or today
    of_their_time = day is None or all(dated_code_lists()[name].find(code, day) is not None for name, code in codes)
    return claims if of_their_time else None


def _check_dated_codes(document_type: DocumentType, walk: Normalisation, day: date | None) -> None:
    for place, list_name, code in walk.dated_codes:
        # A list of the type's own under the same name goes first, and its codes have no dates.
        if day is None or list_name in document_type.code_lists:
            continue
        if dated_code_lists()[list_name].find(code, day) is None:
            walk.note(place, code, _CODE_OF_ITS_TIME, ProblemKind.OUTDATED)


def _row_key(
    document_type: DocumentType, row: Mapping[str, Any], walk: Normalisation, subject_id: str | None
) -> str | None:
    # Its own column goes first: a new version of a dossier keeps the dossier code that its type takes for a row key.
    column = document_type.source.row_key_column if _is_absent(row.get(ROW_KEY)) else ROW_KEY
    return _checked_key(column, row.get(column), walk, subject_id)


def _replaces(row: Mapping[str, Any], row_key: str | None, walk: Normalisation, subject_id: str | None) -> str | None:
    value = row.get(REPLACES)
    if _is_absent(value):
        return None
    replaces = _checked_key(REPLACES, value, walk, subject_id)
    if replaces is not None and replaces == row_key:
        walk.note(REPLACES, value, _ANOTHER_ROW_KEY)
    return replaces


def _checked_key(column: str, value: Any, walk: Normalisation, subject_id: str | None) -> str | None:
    if isinstance(value, CellNumber):
        value = str(int(value))
    if _is_absent(value) or not isinstance(value, str):
        kind = ProblemKind.MISSING if _is_absent(value) else ProblemKind.WRONG
        walk.note(column, value, _ONE_ROW_KEY, kind)
        return None
    try:
        key = check_row_key(clean_line(value))
    except Unfit as refusal:
        walk.note(column, value, refusal.expected)
        return None
    if subject_id is not None and subject_id in key:
        walk.note(column, value, _NO_PERSONAL_DATA)
    return key


def _is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _doubts(document_type: DocumentType, claims: Mapping[str, Any]) -> list[Problem]:
    """What is odd about a personal number, alone or in its record: it may have been replaced, so this only warns."""
    number, born = claims.get(ID_CLAIM["person"]), claims.get(BIRTH_DATE_CLAIM)
    if number is None or born is None:
        return []
    column, found = _column(document_type, ID_CLAIM["person"]), value_class(number)
    doubts = []
    if not names_a_known_place(number):
        doubts.append(Problem(column, found, _KNOWN_PLACE))
    if not agrees_with_birth_date(number, date.fromisoformat(born)):
        doubts.append(Problem(column, found, _SAME_YEAR, kind=ProblemKind.CONTRADICTORY))
    sex = document_type.claim(_SEX_CLAIM)
    if sex is not None and sex.code_list == _SEX_LIST and not agrees_with_sex(number, claims.get(_SEX_CLAIM, "")):
        doubts.append(Problem(column, found, _SAME_SEX, kind=ProblemKind.CONTRADICTORY))
    return doubts


def _column(document_type: DocumentType, name: str) -> str:
    claim = document_type.claim(name)
    return claim.columns[0] if claim is not None and claim.columns else name


def _in_row(problem: Problem, row: int) -> RecordProblem:
    return RecordProblem(problem.column, problem.found, problem.expected, row, kind=problem.kind)
