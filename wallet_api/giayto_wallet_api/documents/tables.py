"""The agency's side of documents. The content lies encrypted in the holder's wallet; here is what governs it."""

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, String, Table, UniqueConstraint

from giayto_wallet_api.store.metadata import AGENCY_SCOPE, BigInt, Id, UtcDateTime, metadata

ACTIVE, SUSPENDED, SUPERSEDED, REVOKED, CONSUMED = "active", "suspended", "superseded", "revoked", "consumed"
_STATES = ", ".join(f"'{state}'" for state in (ACTIVE, SUSPENDED, SUPERSEDED, REVOKED, CONSUMED))

# One row of an agency's own system, pushed once: what the row key stands for never changes.
document_versions = Table(
    "document_versions",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("row_key", String(128), primary_key=True),
    Column("document_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document_type", String(255), nullable=False),  # vct
    Column("wallet_id", Id, nullable=False),
    Column("content_digest", LargeBinary(32), nullable=False),  # keyed: nobody can try contents against it
    Column("state", String(16), nullable=False),
    Column("pushed_sequence", BigInt, nullable=False),  # number of its audit entry: the order of lists
    Column("pushed_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("agency_id", "document_id", "version"),
    UniqueConstraint("agency_id", "pushed_sequence"),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    info=AGENCY_SCOPE,
)
