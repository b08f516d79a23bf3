"""Tables of what waits to be signed. No claims: only which row of which agency, for which keys."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table

from giayto_wallet_api.store.metadata import AGENCY_SCOPE, WALLET_SCOPE, Id, UtcDateTime, metadata

WAITING, DELIVERED, WITHDRAWN = "waiting", "delivered", "withdrawn"
OPEN, COMPLETED, DEAD, CANCELLED = "open", "completed", "dead", "cancelled"
WALLET_APPEARED, NEW_DEVICE, ROTATION = "wallet_appeared", "new_device", "rotation"

ANY_DEVICE = ""
"""A preparation that waits for the first device with keys."""

# A row whose subject had no wallet, or no number yet, when the agency pushed.
waiting_documents = Table(
    "waiting_documents",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("row_key", String(128), primary_key=True),
    Column("document_type", String(255), nullable=False),  # vct
    Column("subject_hash", LargeBinary(32)),  # keyed; null: a newborn without a number
    Column("wallet_id", Id),  # from when the subject has one
    Column("state", String(16), nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    CheckConstraint(f"state IN ('{WAITING}', '{DELIVERED}', '{WITHDRAWN}')", name="state"),
    Index(None, "subject_hash"),  # asked once in the life of a wallet, over all agencies
    Index(None, "agency_id", "state", "row_key"),
    info=AGENCY_SCOPE,
)

# One copy that one agency is asked to sign for one device. `available_at` is the visibility time-out of a lease.
signing_requests = Table(
    "signing_requests",
    metadata,
    Column("agency_id", Id, primary_key=True),
    Column("request_id", Id, primary_key=True),
    Column("row_key", String(128), nullable=False),
    Column("document_type", String(255), nullable=False),  # vct
    Column("wallet_id", Id, nullable=False),
    Column("device_id", Id, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("available_at", UtcDateTime, nullable=False),
    Column("lease_id", Id),
    Column("failure", String(64)),  # code of the last one
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    CheckConstraint(f"state IN ('{OPEN}', '{COMPLETED}', '{DEAD}', '{CANCELLED}')", name="state"),
    CheckConstraint(f"reason IN ('{WALLET_APPEARED}', '{NEW_DEVICE}', '{ROTATION}')", name="reason"),
    Index(None, "agency_id", "state", "available_at"),
    Index(None, "agency_id", "row_key"),
    info=AGENCY_SCOPE,
)
# What is open or dead is not asked for a second time.
_IS_UNMET = signing_requests.c.state.in_((OPEN, DEAD))
Index(
    "uq_signing_requests_unmet",
    signing_requests.c.agency_id,
    signing_requests.c.row_key,
    signing_requests.c.device_id,
    unique=True,
    sqlite_where=_IS_UNMET,
    postgresql_where=_IS_UNMET,
)

# What the citizen sees of it, with the rows of their wallet: documents that are being prepared.
preparations = Table(
    "preparations",
    metadata,
    Column("wallet_id", Id, primary_key=True),
    Column("agency_id", Id, primary_key=True),
    Column("row_key", String(128), primary_key=True),
    Column("device_id", Id, primary_key=True),  # ANY_DEVICE until the document is there
    Column("document_type", String(255), nullable=False),  # vct
    Column("preparation_id", Id, nullable=False),
    Column("document_id", Id),  # null: not in the wallet yet
    Column("reason", String(16), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    info=WALLET_SCOPE,
)
