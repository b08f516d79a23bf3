"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# What each trigger refuses: table, name, event, condition, message.
GUARDS = (
    ("audit_entries", "no_update", "UPDATE", "", "the audit log only grows"),
    ("audit_entries", "no_delete", "DELETE", "", "the audit log only grows"),
    (
        "status_entries",
        "revocation_is_final",
        "UPDATE OF value",
        "WHEN (OLD.value = 1 AND NEW.value <> 1)",
        "a revocation is final",
    ),
    ("status_entries", "stay", "DELETE", "", "a status is never taken out"),
)
SQLITE_TRIGGER = """CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} {condition}
BEGIN SELECT RAISE(ABORT, '{refusal}'); END"""
POSTGRESQL_FUNCTION = """CREATE FUNCTION giayto_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $body$"""
POSTGRESQL_TRIGGER = """CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table}
FOR EACH {each} {condition} EXECUTE FUNCTION giayto_refuse('{refusal}')"""


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("name_vi", sa.String(length=255), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name="pk_agencies"),
    )
    op.create_table(
        "audit_entries",
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=160), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_entries"),
    )
    op.create_table(
        "bundle_editions",
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("content_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_bundle_editions"),
    )
    op.create_table(
        "device_key_directory",
        sa.Column("key_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("key_thumbprint", name="pk_device_key_directory"),
    )
    op.create_table(
        "document_versions",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=128), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("content_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("pushed_sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pushed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'suspended', 'superseded', 'revoked', 'consumed')",
            name=op.f("ck_document_versions_state"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "row_key", name="pk_document_versions"),
        sa.UniqueConstraint(
            "agency_id", "document_id", "version", name="uq_document_versions_agency_id_document_id_version"
        ),
        sa.UniqueConstraint("agency_id", "pushed_sequence", name="uq_document_versions_agency_id_pushed_sequence"),
    )
    op.create_table(
        "holder_key_directory",
        sa.Column("key_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("key_thumbprint", name="pk_holder_key_directory"),
    )
    op.create_table(
        "holder_key_nonces",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("nonce_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("wallet_id", "nonce_hash", name="pk_holder_key_nonces"),
    )
    op.create_table(
        "one_time_values",
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=160), nullable=False),
        sa.Column("value_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "owner", "value_hash", name="pk_one_time_values"),
    )
    op.create_index("ix_one_time_values_expires_at", "one_time_values", ["expires_at"], unique=False)
    op.create_table(
        "publication_revisions",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_publication_revisions"),
    )
    op.create_table(
        "rate_windows",
        sa.Column("bucket", sa.String(length=160), nullable=False),
        sa.Column("window_ends_at", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "window_ends_at", name="pk_rate_windows"),
    )
    op.create_index("ix_rate_windows_window_ends_at", "rate_windows", ["window_ends_at"], unique=False)
    op.create_table(
        "sandbox_authorization_codes",
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("redirect_uri", sa.String(length=255), nullable=False),
        sa.Column("code_challenge", sa.String(length=43), nullable=False),
        sa.Column("nonce", sa.String(length=512), nullable=False),
        sa.Column("subject", sa.String(length=43), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name="pk_sandbox_authorization_codes"),
    )
    op.create_index(
        "ix_sandbox_authorization_codes_expires_at", "sandbox_authorization_codes", ["expires_at"], unique=False
    )
    op.create_table(
        "status_lists",
        sa.Column("list_id", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("bits", sa.SmallInteger(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reserved <= size", name=op.f("ck_status_lists_reserved")),
        sa.PrimaryKeyConstraint("list_id", name="pk_status_lists"),
    )
    op.create_table(
        "trust_list_editions",
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("next_update", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_trust_list_editions"),
    )
    op.create_table(
        "wallet_changes",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("wallet_id", "sequence", name="pk_wallet_changes"),
    )
    op.create_table(
        "wallet_directory",
        sa.Column("subject_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subject_hash", name="pk_wallet_directory"),
        sa.UniqueConstraint("wallet_id", name="uq_wallet_directory_wallet_id"),
    )
    op.create_table(
        "wallets",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("holder_kind", sa.String(length=16), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("identity_version", sa.Integer(), nullable=False),
        sa.Column("change_sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("holder_kind IN ('person', 'organisation')", name=op.f("ck_wallets_holder_kind")),
        sa.PrimaryKeyConstraint("wallet_id", name="pk_wallets"),
    )
    op.create_table(
        "agency_certificates",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("leaf_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("iss", sa.String(length=255), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("status_since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.agency_id"], name="fk_agency_certificates_agency_id_agencies"
        ),
        sa.PrimaryKeyConstraint("agency_id", "leaf_sha256", name="pk_agency_certificates"),
    )
    op.create_table(
        "agency_clients",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("client_name", sa.String(length=64), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.agency_id"], name="fk_agency_clients_agency_id_agencies"),
        sa.PrimaryKeyConstraint("agency_id", "client_name", name="pk_agency_clients"),
    )
    op.create_table(
        "devices",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("key_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.wallet_id"], name="fk_devices_wallet_id_wallets"),
        sa.PrimaryKeyConstraint("wallet_id", "device_id", name="pk_devices"),
        sa.UniqueConstraint("wallet_id", "key_thumbprint", name="uq_devices_wallet_id_key_thumbprint"),
    )
    op.create_table(
        "status_list_tokens",
        sa.Column("list_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("paced_until", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["status_lists.list_id"], name="fk_status_list_tokens_list_id_status_lists"
        ),
        sa.PrimaryKeyConstraint("list_id", name="pk_status_list_tokens"),
    )
    op.create_table(
        "status_reservations",
        sa.Column("list_id", sa.String(length=64), nullable=False),
        sa.Column("idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("reservation_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["status_lists.list_id"], name="fk_status_reservations_list_id_status_lists"
        ),
        sa.PrimaryKeyConstraint("list_id", "idx", name="pk_status_reservations"),
    )
    op.create_table(
        "wallet_documents",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("document_type", sa.String(length=255), nullable=False),
        sa.Column("claims", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=False),
        sa.Column("offered_sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_record", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.wallet_id"], name="fk_wallet_documents_wallet_id_wallets"),
        sa.PrimaryKeyConstraint("wallet_id", "document_id", "version", name="pk_wallet_documents"),
    )
    op.create_index(
        "ix_wallet_documents_wallet_id_state_offered_sequence",
        "wallet_documents",
        ["wallet_id", "state", "offered_sequence"],
        unique=False,
    )
    op.create_table(
        "agency_authorised_types",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("leaf_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("vct", sa.String(length=255), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "leaf_sha256"],
            ["agency_certificates.agency_id", "agency_certificates.leaf_sha256"],
            name=op.f("fk_agency_authorised_types_agency_id_leaf_sha256_agency_certificates"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "leaf_sha256", "vct", name="pk_agency_authorised_types"),
    )
    op.create_table(
        "agency_client_keys",
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("client_name", sa.String(length=64), nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("point", sa.LargeBinary(length=33), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_name"],
            ["agency_clients.agency_id", "agency_clients.client_name"],
            name="fk_agency_client_keys_agency_id_client_name_agency_clients",
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_name", "thumbprint", name="pk_agency_client_keys"),
    )
    op.create_table(
        "decline_reasons",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wallet_id", "document_id", "version"],
            ["wallet_documents.wallet_id", "wallet_documents.document_id", "wallet_documents.version"],
            name=op.f("fk_decline_reasons_wallet_id_document_id_version_wallet_documents"),
        ),
        sa.PrimaryKeyConstraint("wallet_id", "document_id", "version", name="pk_decline_reasons"),
    )
    op.create_table(
        "device_access_tokens",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wallet_id", "device_id"],
            ["devices.wallet_id", "devices.device_id"],
            name="fk_device_access_tokens_wallet_id_device_id_devices",
        ),
        sa.PrimaryKeyConstraint("wallet_id", "token_hash", name="pk_device_access_tokens"),
    )
    op.create_index(
        "ix_device_access_tokens_wallet_id_device_id", "device_access_tokens", ["wallet_id", "device_id"], unique=False
    )
    op.create_table(
        "holder_keys",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("key_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("point", sa.LargeBinary(length=33), nullable=False),
        sa.Column("credential_count", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wallet_id", "device_id"],
            ["devices.wallet_id", "devices.device_id"],
            name="fk_holder_keys_wallet_id_device_id_devices",
        ),
        sa.PrimaryKeyConstraint("wallet_id", "key_thumbprint", name="pk_holder_keys"),
    )
    op.create_index(
        "ix_holder_keys_wallet_id_device_id_credential_count",
        "holder_keys",
        ["wallet_id", "device_id", "credential_count"],
        unique=False,
    )
    op.create_table(
        "status_entries",
        sa.Column("list_id", sa.String(length=64), nullable=False),
        sa.Column("idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id", "idx"],
            ["status_reservations.list_id", "status_reservations.idx"],
            name="fk_status_entries_list_id_idx_status_reservations",
        ),
        sa.PrimaryKeyConstraint("list_id", "idx", name="pk_status_entries"),
    )
    op.create_index(
        "ix_status_entries_agency_id_document_id_version",
        "status_entries",
        ["agency_id", "document_id", "version"],
        unique=False,
    )
    op.create_index(
        "ix_status_entries_changed",
        "status_entries",
        ["list_id", "revision"],
        unique=False,
        sqlite_where=sa.text("revision != 0"),
        postgresql_where=sa.text("revision != 0"),
    )
    op.create_table(
        "wallet_credentials",
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wallet_id", "document_id", "version"],
            ["wallet_documents.wallet_id", "wallet_documents.document_id", "wallet_documents.version"],
            name=op.f("fk_wallet_credentials_wallet_id_document_id_version_wallet_documents"),
        ),
        sa.PrimaryKeyConstraint("wallet_id", "document_id", "version", "key_thumbprint", name="pk_wallet_credentials"),
    )
    op.create_index(
        "ix_wallet_credentials_wallet_id_device_id", "wallet_credentials", ["wallet_id", "device_id"], unique=False
    )
    _create_guards(op.get_bind().dialect.name)


def _create_guards(dialect: str) -> None:
    if dialect == "postgresql":
        op.execute(POSTGRESQL_FUNCTION)
    for table, name, verb, condition, refusal in GUARDS:
        words = {"table": table, "verb": verb, "condition": condition, "refusal": refusal}
        if dialect == "sqlite":
            op.execute(SQLITE_TRIGGER.format(**words, name=name))
            continue
        each = "ROW" if condition else "STATEMENT"
        op.execute(POSTGRESQL_TRIGGER.format(**words, name=name, each=each))
        if verb == "DELETE":
            words["verb"] = "TRUNCATE"
            op.execute(POSTGRESQL_TRIGGER.format(**words, name=f"{name}_truncate", each="STATEMENT"))


def downgrade() -> None:
    op.drop_index("ix_wallet_credentials_wallet_id_device_id", table_name="wallet_credentials")
    op.drop_table("wallet_credentials")
    op.drop_index(
        "ix_status_entries_changed",
        table_name="status_entries",
        sqlite_where=sa.text("value != 0"),
        postgresql_where=sa.text("value != 0"),
    )
    op.drop_index("ix_status_entries_agency_id_document_id_version", table_name="status_entries")
    op.drop_table("status_entries")
    op.drop_index("ix_holder_keys_wallet_id_device_id_credential_count", table_name="holder_keys")
    op.drop_table("holder_keys")
    op.drop_index("ix_device_access_tokens_wallet_id_device_id", table_name="device_access_tokens")
    op.drop_table("device_access_tokens")
    op.drop_table("decline_reasons")
    op.drop_table("agency_client_keys")
    op.drop_table("agency_authorised_types")
    op.drop_index("ix_wallet_documents_wallet_id_state_offered_sequence", table_name="wallet_documents")
    op.drop_table("wallet_documents")
    op.drop_table("status_reservations")
    op.drop_table("status_list_tokens")
    op.drop_table("devices")
    op.drop_table("agency_clients")
    op.drop_table("agency_certificates")
    op.drop_table("wallets")
    op.drop_table("wallet_directory")
    op.drop_table("wallet_changes")
    op.drop_table("trust_list_editions")
    op.drop_table("status_lists")
    op.drop_index("ix_sandbox_authorization_codes_expires_at", table_name="sandbox_authorization_codes")
    op.drop_table("sandbox_authorization_codes")
    op.drop_index("ix_rate_windows_window_ends_at", table_name="rate_windows")
    op.drop_table("rate_windows")
    op.drop_table("publication_revisions")
    op.drop_index("ix_one_time_values_expires_at", table_name="one_time_values")
    op.drop_table("one_time_values")
    op.drop_table("holder_key_nonces")
    op.drop_table("holder_key_directory")
    op.drop_table("document_versions")
    op.drop_table("device_key_directory")
    op.drop_table("bundle_editions")
    op.drop_table("audit_entries")
    op.drop_table("agencies")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION giayto_refuse()")
