"""Push jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OUTCOMES = "outcome IN ('stored', 'unchanged', 'waiting_for_wallet', 'mismatch', 'refused')"
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "push_jobs",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("job_key", sa.String(length=64), nullable=False),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("opened_sequence", _NUMBER, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("agency_id", "job_id", name="pk_push_jobs"),
        sa.UniqueConstraint("agency_id", "job_key", name="uq_push_jobs_agency_id_job_key"),
        sa.UniqueConstraint("agency_id", "opened_sequence", name="uq_push_jobs_agency_id_opened_sequence"),
    )
    op.create_table(
        "push_job_rows",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("row", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("row_key", sa.String(length=128), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(_OUTCOMES, name="ck_push_job_rows_outcome"),
        sa.PrimaryKeyConstraint("agency_id", "job_id", "row", name="pk_push_job_rows"),
    )
    op.create_index(
        "ix_push_job_rows_agency_id_job_id_outcome_row", "push_job_rows", ["agency_id", "job_id", "outcome", "row"]
    )
    op.create_index("ix_push_job_rows_row_key", "push_job_rows", ["agency_id", "row_key"])
    op.create_table(
        "push_job_counts",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("row_count", _NUMBER, nullable=False),
        sa.CheckConstraint(_OUTCOMES, name="ck_push_job_counts_outcome"),
        sa.PrimaryKeyConstraint("agency_id", "job_id", "outcome", "code", name="pk_push_job_counts"),
    )
    op.create_table(
        "push_job_operations",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("operation_id", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by_job_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("position", _NUMBER, nullable=False),
        sa.Column("rows_done", _NUMBER, nullable=False),
        sa.Column("rows_total", _NUMBER, nullable=False),
        sa.Column("documents_changed", _NUMBER, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('revoke', 'supersede')", name="ck_push_job_operations_kind"),
        sa.CheckConstraint("state IN ('running', 'done')", name="ck_push_job_operations_state"),
        sa.PrimaryKeyConstraint("agency_id", "operation_id", name="pk_push_job_operations"),
    )
    op.create_index(
        "ix_push_job_operations_agency_id_job_id_started_at",
        "push_job_operations",
        ["agency_id", "job_id", "started_at"],
    )
    op.create_index(
        "ix_push_job_operations_running",
        "push_job_operations",
        ["started_at"],
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_push_job_operations_running",
        table_name="push_job_operations",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.drop_index("ix_push_job_operations_agency_id_job_id_started_at", table_name="push_job_operations")
    op.drop_table("push_job_operations")
    op.drop_table("push_job_counts")
    op.drop_index("ix_push_job_rows_row_key", table_name="push_job_rows")
    op.drop_index("ix_push_job_rows_agency_id_job_id_outcome_row", table_name="push_job_rows")
    op.drop_table("push_job_rows")
    op.drop_table("push_jobs")
