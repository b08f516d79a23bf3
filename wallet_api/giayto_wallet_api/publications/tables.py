"""Editions of what is published as a whole. Their sequence numbers only grow: an older one is a roll-back."""

from sqlalchemy import Column, LargeBinary, Table, Text

from giayto_wallet_api.store.metadata import SHARED_SCOPE, BigInt, UtcDateTime, metadata

trust_list_editions = Table(
    "trust_list_editions",
    metadata,
    Column("sequence", BigInt, primary_key=True, autoincrement=False),
    Column("revision", BigInt, nullable=False),  # of the content that it was made from
    Column("issued_at", UtcDateTime, nullable=False),
    Column("next_update", UtcDateTime, nullable=False),
    Column("token", Text, nullable=False),
    info=SHARED_SCOPE,
)

bundle_editions = Table(
    "bundle_editions",
    metadata,
    Column("sequence", BigInt, primary_key=True, autoincrement=False),
    Column("content_digest", LargeBinary(32), nullable=False),  # of the tokens that it was made from
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("token", Text, nullable=False),
    info=SHARED_SCOPE,
)
