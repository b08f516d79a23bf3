"""The table of deposits. What a record says is encrypted under a key of its own, which is stored wrapped."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from giayto_wallet_api.store.metadata import AGENCY_SCOPE, BigInt, Id, UtcDateTime, metadata

CURRENT, SUPERSEDED, WITHDRAWN = "current", "superseded", "withdrawn"

deposits = Table(
    "deposits",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("row_key", String(128), primary_key=True),
    Column("document_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document_type", String(255), nullable=False),  # vct
    Column("subject_hash", LargeBinary(32), nullable=False),  # keyed, as in the directory of wallets
    Column("content_digest", LargeBinary(32), nullable=False),  # keyed: nobody can try contents against it
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("claims", LargeBinary, nullable=False),  # encrypted
    Column("state", String(16), nullable=False),
    Column("deposited_sequence", BigInt, nullable=False),  # number of its audit entry: the order of lists
    Column("deposited_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("agency_id", "document_id", "version"),
    UniqueConstraint("agency_id", "deposited_sequence"),
    CheckConstraint(f"state IN ('{CURRENT}', '{SUPERSEDED}', '{WITHDRAWN}')", name="state"),
    Index(None, "subject_hash", "state"),  # what waits for a citizen, from all agencies
    info=AGENCY_SCOPE,
)
