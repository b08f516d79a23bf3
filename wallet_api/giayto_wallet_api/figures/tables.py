"""Figures of a month as they were counted last; those of a month that is over are counted once."""

from sqlalchemy import Column, String, Table, Text

from giayto_wallet_api.store.metadata import SHARED_SCOPE, UtcDateTime, metadata

monthly_figures = Table(
    "monthly_figures",
    metadata,
    Column("month", String(7), primary_key=True),  # YYYY-MM
    Column("counted_at", UtcDateTime, nullable=False),
    Column("content", Text, nullable=False),  # JSON
    info=SHARED_SCOPE,
)
