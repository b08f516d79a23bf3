"""The issuing side: document types as data, records checked against them, credentials made of them."""

from giayto_issuers.document_type.loading import load_builtin_types, load_type
from giayto_issuers.document_type.model import DocumentType, DocumentTypes
from giayto_issuers.subjects import Subject, SubjectIdentity

__all__ = ["DocumentType", "DocumentTypes", "Subject", "SubjectIdentity", "load_builtin_types", "load_type"]
