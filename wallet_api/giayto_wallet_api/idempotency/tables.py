"""Requests under an idempotency key, and their answers."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from giayto_wallet_api.store.metadata import SHARED_SCOPE, Id, UtcDateTime, metadata

# An answer is absent while the first request is being worked on. Answers are encrypted: they may hold personal data.
idempotent_requests = Table(
    "idempotent_requests",
    metadata,
    Column("owner", String(160), primary_key=True),  # as the audit log names who calls
    Column("route", String(160), primary_key=True),
    Column("key_hash", LargeBinary(32), primary_key=True),
    Column("request_digest", LargeBinary(32), nullable=False),  # of path, query and body
    Column("attempt", Id, nullable=False),  # which request of several with this key works on it
    Column("status", Integer),
    Column("headers", LargeBinary),
    Column("body", LargeBinary),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
    info=SHARED_SCOPE,
)
