"""Figures of a month as they were counted last, and the running counters that they come from."""

from sqlalchemy import Column, String, Table, Text

from giayto_wallet_api.store.metadata import SHARED_SCOPE, BigInt, UtcDateTime, metadata

monthly_figures = Table(
    "monthly_figures",
    metadata,
    Column("month", String(7), primary_key=True),  # YYYY-MM
    Column("counted_at", UtcDateTime, nullable=False),
    Column("content", Text, nullable=False),  # JSON
    info=SHARED_SCOPE,
)

figure_counts = Table(
    "figure_counts",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("actor", String(160), primary_key=True),  # `agency:H26` or `verifier:bank-a`
    Column("measure", String(32), primary_key=True),
    Column("count", BigInt, nullable=False),
    info=SHARED_SCOPE,
)

# Up to which entry of the audit log they count; one row.
figure_progress = Table(
    "figure_progress",
    metadata,
    Column("source", String(16), primary_key=True),
    Column("through_sequence", BigInt, nullable=False),
    info=SHARED_SCOPE,
)
