"""Tables of webhooks and of the events that wait to be delivered to them. No personal data in either."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text

from giayto_wallet_api.store.metadata import AGENCY_SCOPE, Id, UtcDateTime, metadata

PENDING, DELIVERED, DEAD = "pending", "delivered", "dead"

# Where an agency wants to be told. An operator registers it, so its host is on a list that somebody looked at.
webhooks = Table(
    "webhooks",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("url", String(512), nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["agency_id"], ["agencies.agency_id"]),
    info=AGENCY_SCOPE,
)

# Written in the transaction of the change; `available_at` is when it may be (tried again to be) delivered.
outbox_events = Table(
    "outbox_events",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("event_id", Id, primary_key=True),
    Column("kind", String(48), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("available_at", UtcDateTime, nullable=False),
    Column("failure", String(64)),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    CheckConstraint(f"state IN ('{PENDING}', '{DELIVERED}', '{DEAD}')", name="state"),
    Index(None, "state", "available_at"),
    Index(None, "agency_id", "state"),
    info=AGENCY_SCOPE,
)
