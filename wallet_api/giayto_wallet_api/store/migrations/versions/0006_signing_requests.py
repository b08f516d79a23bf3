"""Signing requests."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "waiting_documents",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=128), nullable=False),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("subject_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("wallet_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'withdrawn')", name="ck_waiting_documents_state"),
        sa.PrimaryKeyConstraint("agency_id", "row_key", name="pk_waiting_documents"),
    )
    op.create_index("ix_waiting_documents_subject_hash", "waiting_documents", ["subject_hash"])
    op.create_index(
        "ix_waiting_documents_agency_id_state_row_key", "waiting_documents", ["agency_id", "state", "row_key"]
    )
    op.create_table(
        "signing_requests",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=128), nullable=False),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_id", sa.String(length=64), nullable=True),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('wallet_appeared', 'new_device', 'rotation')", name="ck_signing_requests_reason"
        ),
        sa.CheckConstraint("state IN ('open', 'completed', 'dead', 'cancelled')", name="ck_signing_requests_state"),
        sa.PrimaryKeyConstraint("agency_id", "request_id", name="pk_signing_requests"),
    )
    op.create_index(
        "ix_signing_requests_agency_id_state_available_at", "signing_requests", ["agency_id", "state", "available_at"]
    )
    op.create_index("ix_signing_requests_agency_id_row_key", "signing_requests", ["agency_id", "row_key"])
    is_unmet = sa.text("state IN ('open', 'dead')")
    op.create_index(
        "uq_signing_requests_unmet",
        "signing_requests",
        ["agency_id", "row_key", "device_id"],
        unique=True,
        sqlite_where=is_unmet,
        postgresql_where=is_unmet,
    )
    op.create_table(
        "preparations",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=128), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("preparation_id", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("wallet_id", "agency_id", "row_key", "device_id", name="pk_preparations"),
    )
    op.create_table(
        "subject_replacements",
        sa.Column("former_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("subject_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("former_hash", name="pk_subject_replacements"),
    )
    op.create_index("ix_subject_replacements_subject_hash", "subject_replacements", ["subject_hash"])


def downgrade() -> None:
    """Drop them."""
    for table in ("subject_replacements", "preparations", "signing_requests", "waiting_documents"):
        op.drop_table(table)
