"""Editions of the catalogue. A row is never changed: what was published stays reachable for ever."""

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from giayto_wallet_api.store.metadata import SHARED_SCOPE, BigInt, UtcDateTime, metadata

catalogue_editions = Table(
    "catalogue_editions",
    metadata,
    Column("month", String(7), primary_key=True),  # YYYY-MM
    Column("correction", Integer, primary_key=True, autoincrement=False),  # 0, or its number
    Column("sequence", BigInt, nullable=False),  # the order of publication
    Column("issued_at", UtcDateTime, nullable=False),
    Column("correction_note", Text, nullable=True),
    Column("documents", Integer, nullable=False),
    Column("token", Text, nullable=False),
    UniqueConstraint("sequence"),
    info=SHARED_SCOPE,
)
