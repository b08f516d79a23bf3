"""Tables of issuance: what was about to be signed, what was, and what wallets told of it."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, String, Table, UniqueConstraint

from giayto_wallet_api.store.metadata import AGENCY_SCOPE, SHARED_SCOPE, Id, UtcDateTime, metadata

Thumbprint = String(43)

# One row for each copy, stored before the copy is signed. Those without an issuance were never handed over.
signing_intents = Table(
    "signing_intents",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("issuance_id", Id, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("document_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("list_id", Id, nullable=False),
    Column("idx", Integer, nullable=False),
    Column("key_thumbprint", Thumbprint, nullable=False),
    Column("intended_at", UtcDateTime, nullable=False),
    UniqueConstraint("agency_id", "list_id", "idx"),
    info=AGENCY_SCOPE,
)

# What was signed and handed over at once. Its identifier is the notification_id.
issuances = Table(
    "issuances",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("issuance_id", Id, primary_key=True),
    Column("document_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("grant_id", Id, nullable=False),
    Column("wallet_id", Id, nullable=True),  # null: a wallet by another maker holds the copies
    Column("copies", Integer, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Index(None, "agency_id", "document_id"),
    info=AGENCY_SCOPE,
)

issuance_events = Table(
    "issuance_events",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("issuance_id", Id, primary_key=True),
    Column("event", String(32), primary_key=True),
    Column("received_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["agency_id", "issuance_id"], ["issuances.agency_id", "issuances.issuance_id"]),
    info=AGENCY_SCOPE,
)

# Keys that wallets proved. Each is bound to at most one credential, whichever agency issues it.
issued_keys = Table(
    "issued_keys",
    metadata,
    Column("key_thumbprint", Thumbprint, primary_key=True),
    Column("claimed_at", UtcDateTime, nullable=False),
    info=SHARED_SCOPE,
)
