"""Tables of status lists. A (list, index) is reserved once and used once: the primary keys say so."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, SmallInteger, String, Table, Text

from giayto_wallet_api.store.guards import guard
from giayto_wallet_api.store.metadata import LIST_SCOPE, SHARED_SCOPE, BigInt, Id, UtcDateTime, metadata

status_lists = Table(
    "status_lists",
    metadata,
    Column("list_id", Id, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("bits", SmallInteger, nullable=False),  # of one entry; what the types need that share the list
    Column("reserved", Integer, nullable=False),  # how many indexes were given out
    Column("revision", BigInt, nullable=False),  # counts the changes of statuses
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("reserved <= size", name="reserved"),
    info=LIST_SCOPE,
)

# What was promised to an agency. An index that is never used stays reserved: it is not given out again.
status_reservations = Table(
    "status_reservations",
    metadata,
    Column("list_id", Id, primary_key=True),
    Column("idx", Integer, primary_key=True, autoincrement=False),
    Column("agency_id", Id, nullable=False),
    Column("document_type", String(255), nullable=False),  # vct
    Column("reservation_id", Id, nullable=False),
    ForeignKeyConstraint(["list_id"], ["status_lists.list_id"]),
    info=LIST_SCOPE,
)

# The status of every credential that was stored: exactly one row each.
status_entries = Table(
    "status_entries",
    metadata,
    Column("list_id", Id, primary_key=True),
    Column("idx", Integer, primary_key=True, autoincrement=False),
    Column("agency_id", Id, nullable=False),
    Column("document_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("value", SmallInteger, nullable=False),  # giayto_crypto.status_list.StatusValue
    Column("revision", BigInt, nullable=False),  # of the list, when this entry changed; 0: valid from the beginning
    Column("changed_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["list_id", "idx"], ["status_reservations.list_id", "status_reservations.idx"]),
    Index(None, "agency_id", "document_id", "version"),
    info=LIST_SCOPE,
)

# Tokens are rendered from these few: everything else was always valid.
_CHANGED = status_entries.c.revision != 0
Index(
    "ix_status_entries_changed",
    status_entries.c.list_id,
    status_entries.c.revision,
    sqlite_where=_CHANGED,
    postgresql_where=_CHANGED,
)

# The last token of each list: it is served until something changes, and the next one is made from it.
status_list_tokens = Table(
    "status_list_tokens",
    metadata,
    Column("list_id", Id, primary_key=True),
    Column("revision", BigInt, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("paced_until", UtcDateTime, nullable=False),  # see giayto_wallet_api.status.tokens
    Column("token", Text, nullable=False),
    ForeignKeyConstraint(["list_id"], ["status_lists.list_id"]),
    info=LIST_SCOPE,
)

# Up to which byte the database knows the export of revocations; see giayto_wallet_api.status.revocation_export.
revocation_export = Table(
    "revocation_export",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("position", BigInt, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    info=SHARED_SCOPE,
)

guard(
    status_entries,
    "revocation_is_final",
    verb="UPDATE OF value",
    when="OLD.value = 1 AND NEW.value <> 1",
    refusal="a revocation is final",
)
guard(status_entries, "stay", verb="DELETE", refusal="a status is never taken out")
