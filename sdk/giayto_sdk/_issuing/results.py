"""What became of each row of a push, and of the push as a whole."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from giayto_sdk.errors import Problem


class RowOutcome(StrEnum):
    """How a row ended. Only the first two mean that the wallet has the document."""

    STORED = "stored"
    """New, or a new version of what was there."""
    UNCHANGED = "unchanged"
    """The wallet had exactly this already."""
    WAITING_FOR_WALLET = "waiting_for_wallet"
    """The subject has no wallet, or no device with keys, yet: the document is signed when there is one."""
    MISMATCH = "mismatch"
    """Name or birth date differ from the population record: correct the record first."""
    REFUSED = "refused"
    """The record is not valid, or the server refused it: `problem` says why."""


DELIVERED: Final = frozenset({RowOutcome.STORED, RowOutcome.UNCHANGED})
TO_CORRECT: Final = frozenset({RowOutcome.MISMATCH, RowOutcome.REFUSED})


@dataclass(frozen=True, slots=True)
class RowResult:
    """The answer to one row."""

    row: int
    """Number of the row in its source; for a CSV file, its line. A corrected row keeps the number that it had."""
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
class PushProgress:
    """How far a push is."""

    counts: Mapping[RowOutcome, int]
    """How many rows ended how, those of an interrupted run included."""
    share_read: float
    """How much of the source has been read, from 0 to 1."""

    @property
    def done(self) -> int:
        """Rows that have ended."""
        return sum(self.counts.values())

    @property
    def failed(self) -> int:
        """Rows that are to be corrected."""
        return sum(self.counts.get(outcome, 0) for outcome in TO_CORRECT)


ProgressListener = Callable[[PushProgress], None]


@dataclass(frozen=True, slots=True)
class CountDifference:
    """Rows of one kind of which journal and server do not count equally many."""

    outcome: str
    """`accepted`, or another outcome."""
    code: str
    """Of the problem; empty when there is none."""
    in_journal: int
    on_server: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The journal's counts against those of the server's job."""

    differences: tuple[CountDifference, ...]
    rows: tuple[int, ...]
    """Numbers of the first rows that stand differently."""

    @property
    def is_equal(self) -> bool:
        """Whether both count the same."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class PushReport:
    """The outcome of a whole job. Iterating reads the newest result of each row from the journal."""

    document_type: str
    """vct"""
    job_id: str
    """The server's name of the job."""
    journal: Path
    """Where every intent and every answer is kept."""
    counts: Mapping[RowOutcome, int]
    """How many rows ended how."""
    reconciliation: Reconciliation
    refused_file: Path | None
    """The rows of this source that are to be corrected, with the reasons; None when there are none."""
    _read_results: Callable[[], Iterator[RowResult]]

    def __iter__(self) -> Iterator[RowResult]:
        return self._read_results()

    def __len__(self) -> int:
        return sum(self.counts.values())

    @property
    def all_delivered(self) -> bool:
        """Whether every row's document is in its wallet now."""
        return sum(self.counts.get(outcome, 0) for outcome in DELIVERED) == len(self)
