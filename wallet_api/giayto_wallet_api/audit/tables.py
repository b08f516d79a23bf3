"""The audit log's table. Triggers refuse every UPDATE and DELETE, whoever asks."""

from sqlalchemy import Column, LargeBinary, String, Table, Text

from giayto_wallet_api.store.guards import guard
from giayto_wallet_api.store.metadata import SHARED_SCOPE, BigInt, UtcDateTime, metadata

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("sequence", BigInt, primary_key=True, autoincrement=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("actor", String(160), nullable=False),
    Column("action", String(64), nullable=False),
    Column("target", String(160), nullable=False),
    Column("facts", Text, nullable=False),
    Column("previous_hash", LargeBinary(32), nullable=False),
    Column("entry_hash", LargeBinary(32), nullable=False),
    info=SHARED_SCOPE,
)

_REFUSAL = "the audit log only grows"
guard(audit_entries, "no_update", verb="UPDATE", refusal=_REFUSAL)
guard(audit_entries, "no_delete", verb="DELETE", refusal=_REFUSAL)
