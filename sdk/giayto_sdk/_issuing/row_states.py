"""How every row of a job stands, in one byte a row: counts are exact because each row is there once.

A register of 15,822,260 rows takes 16 MB. A row that was accepted stays accepted: what comes after it is the answer to
a repetition.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from giayto_sdk._issuing.results import DELIVERED, RowOutcome, RowResult
from giayto_sdk.errors import JournalError

Ending = tuple[RowOutcome, str]
"""Outcome, and the code of the problem; empty when there is none."""
_UNKNOWN: Final = 0
_MOST_ENDINGS: Final = 255
_MOST_ROWS: Final = 2_000_000_000
_CHUNK_ROWS: Final = 64 * 1024


class RowStates:
    """The newest ending of each row, by the number of the row."""

    def __init__(self) -> None:
        """Know of no row."""
        self._bytes = bytearray()
        self._endings: list[Ending] = []
        self._numbers: dict[Ending, int] = {}
        self._counts: Counter[Ending] = Counter()

    def enter(self, results: Iterable[RowResult]) -> None:
        """Let results count, in their order."""
        for result in results:
            self._enter(result.row, ending_of(result))

    def ending(self, row: int) -> Ending | None:
        """Return how a row stands; None when nothing became of it yet."""
        number = self._bytes[row] if 0 <= row < len(self._bytes) else _UNKNOWN
        return None if number == _UNKNOWN else self._endings[number - 1]

    def counts(self) -> Mapping[Ending, int]:
        """Return how many rows ended how."""
        return {ending: count for ending, count in self._counts.items() if count}

    def counts_by_outcome(self) -> Mapping[RowOutcome, int]:
        """Return how many rows ended how, whatever their problem."""
        counts: Counter[RowOutcome] = Counter()
        for (outcome, _), count in self.counts().items():
            counts[outcome] += count
        return dict(counts)

    def rows(self, outcomes: Iterable[RowOutcome]) -> Iterator[int]:
        """Return the numbers of rows with one of these outcomes, in rising order."""
        wanted = frozenset(outcomes)
        numbers = {number for ending, number in self._numbers.items() if ending[0] in wanted}
        for start in range(0, len(self._bytes), _CHUNK_ROWS):
            chunk = self._bytes[start : start + _CHUNK_ROWS]
            yield from (start + offset for offset, number in enumerate(chunk) if number in numbers)

    def _enter(self, row: int, ending: Ending) -> None:
        if not 0 <= row < _MOST_ROWS:
            raise JournalError(f"journal: a row number beyond {_MOST_ROWS}")
        if row >= len(self._bytes):
            self._bytes.extend(bytes(max(row + 1, len(self._bytes) * 5 // 4) - len(self._bytes)))
        before = self.ending(row)
        if before is not None and before[0] in DELIVERED:
            return
        if before is not None:
            self._counts[before] -= 1
        self._bytes[row] = self._number(ending)
        self._counts[ending] += 1

    def _number(self, ending: Ending) -> int:
        number = self._numbers.get(ending)
        if number is None:
            if len(self._endings) == _MOST_ENDINGS:
                raise JournalError("journal: more kinds of problems than a job can tell apart")
            self._endings.append(ending)
            number = self._numbers[ending] = len(self._endings)
        return number


def ending_of(result: RowResult) -> Ending:
    """Return what counts of a result."""
    return result.outcome, "" if result.problem is None else result.problem.code
