"""The audit log's table. Triggers refuse every UPDATE and DELETE, whoever asks."""

from sqlalchemy import Column, LargeBinary, String, Table, Text

from giayto_wallet_api.store.metadata import SHARED_SCOPE, BigInt, UtcDateTime, attach_sqlite_ddl, metadata

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

APPEND_ONLY_TRIGGERS = tuple(
    f"""CREATE TRIGGER audit_entries_no_{verb.lower()} BEFORE {verb} ON audit_entries
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"""
    for verb in ("UPDATE", "DELETE")
)

for trigger in APPEND_ONLY_TRIGGERS:
    attach_sqlite_ddl(audit_entries, trigger)
