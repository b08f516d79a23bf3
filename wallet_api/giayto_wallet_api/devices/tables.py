"""Tables of devices and their access tokens."""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from giayto_wallet_api.store.metadata import SHARED_SCOPE, WALLET_SCOPE, Id, UtcDateTime, metadata

Thumbprint = String(43)
"""RFC 7638 thumbprint: base64url of SHA-256."""

devices = Table(
    "devices",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("device_id", Id, primary_key=True),
    Column("key_thumbprint", Thumbprint, nullable=False),
    Column("name", LargeBinary, nullable=False),  # encrypted: people put their own names there
    Column("platform", String(32), nullable=False),
    Column("enrolled_at", UtcDateTime, nullable=False),
    UniqueConstraint("wallet_id", "key_thumbprint"),
    ForeignKeyConstraint(["wallet_id"], ["wallets.wallet_id"]),
    info=WALLET_SCOPE,
)

# Answers "whose device key is this?" when a session is opened, before the wallet is known.
device_key_directory = Table(
    "device_key_directory",
    metadata,
    Column("key_thumbprint", Thumbprint, primary_key=True),
    Column("wallet_id", Id, nullable=False),
    Column("device_id", Id, nullable=False),
    info=SHARED_SCOPE,
)

device_access_tokens = Table(
    "device_access_tokens",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("device_id", Id, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["wallet_id", "device_id"], ["devices.wallet_id", "devices.device_id"]),
    Index(None, "wallet_id", "device_id"),
    info=WALLET_SCOPE,
)
