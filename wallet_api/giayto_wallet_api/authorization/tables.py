"""Tables of codes and grants. Secrets are stored as hashes only; rows are short-lived and belong to no wallet yet."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table, Text

from giayto_wallet_api.store.metadata import SHARED_SCOPE, Id, UtcDateTime, metadata

# A record that whoever knows its secret may take once: each step of a login, an offer, a code.
one_time_records = Table(
    "one_time_records",
    metadata,
    Column("step", String(32), primary_key=True),
    Column("secret_hash", LargeBinary(32), primary_key=True),
    Column("record", LargeBinary, nullable=False),  # JSON; no personal data
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
    info=SHARED_SCOPE,
)

pre_authorized_codes = Table(
    "pre_authorized_codes",
    metadata,
    Column("code_hash", LargeBinary(32), primary_key=True),
    Column("agency_id", Id, nullable=False),
    Column("document_id", Id, nullable=False),
    Column("document_type", String(255), nullable=False),  # vct
    Column("tx_code_digest", LargeBinary(32), nullable=True),  # keyed; null: no transaction code
    Column("attempts", Integer, nullable=False),  # how many transaction codes were tried
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
    info=SHARED_SCOPE,
)

# What a wallet was allowed to fetch. A grant that is taken away is deleted, and its tokens with it.
issuance_grants = Table(
    "issuance_grants",
    metadata,
    Column("grant_id", Id, primary_key=True),
    Column("client_id", String(255), nullable=True),  # null: anonymous, with a pre-authorized code
    Column("key_thumbprint", String(43), nullable=False),  # of the DPoP key that all its tokens are bound to
    Column("record", LargeBinary, nullable=False),  # JSON; see giayto_wallet_api.authorization.grants
    Column("granted_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
    info=SHARED_SCOPE,
)

# Used ones are kept for as long as their grant: one that comes back was stolen.
issuance_refresh_tokens = Table(
    "issuance_refresh_tokens",
    metadata,
    Column("grant_id", Id, primary_key=True),
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("used_at", UtcDateTime, nullable=True),
    ForeignKeyConstraint(["grant_id"], ["issuance_grants.grant_id"]),
    info=SHARED_SCOPE,
)

# Wallets of other makers that may send citizens here to log in.
wallet_clients = Table(
    "wallet_clients",
    metadata,
    Column("client_id", String(255), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("redirect_uris", Text, nullable=False),  # JSON array
    Column("registered_at", UtcDateTime, nullable=False),
    info=SHARED_SCOPE,
)
