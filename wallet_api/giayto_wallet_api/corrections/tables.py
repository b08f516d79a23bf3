"""Fallbacks to paper belong to who asked for paper, corrections to who owns the data.

What tells whose data is wrong is encrypted, lives in a table of its own, and is deleted when the agency has answered.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from giayto_wallet_api.store.metadata import AGENCY_SCOPE, ASKER_SCOPE, BigInt, Id, UtcDateTime, metadata

AskerName = String(80)
"""`agency:H26` or `verifier:bank-a`."""
_TICKET_KEY = ("agency_id", "ticket_id")

paper_fallbacks = Table(
    "paper_fallbacks",
    metadata,
    Column("asker", AskerName, primary_key=True),
    Column("case_key", String(128), primary_key=True),  # of its own system: what it stands for never changes
    Column("content_digest", LargeBinary(32), nullable=False),  # keyed
    Column("owner_agency_id", Id, nullable=False),
    Column("ticket_id", Id, nullable=False),
    Column("recorded_sequence", BigInt, nullable=False),  # number of its audit entry: the order of lists
    Column("recorded_at", UtcDateTime, nullable=False),
    UniqueConstraint("asker", "recorded_sequence"),
    info=ASKER_SCOPE,
)

correction_tickets = Table(
    "correction_tickets",
    metadata,
    Column("agency_id", Id, primary_key=True),  # who owns the data
    Column("ticket_id", Id, primary_key=True),
    Column("opened_by", AskerName, nullable=False),
    Column("document_type", String(255), nullable=False),  # vct
    Column("procedure_code", String(9), nullable=True),
    Column("reason", String(16), nullable=False),
    Column("edition", String(12), nullable=False),  # of the catalogue that forbade the paper
    Column("opened_sequence", BigInt, nullable=False),  # number of its audit entry: the order of lists
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    UniqueConstraint("agency_id", "opened_sequence"),
    Index(None, "due_at"),
    CheckConstraint("reason IN ('data_missing', 'data_wrong')", name="reason"),
    info=AGENCY_SCOPE,
)

correction_details = Table(
    "correction_details",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("ticket_id", Id, primary_key=True),
    Column("details", LargeBinary, nullable=False),  # encrypted
    ForeignKeyConstraint(_TICKET_KEY, [f"correction_tickets.{column}" for column in _TICKET_KEY]),
    info=AGENCY_SCOPE,
)

correction_answers = Table(
    "correction_answers",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("ticket_id", Id, primary_key=True),
    Column("outcome", String(24), nullable=False),
    Column("answer", LargeBinary, nullable=False),  # encrypted
    Column("answered_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(_TICKET_KEY, [f"correction_tickets.{column}" for column in _TICKET_KEY]),
    CheckConstraint("outcome IN ('corrected', 'data_was_right', 'not_responsible')", name="outcome"),
    info=AGENCY_SCOPE,
)
