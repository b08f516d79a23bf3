"""Which agencies let this server sign for them, and with which certificate."""

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary, Table

from giayto_wallet_api.store.metadata import AGENCY_SCOPE, Id, UtcDateTime, metadata

# A choice that is taken back is deleted; the audit log keeps when it came and went.
hosted_signing_choices = Table(
    "hosted_signing_choices",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("leaf_sha256", LargeBinary(32), primary_key=True),
    Column("chosen_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["agency_id", "leaf_sha256"], ["agency_certificates.agency_id", "agency_certificates.leaf_sha256"]
    ),
    info=AGENCY_SCOPE,
)
