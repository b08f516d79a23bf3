"""Credential issuance."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deposits",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=128), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("subject_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("claims", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("deposited_sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deposited_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('current', 'superseded', 'withdrawn')", name="ck_deposits_state"),
        sa.PrimaryKeyConstraint("agency_id", "row_key", name="pk_deposits"),
        sa.UniqueConstraint("agency_id", "deposited_sequence", name="uq_deposits_agency_id_deposited_sequence"),
        sa.UniqueConstraint("agency_id", "document_id", "version", name="uq_deposits_agency_id_document_id_version"),
    )
    op.create_index("ix_deposits_subject_hash_state", "deposits", ["subject_hash", "state"], unique=False)
    op.create_table(
        "issuance_grants",
        sa.Column("grant_id", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=True),
        sa.Column("key_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grant_id", name="pk_issuance_grants"),
    )
    op.create_index("ix_issuance_grants_expires_at", "issuance_grants", ["expires_at"], unique=False)
    op.create_table(
        "issuances",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("issuance_id", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.String(length=64), nullable=False),
        sa.Column("wallet_id", sa.String(length=64), nullable=True),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "issuance_id", name="pk_issuances"),
    )
    op.create_index("ix_issuances_agency_id_document_id", "issuances", ["agency_id", "document_id"], unique=False)
    op.create_table(
        "issued_keys",
        sa.Column("key_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_thumbprint", name="pk_issued_keys"),
    )
    op.create_table(
        "one_time_records",
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("step", "secret_hash", name="pk_one_time_records"),
    )
    op.create_index("ix_one_time_records_expires_at", "one_time_records", ["expires_at"], unique=False)
    op.create_table(
        "pre_authorized_codes",
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("tx_code_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name="pk_pre_authorized_codes"),
    )
    op.create_index("ix_pre_authorized_codes_expires_at", "pre_authorized_codes", ["expires_at"], unique=False)
    op.create_table(
        "signing_intents",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("issuance_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.String(length=64), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("key_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("intended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "issuance_id", "position", name="pk_signing_intents"),
        sa.UniqueConstraint("agency_id", "list_id", "idx", name="uq_signing_intents_agency_id_list_id_idx"),
    )
    op.create_table(
        "wallet_clients",
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("redirect_uris", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name="pk_wallet_clients"),
    )
    op.create_table(
        "issuance_events",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("issuance_id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "issuance_id"],
            ["issuances.agency_id", "issuances.issuance_id"],
            name="fk_issuance_events_agency_id_issuance_id_issuances",
        ),
        sa.PrimaryKeyConstraint("agency_id", "issuance_id", "event", name="pk_issuance_events"),
    )
    op.create_table(
        "issuance_refresh_tokens",
        sa.Column("grant_id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["issuance_grants.grant_id"], name="fk_issuance_refresh_tokens_grant_id_issuance_grants"
        ),
        sa.PrimaryKeyConstraint("grant_id", "token_hash", name="pk_issuance_refresh_tokens"),
    )
    op.create_table(
        "hosted_signing_choices",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("leaf_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("chosen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "leaf_sha256"],
            ["agency_certificates.agency_id", "agency_certificates.leaf_sha256"],
            name=op.f("fk_hosted_signing_choices_agency_id_leaf_sha256_agency_certificates"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "leaf_sha256", name="pk_hosted_signing_choices"),
    )


def downgrade() -> None:
    op.drop_table("hosted_signing_choices")
    op.drop_table("issuance_refresh_tokens")
    op.drop_table("issuance_events")
    op.drop_table("wallet_clients")
    op.drop_table("signing_intents")
    op.drop_index("ix_pre_authorized_codes_expires_at", table_name="pre_authorized_codes")
    op.drop_table("pre_authorized_codes")
    op.drop_index("ix_one_time_records_expires_at", table_name="one_time_records")
    op.drop_table("one_time_records")
    op.drop_table("issued_keys")
    op.drop_index("ix_issuances_agency_id_document_id", table_name="issuances")
    op.drop_table("issuances")
    op.drop_index("ix_issuance_grants_expires_at", table_name="issuance_grants")
    op.drop_table("issuance_grants")
    op.drop_index("ix_deposits_subject_hash_state", table_name="deposits")
    op.drop_table("deposits")
