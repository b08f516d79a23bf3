"""Tables of wallets."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table

from giayto_wallet_api.store.metadata import SHARED_SCOPE, WALLET_SCOPE, BigInt, Id, UtcDateTime, metadata

wallets = Table(
    "wallets",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("holder_kind", String(16), nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("identity", LargeBinary, nullable=False),  # encrypted: identifier, full name, birth date
    Column("identity_version", Integer, nullable=False),
    Column("change_sequence", BigInt, nullable=False),  # number of the last change; see giayto_wallet_api.changes
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("holder_kind IN ('person', 'organisation')", name="holder_kind"),
    info=WALLET_SCOPE,
)

# Answers the one question that is asked before the wallet is known: whose wallet belongs to this subject?
wallet_directory = Table(
    "wallet_directory",
    metadata,
    Column("subject_hash", LargeBinary(32), primary_key=True),
    Column("wallet_id", Id, nullable=False, unique=True),
    info=SHARED_SCOPE,
)

# A personal number that was cancelled, and the one that took its place: both find the same wallet.
subject_replacements = Table(
    "subject_replacements",
    metadata,
    Column("former_hash", LargeBinary(32), primary_key=True),
    Column("subject_hash", LargeBinary(32), nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
    Index(None, "subject_hash"),
    info=SHARED_SCOPE,
)
