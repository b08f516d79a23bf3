"""The issuing side: document types as data, records checked against them, credentials made of them.

`load_builtin_types` → `read_csv` / `read_ndjson` → `validate_record` → `prepare_document` → `sign_copy`.
"""

from giayto_issuers.claims import check_claims, check_signed_payload, disclosable
from giayto_issuers.document_type.loading import load_builtin_types, load_type
from giayto_issuers.document_type.model import DocumentType, DocumentTypes
from giayto_issuers.records.header import check_header
from giayto_issuers.records.readers import BrokenRow, SourceRow, read_csv, read_csv_header, read_ndjson
from giayto_issuers.records.validation import ValidRecord, validate_record
from giayto_issuers.signing import IssuingAgency, PreparedDocument, check_issuer, prepare_document, sign_copy
from giayto_issuers.status_indexes import IndexPermutation
from giayto_issuers.subjects import Subject, SubjectIdentity

__all__ = [
    "BrokenRow",
    "DocumentType",
    "DocumentTypes",
    "IndexPermutation",
    "IssuingAgency",
    "PreparedDocument",
    "SourceRow",
    "Subject",
    "SubjectIdentity",
    "ValidRecord",
    "check_claims",
    "check_header",
    "check_issuer",
    "check_signed_payload",
    "disclosable",
    "load_builtin_types",
    "load_type",
    "prepare_document",
    "read_csv",
    "read_csv_header",
    "read_ndjson",
    "sign_copy",
    "validate_record",
]
