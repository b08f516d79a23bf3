"""Checking a batch: each row alone as a push would, then the rows against each other."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date
from typing import Any, Final

import msgspec

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.errors import RecordError, SourceError
from giayto_issuers.quality.findings import Dimension, Finding, FindingGroups, Severity
from giayto_issuers.quality.report import QualityReport, Tally
from giayto_issuers.quality.row_pairs import RowPairs
from giayto_issuers.records.header import known_columns
from giayto_issuers.records.readers import BrokenRow, SourceRow
from giayto_issuers.records.validation import ValidRecord, validate_row
from giayto_issuers.subjects import NAME_CLAIM, PERSON
from giayto_issuers.values.value_class import value_class

_WHOLE_ROW: Final = Localised(vi="cả dòng", en="the row as a whole")
_UNREADABLE: Final = Localised(vi="dòng không đọc được", en="a row that cannot be read")
_READABLE: Final = Localised(vi="dòng đọc được", en="a row that can be read")
_ANOTHER_ROW: Final = Localised(vi="dòng trùng", en="a row that is there twice")
_ONCE: Final = Localised(vi="mỗi dòng chỉ một lần", en="each row only once")
_ONE_CONTENT: Final = Localised(
    vi="một khóa dòng cho một nội dung: dòng khác có cùng khóa mà nội dung khác",
    en="one content under a row key: another row has the same key and other content",
)
_ONE_PERSON: Final = Localised(
    vi="cùng một chủ thể thì cùng tên và ngày sinh trong mọi dòng",
    en="the same name and birth date wherever the subject is the same",
)
_NOT_OVER: Final = Localised(
    vi="giấy tờ còn hiệu lực vào ngày kiểm tra", en="a document that still counts on the day of the check"
)
_BEGUN: Final = Localised(vi="ngày không ở tương lai", en="a day that is not in the future")
_CAPITALS: Final = Localised(
    vi="họ tên viết hoa chữ đầu (phông chữ cũ có thể làm mất chữ hoa)",
    en="a name whose words begin with capitals (a legacy font may have lost them)",
)


class QualityCheck:
    """One check of one batch. Feed it every row in order, then `finish`; memory does not grow with the batch."""

    def __init__(self, document_type: DocumentType, *, today: date) -> None:
        """Begin.

        Args:
            document_type: what each row should become.
            today: the day for which documents must be live.
        """
        self._type = document_type
        self._today = today
        self._groups = FindingGroups()
        self._tally = Tally(known_columns(document_type))
        self._by_key, self._by_subject, self._by_content = RowPairs(), RowPairs(), RowPairs()

    @property
    def rows(self) -> int:
        """Rows that were looked at."""
        return self._tally.rows

    @property
    def refused(self) -> int:
        """Rows with an error so far."""
        return len(self._tally.refused)

    def look_at(self, row: SourceRow | BrokenRow) -> tuple[ValidRecord | None, list[Finding]]:
        """Check one row alone.

        Returns:
            The record, None when it has errors, and what was found.
        """
        self._tally.count(row)
        record, findings = self._examine(row)
        for finding in findings:
            self._note(finding)
        if record is not None:
            self._remember(record)
        return record, findings

    def compare_rows(self) -> Iterator[Finding]:
        """Check the rows against each other, after all of them were looked at."""
        for finding in self._shared():
            self._note(finding)
            yield finding

    def finish(self) -> QualityReport:
        """Return the report of everything that was found."""
        return QualityReport(self._type, self._today, self._tally, tuple(self._groups))

    def close(self) -> None:
        """Let the files go."""
        for pairs in (self._by_key, self._by_subject, self._by_content):
            pairs.close()

    def _examine(self, row: SourceRow | BrokenRow) -> tuple[ValidRecord | None, list[Finding]]:
        try:
            record = validate_row(self._type, row, today=self._today)
        except RecordError as error:
            return None, [Finding.of(problem, row.number, Severity.ERROR) for problem in error.problems]
        except SourceError:
            return None, [Finding(row.number, Dimension.CLEAN, Severity.ERROR, "", _UNREADABLE, _READABLE)]
        return record, [*_doubts(record), *self._age(record), *self._name(record, row)]

    def _age(self, record: ValidRecord) -> Iterator[Finding]:
        if record.valid_until is not None and record.valid_until < self._today:
            yield self._about(record, Dimension.LIVE, _WHOLE_ROW, _NOT_OVER)
        if record.valid_from is not None and record.valid_from > self._today:
            yield self._about(record, Dimension.LIVE, _WHOLE_ROW, _BEGUN)

    def _name(self, record: ValidRecord, row: SourceRow | BrokenRow) -> Iterator[Finding]:
        name = record.identity.name
        if record.subject.kind == PERSON and any(word[0].islower() for word in name.split()):
            claim = self._type.claim(NAME_CLAIM[PERSON])
            column = claim.columns[0] if claim is not None and claim.columns else NAME_CLAIM[PERSON]
            shown = row.names.get(column, column) if isinstance(row, SourceRow) else column
            yield Finding(record.row_number, Dimension.CLEAN, Severity.WARNING, shown, value_class(name), _CAPITALS)

    @staticmethod
    def _about(record: ValidRecord, dimension: Dimension, found: Localised, expected: Localised) -> Finding:
        return Finding(record.row_number, dimension, Severity.WARNING, "", found, expected)

    def _remember(self, record: ValidRecord) -> None:
        content = msgspec.json.encode(record.claims)
        identity = f"{record.identity.name.casefold()}|{record.identity.birth_date}".encode()
        self._by_key.add(record.row_key.encode(), content, record.row_number)
        self._by_subject.add(record.subject.id.encode(), identity, record.row_number)
        self._by_content.add(content, record.row_key.encode(), record.row_number)

    def _shared(self) -> Iterator[Finding]:
        for rows in self._by_key.sharing():
            if _all_alike(rows):
                # The first one counts; a push takes the others for the same document.
                yield from _each(_later(rows), Dimension.CLEAN, Severity.WARNING, _ANOTHER_ROW, _ONCE)
            else:
                yield from _each(rows, Dimension.CONSISTENT, Severity.ERROR, _WHOLE_ROW, _ONE_CONTENT)
        for rows in self._by_subject.sharing():
            if not _all_alike(rows):
                yield from _each(rows, Dimension.CONSISTENT, Severity.ERROR, _WHOLE_ROW, _ONE_PERSON)
        for rows in self._by_content.sharing():
            if not _all_alike(rows):
                yield from _each(_later(rows), Dimension.CLEAN, Severity.WARNING, _ANOTHER_ROW, _ONCE)

    def _note(self, finding: Finding) -> None:
        self._groups.add(finding)
        self._tally.note(finding)


def check_quality(document_type: DocumentType, rows: Iterable[SourceRow | BrokenRow], *, today: date) -> QualityReport:
    """Check a batch and return the report.

    Raises:
        SourceError: the source cannot be read on.
    """
    with closing(QualityCheck(document_type, today=today)) as check:
        for row in rows:
            check.look_at(row)
        for _ in check.compare_rows():
            pass
        return check.finish()


def _doubts(record: ValidRecord) -> Iterator[Finding]:
    return (Finding.of(problem, record.row_number, Severity.WARNING) for problem in record.warnings)


def _later(rows: list[tuple[bytes, int]]) -> list[tuple[bytes, int]]:
    return sorted(rows, key=lambda each: each[1])[1:]


def _all_alike(rows: list[tuple[bytes, int]]) -> bool:
    return len({belonging for belonging, _ in rows}) == 1


def _each(rows: list[tuple[bytes, int]], *what: Any) -> Iterator[Finding]:
    dimension, severity, found, expected = what
    return (Finding(row, dimension, severity, "", found, expected) for row in sorted(row for _, row in rows))
