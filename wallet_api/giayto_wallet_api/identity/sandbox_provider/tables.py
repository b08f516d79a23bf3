"""The table of authorization codes."""

from sqlalchemy import Column, LargeBinary, String, Table

from giayto_wallet_api.store.metadata import SHARED_SCOPE, UtcDateTime, metadata

# Holds no personal data: who logged in is named by the keyed hash that the ID token carries as `sub`.
sandbox_authorization_codes = Table(
    "sandbox_authorization_codes",
    metadata,
    Column("code_hash", LargeBinary(32), primary_key=True),
    Column("redirect_uri", String(255), nullable=False),
    Column("code_challenge", String(43), nullable=False),
    Column("nonce", String(512), nullable=False),
    Column("subject", String(43), nullable=False),  # keyed hash, as in the `sub` of the ID token
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    info=SHARED_SCOPE,
)
