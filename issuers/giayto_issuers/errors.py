"""What the issuing side refuses, and why. No error carries a value of a record: only where it stands and its class."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from giayto_crypto.errors import GiaytoError
from giayto_crypto.localised import Localised
from giayto_issuers.document_type.mistake_codes import MistakeCode

_SHOWN_IN_DETAIL = 20


@dataclass(frozen=True, slots=True)
class TypeMistake:
    """One mistake in a document type's files, or in a mapping of columns.

    Attributes:
        file: path of the file as it was opened.
        path: where in it, by names a clerk finds again: `claims.visits.facility.max_length`; empty for the whole file.
        reason: what is wrong and what is expected.
        code: kind of mistake, stable; see `giayto_issuers.document_type.mistake_codes`.
        line: in the file, counted from 1; None where the file as a whole is meant.
    """

    file: str
    path: str
    reason: Localised
    code: MistakeCode
    line: int | None = None

    @property
    def place(self) -> str:
        """File and line, as editors open them."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def __str__(self) -> str:
        return f"{self.place}: {self.path}: {self.reason.en}" if self.path else f"{self.place}: {self.reason.en}"


class MistakesError(GiaytoError):
    """A file that a clerk wrote is wrong; `mistakes` holds all that is wrong with it."""

    def __init__(self, mistakes: Sequence[TypeMistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes), count=len(mistakes))
        self.mistakes = tuple(mistakes)


class DocumentTypeError(MistakesError):
    """A document type's files are wrong."""

    code = "document_type_invalid"
    message_vi = "Tệp mô tả loại giấy tờ có lỗi."
    message_en = "The files of a document type have mistakes."


class UnknownDocumentTypeError(GiaytoError):
    """No document type has this code or vct."""

    code = "document_type_unknown"
    message_vi = "Không có loại giấy tờ này trong danh mục."
    message_en = "The catalogue has no such document type."


class SourceError(GiaytoError):
    """A source of records cannot be read on: not UTF-8, not CSV or NDJSON, or too large."""

    code = "source_unreadable"
    message_vi = "Không đọc được tệp dữ liệu nguồn."
    message_en = "The source file cannot be read."


class EncodingError(SourceError):
    """The encoding of a source cannot be told from its text, or is not one that is read."""

    code = "encoding_unknown"
    message_vi = "Không xác định được bảng mã của tệp dữ liệu nguồn."
    message_en = "The encoding of the source file cannot be told."


class HeaderError(SourceError):
    """The header of a CSV is not that of its document type; told once for the file, before any row.

    Attributes:
        unknown: columns that the type does not know; a name that could be data is replaced by its class.
        missing: columns that every record needs.
    """

    code = "header_unfit"
    message_vi = "Dòng tiêu đề của tệp không đúng với loại giấy tờ."
    message_en = "The header of the file does not fit the document type."

    def __init__(self, document_type: str, *, unknown: Sequence[str], missing: Sequence[str]) -> None:
        parts = [
            f"header: not that of {document_type}; is it the right type and file, or is a mapping of columns needed?"
        ]
        if missing:
            parts.append(f"missing mandatory columns: {_listed(missing)}")
        if unknown:
            parts.append(f"unknown columns: {_listed(unknown)}")
        super().__init__("\n".join(parts), unknown=len(unknown), missing=len(missing))
        self.unknown = tuple(unknown)
        self.missing = tuple(missing)


class MappingError(MistakesError, SourceError):
    """A mapping of columns is wrong."""

    code = "mapping_invalid"
    message_vi = "Tệp ánh xạ cột có lỗi."
    message_en = "The mapping of columns has mistakes."


class ProblemKind(StrEnum):
    """In which way data is wrong. docs/records.md maps each to one of the five words of data quality."""

    WRONG = "wrong"
    """What stands there is not what the type expects."""
    MISSING = "missing"
    """Nothing stands there, though it must."""
    UNCLEAN = "unclean"
    """It cannot be read, or holds what must not be signed, such as invisible characters."""
    OUTDATED = "outdated"
    """It was right at another time."""
    CONTRADICTORY = "contradictory"
    """It contradicts something else in the data."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a record or in a credential's claims.

    Attributes:
        column: source column with positions counted from 1, such as `DOT_KCB[2].NGAY_VAO`; a claim path for claims.
        found: class of what stands there, such as "text of 12 letters"; never the value.
        expected: what should stand there.
        kind: in which way it is wrong.
    """

    column: str
    found: Localised
    expected: Localised
    kind: ProblemKind = field(default=ProblemKind.WRONG, kw_only=True)

    def in_vietnamese(self) -> str:
        """Return the problem as one line for people."""
        return f"{self.column}: có {self.found.vi}, cần {self.expected.vi}"

    def __str__(self) -> str:
        return f"{self.column}: found {self.found.en}, expected {self.expected.en}"


@dataclass(frozen=True, slots=True)
class RecordProblem(Problem):
    """A problem of a source row. `row` is the number that the reader gave it: for a CSV, the line in the file."""

    row: int

    def in_vietnamese(self) -> str:
        """Return the problem as one line for people."""
        return f"dòng {self.row}, cột {self.column}: có {self.found.vi}, cần {self.expected.vi}"

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: found {self.found.en}, expected {self.expected.en}"


class RecordError(GiaytoError):
    """A source row does not make a document; `problems` holds all that is wrong with it."""

    code = "record_invalid"
    message_vi = "Dòng dữ liệu nguồn có lỗi."
    message_en = "The source row has errors."

    def __init__(self, row: int, problems: Sequence[RecordProblem]) -> None:
        super().__init__(_summary(problems), row=row, count=len(problems))
        self.row = row
        self.problems = tuple(problems)


class ClaimsError(GiaytoError):
    """The claims of a credential are not those of its document type; `problems` holds all that is wrong."""

    code = "claims_invalid"
    message_vi = "Nội dung giấy tờ không đúng với loại giấy tờ."
    message_en = "The document's content does not fit its type."

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(_summary(problems), count=len(problems))
        self.problems = tuple(problems)


class MissingLibraryError(GiaytoError):
    """What was asked for needs a library that is installed only with an extra of `giayto-issuers`."""

    code = "library_missing"
    message_vi = "Thiếu một thư viện tùy chọn cho việc này."
    message_en = "An optional library is needed for this."

    def __init__(self, library: str, *, extra: str) -> None:
        super().__init__(f'{library} is not installed; it comes with: pip install "giayto-issuers[{extra}]"')


class NotSignableError(GiaytoError):
    """What was about to be signed is not allowed by the type, the profile or the agency's certificate."""

    code = "not_signable"
    message_vi = "Không được ký: nội dung, cơ quan hoặc thời hạn không phù hợp."
    message_en = "Not signed: content, agency or period do not fit."


class AgencyNotEntitledError(NotSignableError):
    """The document type does not foresee this agency as an issuer: no record of it could be signed."""

    code = "agency_not_entitled"
    message_vi = "Cơ quan này không được cấp loại giấy tờ này."
    message_en = "This agency may not issue this type of document."


class CalendarError(GiaytoError):
    """Working days are asked for a year whose holidays are not known."""

    code = "holidays_unknown"
    message_vi = "Chưa có danh sách ngày nghỉ lễ của năm cần tính."
    message_en = "The holidays of a needed year are not known yet."


def _summary(problems: Sequence[Problem]) -> str:
    return _listed([str(problem) for problem in problems], "; ")


def _listed(texts: Sequence[str], separator: str = ", ") -> str:
    shown = list(texts[:_SHOWN_IN_DETAIL])
    if len(texts) > len(shown):
        shown.append(f"and {len(texts) - len(shown)} more")
    return separator.join(shown)
