"""All tables of all features on the one metadata: importing this module declares them.

Migrations and tests need the whole schema; features import only their own tables.
"""

from giayto_wallet_api.agencies import tables as agencies_tables
from giayto_wallet_api.audit import tables as audit_tables
from giayto_wallet_api.authorization import tables as authorization_tables
from giayto_wallet_api.catalogue import tables as catalogue_tables
from giayto_wallet_api.changes import tables as changes_tables
from giayto_wallet_api.corrections import tables as corrections_tables
from giayto_wallet_api.credential_issuance import tables as credential_issuance_tables
from giayto_wallet_api.deposits import tables as deposits_tables
from giayto_wallet_api.devices import tables as devices_tables
from giayto_wallet_api.documents import tables as documents_tables
from giayto_wallet_api.figures import tables as figures_tables
from giayto_wallet_api.holder_keys import tables as holder_keys_tables
from giayto_wallet_api.hosted_signing import tables as hosted_signing_tables
from giayto_wallet_api.idempotency import tables as idempotency_tables
from giayto_wallet_api.identity.sandbox_provider import tables as sandbox_provider_tables
from giayto_wallet_api.inbox import tables as inbox_tables
from giayto_wallet_api.limits import tables as limits_tables
from giayto_wallet_api.outbox import tables as outbox_tables
from giayto_wallet_api.presentation_requests import tables as presentation_requests_tables
from giayto_wallet_api.publications import revisions
from giayto_wallet_api.publications import tables as publications_tables
from giayto_wallet_api.push_jobs import tables as push_jobs_tables
from giayto_wallet_api.refusal_reports import tables as refusal_reports_tables
from giayto_wallet_api.signing_requests import tables as signing_requests_tables
from giayto_wallet_api.status import tables as status_tables
from giayto_wallet_api.store import one_time, rate_limits
from giayto_wallet_api.store.metadata import metadata
from giayto_wallet_api.wallets import tables as wallets_tables

TABLE_MODULES = (
    agencies_tables,
    audit_tables,
    authorization_tables,
    catalogue_tables,
    changes_tables,
    corrections_tables,
    credential_issuance_tables,
    deposits_tables,
    devices_tables,
    documents_tables,
    figures_tables,
    holder_keys_tables,
    hosted_signing_tables,
    idempotency_tables,
    inbox_tables,
    limits_tables,
    one_time,
    outbox_tables,
    presentation_requests_tables,
    publications_tables,
    push_jobs_tables,
    rate_limits,
    refusal_reports_tables,
    revisions,
    sandbox_provider_tables,
    signing_requests_tables,
    status_tables,
    wallets_tables,
)

__all__ = ["TABLE_MODULES", "metadata"]
