"""Outbox, and what the database knows of the export of revocations."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "webhooks",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=512), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.agency_id"], name="fk_webhooks_agency_id_agencies"),
        sa.PrimaryKeyConstraint("agency_id", name="pk_webhooks"),
    )
    op.create_table(
        "outbox_events",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'delivered', 'dead')", name="ck_outbox_events_state"),
        sa.PrimaryKeyConstraint("agency_id", "event_id", name="pk_outbox_events"),
    )
    op.create_index("ix_outbox_events_state_available_at", "outbox_events", ["state", "available_at"])
    op.create_index("ix_outbox_events_agency_id_state", "outbox_events", ["agency_id", "state"])
    op.create_table(
        "revocation_export",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_revocation_export"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("revocation_export", "outbox_events", "webhooks"):
        op.drop_table(table)
