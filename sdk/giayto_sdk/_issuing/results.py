"""What became of each row of a push."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from giayto_sdk.errors import Problem


class RowOutcome(StrEnum):
    """How a row ended. Only the first two mean that the wallet has the document."""

    STORED = "stored"
    """New, or a new version of what was there."""
    UNCHANGED = "unchanged"
    """The wallet had exactly this already."""
    WAITING_FOR_WALLET = "waiting_for_wallet"
    """The subject has no wallet, or no device with keys, yet: push the row again later."""
    MISMATCH = "mismatch"
    """Name or birth date differ from the population record: correct the record first."""
    REFUSED = "refused"
    """The record is not valid, or the server refused it: `problem` says why."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """The answer to one row."""

    row: int
    """Number of the row in its source; for a CSV file, its line."""
    row_key: str
    """The agency's own key of the row; empty when the row has none that can be read."""
    outcome: RowOutcome
    document_id: str | None = None
    """The wallet's name of the document, where it has one."""
    mismatching_fields: tuple[str, ...] = ()
    """Names of the fields that differ from the population record; never their values."""
    problem: Problem | None = None


ResultListener = Callable[[RowResult], None]


@dataclass(frozen=True, slots=True)
class PushReport:
    """The outcome of a whole push. Iterating reads the rows' results from the journal, however many they are."""

    document_type: str
    """vct"""
    journal: Path
    """Where every intent and every answer is kept."""
    counts: Mapping[RowOutcome, int]
    """How many rows ended how."""
    _read_results: Callable[[], Iterator[RowResult]]

    def __iter__(self) -> Iterator[RowResult]:
        return self._read_results()

    def __len__(self) -> int:
        return sum(self.counts.values())

    @property
    def all_delivered(self) -> bool:
        """Whether every row's document is in its wallet now."""
        delivered = self.counts.get(RowOutcome.STORED, 0) + self.counts.get(RowOutcome.UNCHANGED, 0)
        return delivered == len(self)


class OutcomeCounter:
    """Counts outcomes as they come, and passes each result on."""

    def __init__(self, listener: ResultListener | None) -> None:
        """Tell the listener, if there is one, of each result."""
        self._counts: Counter[RowOutcome] = Counter()
        self._listener = listener

    def add(self, result: RowResult) -> None:
        """Count one result."""
        self._counts[result.outcome] += 1
        if self._listener is not None:
            self._listener(result)

    @property
    def counts(self) -> Mapping[RowOutcome, int]:
        """How many rows ended how, so far."""
        return dict(self._counts)
