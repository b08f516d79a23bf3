"""Reports of citizens. Who was where stays theirs: names and text are encrypted under the wallet's key."""

from sqlalchemy import Column, Date, ForeignKeyConstraint, Index, LargeBinary, String, Table, UniqueConstraint

from giayto_wallet_api.store.metadata import WALLET_SCOPE, BigInt, Id, UtcDateTime, metadata

refusal_reports = Table(
    "refusal_reports",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("report_id", Id, primary_key=True),
    Column("filed_sequence", BigInt, nullable=False),  # number of its audit entry: the order of lists
    Column("filed_at", UtcDateTime, nullable=False),
    Column("verifier_id", String(128), nullable=True),  # of a registered verifier, or the domain, in small letters
    Column("document_type", String(255), nullable=False),  # vct
    Column("procedure_code", String(9), nullable=True),
    Column("asked_on", Date, nullable=False),
    Column("edition", String(12), nullable=False),  # of the catalogue that forbade the paper
    Column("content", LargeBinary, nullable=False),  # encrypted: the verifier's name, and what happened
    ForeignKeyConstraint(["wallet_id"], ["wallets.wallet_id"]),
    UniqueConstraint("wallet_id", "filed_sequence"),
    Index(None, "filed_at"),
    info=WALLET_SCOPE,
)
