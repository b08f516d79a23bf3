"""Tables of holder keys."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table

from giayto_wallet_api.store.metadata import SHARED_SCOPE, WALLET_SCOPE, Id, UtcDateTime, metadata

Thumbprint = String(43)
"""RFC 7638 thumbprint: base64url of SHA-256."""

holder_keys = Table(
    "holder_keys",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("key_thumbprint", Thumbprint, primary_key=True),
    Column("device_id", Id, nullable=False),
    Column("point", LargeBinary(33), nullable=False),  # compressed, SEC 1 §2.3.4
    Column("credential_count", Integer, nullable=False),  # how many credentials are bound to it
    Column("registered_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["wallet_id", "device_id"], ["devices.wallet_id", "devices.device_id"]),
    Index(None, "wallet_id", "device_id", "credential_count"),
    info=WALLET_SCOPE,
)

# Answers "whose key is this?" for a pushed credential, before its wallet is known; one key has one owner.
holder_key_directory = Table(
    "holder_key_directory",
    metadata,
    Column("key_thumbprint", Thumbprint, primary_key=True),
    Column("wallet_id", Id, nullable=False),
    Column("device_id", Id, nullable=False),
    info=SHARED_SCOPE,
)

holder_key_nonces = Table(
    "holder_key_nonces",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("nonce_hash", LargeBinary(32), primary_key=True),
    Column("device_id", Id, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    info=WALLET_SCOPE,
)
