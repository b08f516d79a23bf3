"""The records of a job's journal.

    job_opened         what is pushed, and the key under which the server knows the job
    job_linked         the server's name of the job
    part_begun         a source is taken up: the register itself, or a file of corrected rows
    indexes_reserved   status indexes that the server gave; an intent takes its own out of them, in order
    batch_begun        rows of the source, from one number to another, are taken up
    batch_intents      what will be signed of a batch: holder keys and status indexes of each row
    batch_results      what became of some rows of a batch
    batch_closed       nothing is left to do for a batch
    part_done          nothing is left to do for a source

What was signed of a batch lies in a file of its own beside the journal until the batch is closed: it is sent from
there, and sent again from there, byte for byte.
"""

from datetime import datetime

from msgspec import Struct

from giayto_sdk._issuing.results import RowOutcome, RowResult
from giayto_sdk.errors import Problem

IndexBlock = tuple[str, tuple[int, ...]]
"""URI of a status list, and indexes in it."""


class JobOpened(Struct, frozen=True, tag_field="record", tag="job_opened"):
    """What is pushed."""

    job_key: str
    agency_id: str
    document_type: str
    opened_at: datetime


class JobLinked(Struct, frozen=True, tag_field="record", tag="job_linked"):
    """The server knows the job."""

    job_id: str


class PartBegun(Struct, frozen=True, tag_field="record", tag="part_begun"):
    """A source is taken up."""

    source_sha256: str
    is_correction: bool
    begun_at: datetime


class IndexesReserved(Struct, frozen=True, tag_field="record", tag="indexes_reserved"):
    """Status indexes that may be used."""

    blocks: tuple[IndexBlock, ...]


class BatchBegun(Struct, frozen=True, tag_field="record", tag="batch_begun"):
    """Rows are taken up, in the order of the source; `position` counts its rows up to and with the last of them."""

    batch: int
    first_position: int
    last_position: int


class Intent(Struct, frozen=True):
    """What will be signed for one row: one credential for each holder key, each with a status index of its own."""

    row: int
    row_key: str
    holder_keys: tuple[str, ...]
    """Thumbprints."""
    status_indexes: tuple[tuple[str, int], ...]
    """URI of the list, and index."""


class BatchIntents(Struct, frozen=True, tag_field="record", tag="batch_intents"):
    """What will be signed of a batch."""

    batch: int
    intents: tuple[Intent, ...]


class Result(Struct, frozen=True, omit_defaults=True):
    """What became of one row."""

    row: int
    row_key: str
    outcome: RowOutcome
    document_id: str | None = None
    mismatching_fields: tuple[str, ...] = ()
    problem: Problem | None = None

    @classmethod
    def of(cls, result: RowResult) -> "Result":
        """Return what the journal keeps of a result."""
        return cls(
            result.row,
            result.row_key,
            result.outcome,
            result.document_id,
            result.mismatching_fields,
            result.problem,
        )

    def as_result(self) -> RowResult:
        """Return it as callers know it."""
        return RowResult(self.row, self.row_key, self.outcome, self.document_id, self.mismatching_fields, self.problem)


class BatchResults(Struct, frozen=True, tag_field="record", tag="batch_results"):
    """What became of some rows."""

    batch: int
    results: tuple[Result, ...]


class BatchClosed(Struct, frozen=True, tag_field="record", tag="batch_closed"):
    """Nothing is left to do for a batch."""

    batch: int


class PartDone(Struct, frozen=True, tag_field="record", tag="part_done"):
    """Nothing is left to do for a source."""


Record = (
    JobOpened
    | JobLinked
    | PartBegun
    | IndexesReserved
    | BatchBegun
    | BatchIntents
    | BatchResults
    | BatchClosed
    | PartDone
)
