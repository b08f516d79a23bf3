"""What `giayto type export` makes of a document type, in bytes."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from giayto_issuers.document_type.claims_schema import claims_schema
from giayto_issuers.document_type.credential_configuration import credential_configuration
from giayto_issuers.document_type.import_template import csv_template, xlsx_template
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.document_type.page import page
from giayto_issuers.document_type.published import type_metadata
from giayto_sdk.errors import ConfigurationError

ExportFormat = Literal["json-schema", "metadata", "openid4vci", "csv", "xlsx", "markdown"]


def export_type(document_type: DocumentType, form: ExportFormat) -> bytes:
    """Return what was asked for."""
    return _EXPORTS[form](document_type)


def write_export(content: bytes, form: ExportFormat) -> None:
    """Write it to standard output; ConfigurationError for a workbook, which no terminal should get."""
    if form == "xlsx" and sys.stdout.isatty():
        raise ConfigurationError("--out: a file is needed for a workbook")
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


def _json(make: Callable[[DocumentType], Mapping[str, Any]]) -> Callable[[DocumentType], bytes]:
    return lambda document_type: (json.dumps(make(document_type), ensure_ascii=False, indent=2) + "\n").encode("utf-8")


_EXPORTS: Final[Mapping[ExportFormat, Callable[[DocumentType], bytes]]] = {
    "json-schema": _json(claims_schema),
    "metadata": _json(type_metadata),
    "openid4vci": _json(credential_configuration),
    "csv": csv_template,
    "xlsx": xlsx_template,
    "markdown": lambda document_type: page(document_type).encode("utf-8"),
}
