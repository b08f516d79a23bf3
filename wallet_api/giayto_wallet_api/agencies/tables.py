"""Tables of agencies. Their authority is what stands here at the moment of a request, never what a token says."""

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary, String, Table

from giayto_wallet_api.store.metadata import AGENCY_SCOPE, Id, UtcDateTime, metadata

agencies = Table(
    "agencies",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("name_vi", String(255), nullable=False),
    Column("name_en", String(255), nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    info=AGENCY_SCOPE,
)

agency_clients = Table(
    "agency_clients",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("client_name", String(64), primary_key=True),
    Column("registered_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["agency_id"], ["agencies.agency_id"]),
    info=AGENCY_SCOPE,
)

# A key that may no longer be used is taken out; the audit log keeps when it came and went.
agency_client_keys = Table(
    "agency_client_keys",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("client_name", String(64), primary_key=True),
    Column("thumbprint", String(43), primary_key=True),
    Column("point", LargeBinary(33), nullable=False),  # compressed, SEC 1 §2.3.4
    Column("added_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["agency_id", "client_name"], ["agency_clients.agency_id", "agency_clients.client_name"]),
    info=AGENCY_SCOPE,
)

agency_certificates = Table(
    "agency_certificates",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("leaf_sha256", LargeBinary(32), primary_key=True),
    Column("iss", String(255), nullable=False),
    Column("chain", LargeBinary, nullable=False),  # MessagePack array of DER, leaf first, anchor left out
    Column("valid_from", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),  # giayto_crypto.trust_list.IssuerStatus
    Column("status_since", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["agency_id"], ["agencies.agency_id"]),
    info=AGENCY_SCOPE,
)

agency_authorised_types = Table(
    "agency_authorised_types",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("leaf_sha256", LargeBinary(32), primary_key=True),
    Column("vct", String(255), primary_key=True),
    Column("added_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["agency_id", "leaf_sha256"], ["agency_certificates.agency_id", "agency_certificates.leaf_sha256"]
    ),
    info=AGENCY_SCOPE,
)
