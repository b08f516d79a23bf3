"""Tables of push jobs: the job, what became of each of its rows, how many ended how, and what is done to all of it."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from giayto_wallet_api.store.metadata import AGENCY_SCOPE, BigInt, Id, UtcDateTime, metadata

STORED, UNCHANGED, WAITING, MISMATCH, REFUSED = "stored", "unchanged", "waiting_for_wallet", "mismatch", "refused"
ACCEPTED = frozenset({STORED, UNCHANGED})
"""A row that is accepted stays so, however often it is sent again."""
RUNNING, DONE = "running", "done"
REVOKE, SUPERSEDE = "revoke", "supersede"
_OUTCOMES = f"outcome IN ('{STORED}', '{UNCHANGED}', '{WAITING}', '{MISMATCH}', '{REFUSED}')"

push_jobs = Table(
    "push_jobs",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("job_id", Id, primary_key=True),
    Column("job_key", String(64), nullable=False),  # made by the client: opening a job twice is opening it once
    Column("document_type", String(255), nullable=False),  # vct
    Column("opened_sequence", BigInt, nullable=False),  # number of its audit entry: the order of lists
    Column("opened_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("agency_id", "job_key"),
    UniqueConstraint("agency_id", "opened_sequence"),
    info=AGENCY_SCOPE,
)

# What became of each row, by its number in the agency's source; a corrected row keeps its number.
push_job_rows = Table(
    "push_job_rows",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("job_id", Id, primary_key=True),
    Column("row", BigInt, primary_key=True, autoincrement=False),
    Column("row_key", String(128)),  # none when the row has none that can be read
    Column("outcome", String(24), nullable=False),
    Column("code", String(64), nullable=False),  # of the problem; empty when there is none
    Column("document_id", Id),
    Column("version", Integer),
    Column("attempts", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    CheckConstraint(_OUTCOMES, name="outcome"),
    Index(None, "agency_id", "job_id", "outcome", "row"),
    Index("ix_push_job_rows_row_key", "agency_id", "row_key"),
    info=AGENCY_SCOPE,
)

# How many rows of a job ended how: changed in the transaction that changes the rows.
push_job_counts = Table(
    "push_job_counts",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("job_id", Id, primary_key=True),
    Column("outcome", String(24), primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("row_count", BigInt, nullable=False),
    CheckConstraint(_OUTCOMES, name="outcome"),
    info=AGENCY_SCOPE,
)

# A decision about all documents of a job, carried out in portions; `position` is the last row that is dealt with.
push_job_operations = Table(
    "push_job_operations",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("operation_id", Id, primary_key=True),
    Column("job_id", Id, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by_job_id", Id),  # of a supersede: the job whose documents take the place
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("position", BigInt, nullable=False),
    Column("rows_done", BigInt, nullable=False),
    Column("rows_total", BigInt, nullable=False),
    Column("documents_changed", BigInt, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    CheckConstraint(f"kind IN ('{REVOKE}', '{SUPERSEDE}')", name="kind"),
    CheckConstraint(f"state IN ('{RUNNING}', '{DONE}')", name="state"),
    Index(None, "agency_id", "job_id", "started_at"),
    info=AGENCY_SCOPE,
)
Index(
    "ix_push_job_operations_running",
    push_job_operations.c.started_at,
    sqlite_where=text("state = 'running'"),
    postgresql_where=text("state = 'running'"),
)
