"""Equal problems of many rows as one: thousands of rows with the same mistake are one thing to correct.

However many rows a push has, little is kept: the first rows of each kind of problem, and so many kinds at most.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from giayto_sdk._issuing.results import RowOutcome, RowResult
from giayto_sdk.errors import ColumnProblem, Problem

ROWS_NAMED: Final = 10
KINDS_KEPT: Final = 50
_POSITION: Final = re.compile(r"\[\d+\]")
_DIGITS: Final = re.compile(r"\d+")
_DELIVERED: Final = frozenset({RowOutcome.STORED, RowOutcome.UNCHANGED})
_Kind = tuple[object, ...]


@dataclass(slots=True)
class ProblemGroup:
    """One kind of problem, and the rows that have it."""

    outcome: RowOutcome
    mismatching_fields: tuple[str, ...] = ()
    problem: Problem | None = None
    """Of the first row; its detail may differ in numbers from that of other rows."""
    column: ColumnProblem | None = None
    """What is wrong in one column, positions in lists left out; `found` is that of the first row."""
    count: int = 0
    first_rows: list[int] = field(default_factory=list)


class ProblemGroups:
    """What keeps rows from their wallets, by kind, in the order in which the kinds were met."""

    def __init__(self, results: Iterable[RowResult]) -> None:
        """Group the results of a push; rows that are in their wallet are passed over."""
        self._groups: dict[_Kind, ProblemGroup] = {}
        self.not_grouped = 0
        """Problems of further kinds than are kept."""
        for result in results:
            # One row can have the same problem in several elements of a list: it counts once.
            for kind, group in dict(_kinds(result)).items():
                self._count(kind, group, result.row)

    def __iter__(self) -> Iterator[ProblemGroup]:
        return iter(self._groups.values())

    def _count(self, kind: _Kind, new: ProblemGroup, row: int) -> None:
        if kind not in self._groups and len(self._groups) == KINDS_KEPT:
            self.not_grouped += 1
            return
        group = self._groups.setdefault(kind, new)
        group.count += 1
        if len(group.first_rows) < ROWS_NAMED:
            group.first_rows.append(row)


def _kinds(result: RowResult) -> Iterator[tuple[_Kind, ProblemGroup]]:
    outcome, problem = result.outcome, result.problem
    if outcome in _DELIVERED:
        return
    if problem is None:
        yield (outcome, result.mismatching_fields), ProblemGroup(outcome, result.mismatching_fields)
    elif not problem.columns:
        yield (outcome, problem.code, _DIGITS.sub("", problem.detail)), ProblemGroup(outcome, problem=problem)
    else:
        for each in problem.columns:
            column = ColumnProblem(_POSITION.sub("[]", each.column), each.found, each.expected)
            kind = (outcome, problem.code, column.column, column.expected)
            yield kind, ProblemGroup(outcome, problem=problem, column=column)
