"""Made-up source records of the agencies: rows as their own systems would give them, before validation."""

from giayto_wallet_api.sandbox.records.criminal_record import criminal_record_rows
from giayto_wallet_api.sandbox.records.faults import Fault, FaultyRow, inject_faults
from giayto_wallet_api.sandbox.records.files import write_csv, write_ndjson
from giayto_wallet_api.sandbox.records.health_book import health_book_rows
from giayto_wallet_api.sandbox.records.procedure_result import procedure_result_rows
from giayto_wallet_api.sandbox.records.referral import referral_rows
from giayto_wallet_api.sandbox.records.row import Row

__all__ = [
    "Fault",
    "FaultyRow",
    "Row",
    "criminal_record_rows",
    "health_book_rows",
    "inject_faults",
    "procedure_result_rows",
    "referral_rows",
    "write_csv",
    "write_ndjson",
]
