"""What single agencies may take, where it differs from what all may."""

from sqlalchemy import Column, Integer, Table

from giayto_wallet_api.store.metadata import AGENCY_SCOPE, BigInt, Id, UtcDateTime, metadata

agency_limits = Table(
    "agency_limits",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("rows_per_day", BigInt, nullable=False),
    Column("requests_per_minute", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    info=AGENCY_SCOPE,
)
