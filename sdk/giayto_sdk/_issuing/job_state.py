"""What a journal amounts to: how every row stands, and where an interrupted run goes on.

Batches are worked at side by side, so that several may be open when a run stops; there are never more of them than a
run works at. Of an open batch, rows with a result are finished. What was signed is sent again as it is: the wallet
takes each (agency, row key) once, so it does not matter whether it had arrived. All other rows begin anew; the status
indexes of their intents are left unused, because one index never serves two credentials.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from giayto_crypto.sdjwt import StatusReference
from giayto_sdk._issuing.records import (
    BatchBegun,
    BatchClosed,
    BatchIntents,
    BatchResults,
    IndexesReserved,
    JobLinked,
    JobOpened,
    PartBegun,
    PartDone,
    Record,
)
from giayto_sdk._issuing.results import RowResult
from giayto_sdk._issuing.row_states import RowStates


@dataclass(slots=True)
class OpenBatch:
    """A batch that was taken up and not closed."""

    number: int
    first_position: int
    last_position: int
    results: dict[int, RowResult] = field(default_factory=dict)
    """By row number."""


@dataclass(slots=True)
class JobState:
    """Everything that a run needs to know of what went before it."""

    job: JobOpened | None = None
    job_id: str | None = None
    part: PartBegun | None = None
    """The source that is being pushed, or was pushed last."""
    part_is_done: bool = False
    next_batch: int = 1
    last_position: int = 0
    """Of the rows of the current source: those up to here were taken up."""
    open_batches: dict[int, OpenBatch] = field(default_factory=dict)
    spare_indexes: dict[StatusReference, None] = field(default_factory=dict)
    """Reserved, and in no intent; in the order in which they came."""
    rows: RowStates = field(default_factory=RowStates)

    @classmethod
    def of(cls, records: Iterable[Record]) -> "JobState":
        """Add up a journal."""
        state = cls()
        for record in records:
            state.apply(record)
        return state

    def apply(self, record: Record) -> None:
        """Let one record count."""
        match record:
            case JobOpened():
                self.job = record
            case JobLinked():
                self.job_id = record.job_id
            case PartBegun():
                self.part, self.part_is_done, self.last_position = record, False, 0
                self.open_batches.clear()
            case IndexesReserved():
                self.spare_indexes |= {
                    StatusReference(uri, idx): None for uri, indexes in record.blocks for idx in indexes
                }
            case BatchBegun():
                self.next_batch, self.last_position = record.batch + 1, record.last_position
                batch = OpenBatch(record.batch, record.first_position, record.last_position)
                self.open_batches[record.batch] = batch
            case BatchIntents():
                for intent in record.intents:
                    for uri, idx in intent.status_indexes:
                        self.spare_indexes.pop(StatusReference(uri, idx), None)
            case BatchResults():
                self._enter([result.as_result() for result in record.results], record.batch)
            case BatchClosed():
                self.open_batches.pop(record.batch, None)
            case PartDone():
                self.part_is_done = True

    def _enter(self, results: list[RowResult], batch: int) -> None:
        self.rows.enter(results)
        if batch in self.open_batches:
            self.open_batches[batch].results |= {result.row: result for result in results}
