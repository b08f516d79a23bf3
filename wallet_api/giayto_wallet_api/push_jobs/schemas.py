"""Bodies of the job operations."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from giayto_wallet_api.documents.schemas import RowKey, RowNumber

MAX_REPORTED_ROWS = 1000
LARGEST_ROW_PAGE = 1000
RowOutcome = Literal["stored", "unchanged", "waiting_for_wallet", "mismatch", "refused"]
ClientsOutcome = Literal["waiting_for_wallet", "mismatch", "refused"]
"""What an agency's own system finds out about a row before anything is signed."""
ProblemCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{0,64}$")]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500, description="for the audit log; no personal data")]


class JobRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Opens a job, or opens it again. The key is the client's own, random, and names the job for good."""

    job_key: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
    document_type: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class OutcomeCount(msgspec.Struct, frozen=True):
    """How many rows ended so; `code` is that of the problem, empty when there is none."""

    outcome: RowOutcome
    code: str
    rows: int


class JobOperation(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about all documents of a job, and how far it has been carried out."""

    operation_id: str
    kind: Literal["revoke", "supersede"]
    by_job_id: str | None
    state: Literal["running", "done"]
    rows_done: int
    rows_total: int
    documents_changed: int
    started_at: datetime
    finished_at: datetime | None


class PushJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job: what became of its rows, by outcome and problem, and what was decided about all of it."""

    job_id: str
    job_key: str
    document_type: str
    opened_at: datetime
    finished_at: datetime | None
    counts: tuple[OutcomeCount, ...]
    operations: tuple[JobOperation, ...] = ()


class PushJobPage(msgspec.Struct, frozen=True):
    """Some jobs, newest first; `next_cursor` continues."""

    items: tuple[PushJob, ...]
    next_cursor: str | None = None


class ReportedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of which nothing was signed, and why."""

    row: RowNumber
    row_key: RowKey | None = None
    outcome: ClientsOutcome
    code: ProblemCode = ""


class RowReport(msgspec.Struct, frozen=True):
    """What an agency's system found out about some rows. The same report again changes nothing."""

    rows: Annotated[tuple[ReportedRow, ...], msgspec.Meta(min_length=1, max_length=MAX_REPORTED_ROWS)]


class JobRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one row."""

    row: int
    row_key: str | None
    outcome: RowOutcome
    code: str
    document_id: str | None
    version: int | None
    attempts: int
    changed_at: datetime


class JobRowPage(msgspec.Struct, frozen=True):
    """Some rows of a job, in the order of their numbers; `next_cursor` continues."""

    items: tuple[JobRow, ...]
    next_cursor: str | None = None


class Revocation(msgspec.Struct, frozen=True):
    """Why all documents of a job are withdrawn."""

    reason: Reason


class Supersession(msgspec.Struct, frozen=True, kw_only=True):
    """Which job's documents take the place of this job's, and why."""

    by_job_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    reason: Reason
