"""Catalogue editions, fallbacks to paper, corrections, refusal reports and monthly figures."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TICKET = ["correction_tickets.agency_id", "correction_tickets.ticket_id"]


def upgrade() -> None:
    op.create_table(
        "catalogue_editions",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("correction", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", _NUMBER, nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("correction_note", sa.Text(), nullable=True),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("month", "correction", name="pk_catalogue_editions"),
        sa.UniqueConstraint("sequence", name="uq_catalogue_editions_sequence"),
    )
    op.create_table(
        "monthly_figures",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_monthly_figures"),
    )
    _create_counters()
    _create_corrections()
    op.create_table(
        "refusal_reports",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("filed_sequence", _NUMBER, nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("verifier_id", sa.String(length=128), nullable=True),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("procedure_code", sa.String(length=9), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.wallet_id"], name="fk_refusal_reports_wallet_id_wallets"),
        sa.PrimaryKeyConstraint("wallet_id", "report_id", name="pk_refusal_reports"),
        sa.UniqueConstraint("wallet_id", "filed_sequence", name="uq_refusal_reports_wallet_id_filed_sequence"),
    )
    op.create_index("ix_refusal_reports_filed_at", "refusal_reports", ["filed_at"])


def downgrade() -> None:
    op.drop_index("ix_refusal_reports_filed_at", table_name="refusal_reports")
    op.drop_table("refusal_reports")
    op.drop_table("correction_answers")
    op.drop_table("correction_details")
    op.drop_index("ix_correction_tickets_due_at", table_name="correction_tickets")
    op.drop_table("correction_tickets")
    op.drop_table("paper_fallbacks")
    op.drop_table("figure_progress")
    op.drop_table("figure_counts")
    op.drop_table("monthly_figures")
    op.drop_table("catalogue_editions")


def _create_counters() -> None:
    op.create_table(
        "figure_counts",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("count", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("month", "actor", "measure", name="pk_figure_counts"),
    )
    op.create_table(
        "figure_progress",
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("through_sequence", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_figure_progress"),
    )


def _create_corrections() -> None:
    op.create_table(
        "paper_fallbacks",
        sa.Column("asker", sa.String(length=80), nullable=False),
        sa.Column("case_key", sa.String(length=128), nullable=False),
        sa.Column("content_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("recorded_sequence", _NUMBER, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("asker", "case_key", name="pk_paper_fallbacks"),
        sa.UniqueConstraint("asker", "recorded_sequence", name="uq_paper_fallbacks_asker_recorded_sequence"),
    )
    op.create_table(
        "correction_tickets",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("opened_by", sa.String(length=80), nullable=False),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("procedure_code", sa.String(length=9), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("opened_sequence", _NUMBER, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason IN ('data_missing', 'data_wrong')", name="ck_correction_tickets_reason"),
        sa.PrimaryKeyConstraint("agency_id", "ticket_id", name="pk_correction_tickets"),
        sa.UniqueConstraint("agency_id", "opened_sequence", name="uq_correction_tickets_agency_id_opened_sequence"),
    )
    op.create_index("ix_correction_tickets_due_at", "correction_tickets", ["due_at"])
    op.create_table(
        "correction_details",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "ticket_id"], _TICKET, name="fk_correction_details_agency_id_ticket_id_correction_tickets"
        ),
        sa.PrimaryKeyConstraint("agency_id", "ticket_id", name="pk_correction_details"),
    )
    op.create_table(
        "correction_answers",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('corrected', 'data_was_right', 'not_responsible')", name="ck_correction_answers_outcome"
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "ticket_id"], _TICKET, name="fk_correction_answers_agency_id_ticket_id_correction_tickets"
        ),
        sa.PrimaryKeyConstraint("agency_id", "ticket_id", name="pk_correction_answers"),
    )
