"""Registered verifiers and presentation requests."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = (
    "presentation_requests",
    "verifier_permissions",
    "verifier_purposes",
    "verifier_certificates",
    "verifier_domains",
    "verifier_keys",
    "verifiers",
)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "verifiers",
        sa.Column("verifier_id", sa.String(length=64), nullable=False),
        sa.Column("name_vi", sa.String(length=255), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("verifier_id", name="pk_verifiers"),
    )
    _of_verifier(
        "verifier_keys",
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("point", sa.LargeBinary(length=33), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        key="thumbprint",
    )
    _of_verifier(
        "verifier_domains",
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        key="domain",
    )
    _of_verifier(
        "verifier_certificates",
        sa.Column("leaf_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        key="leaf_sha256",
    )
    _of_verifier(
        "verifier_purposes",
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("text_vi", sa.String(length=255), nullable=False),
        sa.Column("text_en", sa.String(length=255), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        key="purpose",
    )
    op.create_table(
        "verifier_permissions",
        sa.Column("verifier_id", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("vct", sa.String(length=255), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["verifier_id", "purpose"],
            ["verifier_purposes.verifier_id", "verifier_purposes.purpose"],
            name="fk_verifier_permissions_verifier_id_purpose_verifier_purposes",
        ),
        sa.PrimaryKeyConstraint("verifier_id", "purpose", "vct", name="pk_verifier_permissions"),
    )
    _of_verifier(
        "presentation_requests",
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("transaction_reference", sa.String(length=200), nullable=False),
        sa.Column("redirect_uri", sa.String(length=2000), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("wallet_error", sa.String(length=64), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("response_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("response_code_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("retrieved_at", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("erase_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'answered', 'declined', 'cancelled')", name="ck_presentation_requests_state"
        ),
        key="request_id",
    )
    op.create_index("ix_presentation_requests_erase_at", "presentation_requests", ["erase_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_presentation_requests_erase_at", table_name="presentation_requests")
    for table in _TABLES:
        op.drop_table(table)


def _of_verifier(name: str, *columns: sa.schema.SchemaItem, key: str) -> None:
    op.create_table(
        name,
        sa.Column("verifier_id", sa.String(length=64), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["verifier_id"], ["verifiers.verifier_id"], name=f"fk_{name}_verifier_id_verifiers"),
        sa.PrimaryKeyConstraint("verifier_id", key, name=f"pk_{name}"),
    )
