"""Sources of records: CSV, NDJSON, XLSX and SQL queries, read row by row through one door.

    with open_source("records.xlsx", mapping=read_mapping(path, document_type)) as source:
        for row in source.rows():
            ...

XLSX needs the extra `giayto-issuers[xlsx]`, SQL `giayto-issuers[sql]`.
"""

from giayto_issuers.sources.opening import SourceKind, kind_of, open_source, open_stream
from giayto_issuers.sources.record_source import RecordSource

__all__ = ["RecordSource", "SourceKind", "kind_of", "open_source", "open_stream"]
