"""Tables of delivered documents and their credentials."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table

from giayto_wallet_api.store.metadata import WALLET_SCOPE, BigInt, Id, UtcDateTime, metadata

_VERSION_KEY = ("wallet_id", "document_id", "version")

wallet_documents = Table(
    "wallet_documents",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("document_id", Id, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("agency_id", Id, nullable=False),
    Column("document_type", String(255), nullable=False),  # vct
    Column("claims", LargeBinary, nullable=False),  # encrypted
    Column("valid_from", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime, nullable=False),
    Column("offered_sequence", BigInt, nullable=False),  # number of the change that offered it: the order of lists
    Column("state", String(16), nullable=False),  # name of the state, for lists
    Column("state_record", LargeBinary, nullable=False),  # the state whole; see giayto_wallet_api.inbox.states
    ForeignKeyConstraint(["wallet_id"], ["wallets.wallet_id"]),
    Index(None, "wallet_id", "state", "offered_sequence"),
    info=WALLET_SCOPE,
)

wallet_credentials = Table(
    "wallet_credentials",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("document_id", Id, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("key_thumbprint", String(43), primary_key=True),
    Column("device_id", Id, nullable=False),
    Column("credential", LargeBinary, nullable=False),  # encrypted
    ForeignKeyConstraint(_VERSION_KEY, [f"wallet_documents.{column}" for column in _VERSION_KEY]),
    Index(None, "wallet_id", "device_id"),
    info=WALLET_SCOPE,
)

# Why a citizen declined, in their own words, for the agency.
decline_reasons = Table(
    "decline_reasons",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("document_id", Id, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("reason", LargeBinary, nullable=False),  # encrypted
    ForeignKeyConstraint(_VERSION_KEY, [f"wallet_documents.{column}" for column in _VERSION_KEY]),
    info=WALLET_SCOPE,
)
