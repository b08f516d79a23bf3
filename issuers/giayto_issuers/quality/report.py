"""The report of a check: what was counted and what was found. It holds no value of a record."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import msgspec

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.quality.findings import Dimension, Finding, FindingGroup, Severity
from giayto_issuers.quality.row_set import RowSet
from giayto_issuers.records.normalisation import printable_column
from giayto_issuers.records.readers import BrokenRow, SourceRow

_MAX_COLUMNS: Final = 2_000


@dataclass(slots=True)
class ColumnTally:
    """How often a column of the source has something in it, and in how many rows it has an error."""

    filled: int = 0
    refused: RowSet = field(default_factory=RowSet)


class Tally:
    """What is counted row by row. A column that the type does not know goes by its class: its name could be data."""

    def __init__(self, known_columns: frozenset[str]) -> None:
        self._known = known_columns
        self.rows = 0
        self.refused = RowSet()
        self.errors = {dimension: RowSet() for dimension in Dimension}
        self.warnings = {dimension: RowSet() for dimension in Dimension}
        self.columns: dict[str, ColumnTally] = {}

    def count(self, row: SourceRow | BrokenRow) -> None:
        """Count a row and what is filled in it."""
        self.rows += 1
        if isinstance(row, BrokenRow):
            return
        for key, value in row.values.items():
            tally = self._column(row.names.get(key) or (key if key in self._known else printable_column(key)))
            tally.filled += value is not None and value != ""

    def note(self, finding: Finding) -> None:
        """Count a finding."""
        if finding.severity is Severity.WARNING:
            self.warnings[finding.dimension].add(finding.row)
            return
        self.refused.add(finding.row)
        self.errors[finding.dimension].add(finding.row)
        tally = self.columns.get(finding.column.partition("[")[0].partition(".")[0]) or self.columns.get(finding.column)
        if tally is not None:
            tally.refused.add(finding.row)

    def _column(self, name: str) -> ColumnTally:
        tally = self.columns.get(name)
        if tally is None:
            tally = ColumnTally()
            if len(self.columns) < _MAX_COLUMNS:
                self.columns[name] = tally
        return tally


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What a check found.

    Attributes:
        document_type: what the rows should become.
        checked_on: the day for which it was checked.
        tally: what was counted.
        groups: what was found, errors first.
    """

    document_type: DocumentType
    checked_on: date
    tally: Tally
    groups: tuple[FindingGroup, ...]

    @property
    def rows(self) -> int:
        """Rows of the batch."""
        return self.tally.rows

    @property
    def refused(self) -> RowSet:
        """Rows that cannot become documents."""
        return self.tally.refused

    @property
    def is_good(self) -> bool:
        """Whether every row can become a document."""
        return not self.tally.refused

    def members(self, source: str) -> dict[str, Any]:
        """Return the report for programs.

        Args:
            source: name of the file.
        """
        return {
            "document_type": self.document_type.vct,
            "source": source,
            "checked_on": self.checked_on.isoformat(),
            "rows": self.rows,
            "accepted": self.rows - len(self.refused),
            "refused": len(self.refused),
            "refused_rows": list(self.refused.range_texts()),
            "dimensions": {dimension.value: self._dimension(dimension) for dimension in Dimension},
            "columns": [self._column(name, tally) for name, tally in self.tally.columns.items()],
            "findings": [_group(group) for group in self.groups],
        }

    def _column(self, name: str, tally: ColumnTally) -> dict[str, Any]:
        empty = self.rows - tally.filled
        return {"column": name, "filled": tally.filled, "empty": empty, "refused": len(tally.refused)}

    def _dimension(self, dimension: Dimension) -> dict[str, Any]:
        refused = len(self.tally.errors[dimension])
        return {
            "name": msgspec.to_builtins(dimension.names),
            "good": self.rows - refused,
            "refused": refused,
            "warned": len(self.tally.warnings[dimension]),
        }


def _group(group: FindingGroup) -> dict[str, Any]:
    return {
        "dimension": group.dimension.value,
        "severity": group.severity.value,
        "column": group.column or None,
        "expected": msgspec.to_builtins(group.expected),
        "rows": len(group.rows),
        "row_numbers": list(group.rows.range_texts()),
        "found": [_found(found, rows) for found, rows in group.classes.most_common()],
    }


def _found(found: Localised, rows: int) -> dict[str, Any]:
    return {**msgspec.to_builtins(found), "count": rows}
