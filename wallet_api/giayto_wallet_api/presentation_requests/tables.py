"""Tables of registered verifiers and of their requests."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, String, Table, Text

from giayto_wallet_api.store.metadata import VERIFIER_SCOPE, Id, UtcDateTime, metadata

_VERIFIER = (["verifier_id"], ["verifiers.verifier_id"])

verifiers = Table(
    "verifiers",
    metadata,
    Column("verifier_id", Id, primary_key=True),
    Column("name_vi", String(255), nullable=False),
    Column("name_en", String(255), nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    info=VERIFIER_SCOPE,
)

# A key that may no longer be used is taken out; the audit log keeps when it came and went.
verifier_keys = Table(
    "verifier_keys",
    metadata,
    Column("verifier_id", Id, primary_key=True),
    Column("thumbprint", String(43), primary_key=True),
    Column("point", LargeBinary(33), nullable=False),  # compressed, SEC 1 §2.3.4
    Column("added_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(*_VERIFIER),
    info=VERIFIER_SCOPE,
)

verifier_domains = Table(
    "verifier_domains",
    metadata,
    Column("verifier_id", Id, primary_key=True),
    Column("domain", String(253), primary_key=True),
    Column("added_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(*_VERIFIER),
    info=VERIFIER_SCOPE,
)

# Certificates of verifiers that sign their requests themselves, by the SHA-256 of the leaf.
verifier_certificates = Table(
    "verifier_certificates",
    metadata,
    Column("verifier_id", Id, primary_key=True),
    Column("leaf_sha256", LargeBinary(32), primary_key=True),
    Column("valid_until", UtcDateTime, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(*_VERIFIER),
    info=VERIFIER_SCOPE,
)

verifier_purposes = Table(
    "verifier_purposes",
    metadata,
    Column("verifier_id", Id, primary_key=True),
    Column("purpose", String(64), primary_key=True),
    Column("text_vi", String(255), nullable=False),
    Column("text_en", String(255), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(*_VERIFIER),
    info=VERIFIER_SCOPE,
)

verifier_permissions = Table(
    "verifier_permissions",
    metadata,
    Column("verifier_id", Id, primary_key=True),
    Column("purpose", String(64), primary_key=True),
    Column("vct", String(255), primary_key=True),
    Column("claims", Text, nullable=False),  # JSON array of claim paths
    Column("added_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["verifier_id", "purpose"], ["verifier_purposes.verifier_id", "verifier_purposes.purpose"]),
    info=VERIFIER_SCOPE,
)

presentation_requests = Table(
    "presentation_requests",
    metadata,
    Column("verifier_id", Id, primary_key=True),
    Column("request_id", Id, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("transaction_reference", String(200), nullable=False),
    Column("redirect_uri", String(2000), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=True),
    Column("settled_at", UtcDateTime, nullable=True),
    Column("wallet_error", String(64), nullable=True),
    Column("content", LargeBinary, nullable=True),  # encrypted: the request with its private key
    Column("response_digest", LargeBinary(32), nullable=True),
    Column("reply", LargeBinary, nullable=True),  # encrypted: what the wallet was answered
    Column("response_code_digest", LargeBinary(32), nullable=True),
    Column("retrieved_at", UtcDateTime, nullable=True),
    Column("result", LargeBinary, nullable=True),  # encrypted: verdicts and receipts
    Column("erase_at", UtcDateTime, nullable=False),
    CheckConstraint("state IN ('pending', 'answered', 'declined', 'cancelled')", name="state"),
    Index(None, "erase_at"),
    ForeignKeyConstraint(*_VERIFIER),
    info=VERIFIER_SCOPE,
)
