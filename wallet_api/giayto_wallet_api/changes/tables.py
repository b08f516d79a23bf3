"""The table of changes."""

from sqlalchemy import Column, String, Table

from giayto_wallet_api.store.metadata import WALLET_SCOPE, BigInt, Id, UtcDateTime, metadata

# Holds no personal data: what changed and when; the phone fetches the rest.
wallet_changes = Table(
    "wallet_changes",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("sequence", BigInt, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    Column("object_id", Id, nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    info=WALLET_SCOPE,
)
