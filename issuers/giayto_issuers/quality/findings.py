"""What is found in a batch: one finding for a row and column, and groups of those that are alike."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from re import compile as compile_pattern
from typing import Final

from giayto_crypto.localised import Localised
from giayto_issuers.errors import Problem, ProblemKind
from giayto_issuers.quality.row_set import RowSet

MAX_GROUPS: Final = 500
_KEPT_CLASSES: Final = 5
_POSITION: Final = compile_pattern(r"\[\d+\]")
_OTHERS: Final = Localised(vi="các lỗi khác (quá nhiều loại)", en="others: there are too many kinds")


class Dimension(StrEnum):
    """The five words, in the order in which they are said. docs/records.md defines each."""

    CORRECT = "correct"
    """đúng"""
    COMPLETE = "complete"
    """đủ"""
    CLEAN = "clean"
    """sạch"""
    LIVE = "live"
    """sống"""
    CONSISTENT = "consistent"
    """thống nhất"""

    @property
    def names(self) -> Localised:
        """What people call it."""
        return _NAMES[self]


class Severity(StrEnum):
    """What a finding means for its row."""

    ERROR = "error"
    """It cannot become a document like this."""
    WARNING = "warning"
    """It can; a clerk should look at it."""

    @property
    def names(self) -> Localised:
        """What people call it."""
        return _SEVERITIES[self]


_SEVERITIES: Final = {
    Severity.ERROR: Localised(vi="Lỗi", en="Error"),
    Severity.WARNING: Localised(vi="Cần xem lại", en="To be looked at"),
}
_NAMES: Final = {
    Dimension.CORRECT: Localised(vi="đúng", en="correct"),
    Dimension.COMPLETE: Localised(vi="đủ", en="complete"),
    Dimension.CLEAN: Localised(vi="sạch", en="clean"),
    Dimension.LIVE: Localised(vi="sống", en="live"),
    Dimension.CONSISTENT: Localised(vi="thống nhất", en="consistent"),
}
DIMENSION_OF: Final = {
    ProblemKind.WRONG: Dimension.CORRECT,
    ProblemKind.MISSING: Dimension.COMPLETE,
    ProblemKind.UNCLEAN: Dimension.CLEAN,
    ProblemKind.OUTDATED: Dimension.LIVE,
    ProblemKind.CONTRADICTORY: Dimension.CONSISTENT,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        row: its number in the source.
        dimension: which of the five words it is about.
        severity: whether the row can become a document.
        column: source column; empty when the row as a whole is meant.
        found: class of what stands there, never the value.
        expected: what should be there.
    """

    row: int
    dimension: Dimension
    severity: Severity
    column: str
    found: Localised
    expected: Localised

    @classmethod
    def of(cls, problem: Problem, row: int, severity: Severity) -> "Finding":
        """Return a problem of a row as a finding."""
        return cls(row, DIMENSION_OF[problem.kind], severity, problem.column, problem.found, problem.expected)


@dataclass(slots=True)
class FindingGroup:
    """Findings that differ in the row, in positions within lists, and in the class of what was found.

    Attributes:
        dimension, severity, expected: as in each.
        column: with `[]` for positions.
        rows: numbers of the rows.
        classes: how often which class of value was found, the most frequent ones.
    """

    dimension: Dimension
    severity: Severity
    column: str
    expected: Localised
    rows: RowSet = field(default_factory=RowSet)
    classes: Counter[Localised] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Count one more."""
        self.rows.add(finding.row)
        if finding.found in self.classes or len(self.classes) < _KEPT_CLASSES:
            self.classes[finding.found] += 1


class FindingGroups:
    """All groups of a batch; their number is bounded, whatever the batch holds."""

    def __init__(self) -> None:
        self._groups: dict[tuple[Dimension, Severity, str, str], FindingGroup] = {}

    def add(self, finding: Finding) -> None:
        """Put a finding into its group."""
        column = _POSITION.sub("[]", finding.column)
        key = (finding.dimension, finding.severity, column, finding.expected.en)
        group = self._groups.get(key)
        if group is None:
            group = self._new_group(key, finding, column)
        group.add(finding)

    def __iter__(self) -> Iterator[FindingGroup]:
        """Yield the groups: errors first, by dimension, the largest first."""
        order = list(Dimension)
        return iter(
            sorted(
                self._groups.values(),
                key=lambda group: (group.severity, order.index(group.dimension), -len(group.rows), group.column),
            )
        )

    def _new_group(self, key: tuple[Dimension, Severity, str, str], finding: Finding, column: str) -> FindingGroup:
        expected = finding.expected
        if len(self._groups) >= MAX_GROUPS:
            # Rows of NDJSON may name any number of columns.
            key, column, expected = (finding.dimension, finding.severity, "", ""), "", _OTHERS
        return self._groups.setdefault(key, FindingGroup(finding.dimension, finding.severity, column, expected))
