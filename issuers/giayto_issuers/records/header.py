"""The header of a CSV against a document type: a wrong file is told once, not once for each of its rows."""

from collections.abc import Sequence

from giayto_issuers.document_type.model import Claim, DocumentType
from giayto_issuers.errors import HeaderError
from giayto_issuers.records.normalisation import printable_column
from giayto_issuers.records.validation import OF_THE_RECORD, ROW_KEY


def check_header(document_type: DocumentType, header: Sequence[str]) -> None:
    """Check that rows under a header can be records of a type, as far as its column names tell.

    Args:
        document_type: what each row should become.
        header: column names, each once.

    Raises:
        HeaderError: with all columns that the type does not know, and all that every record needs and are not there.
    """
    known = known_columns(document_type)
    unknown = [printable_column(column) for column in header if column not in known]
    missing = _missing(document_type, frozenset(header))
    if unknown or missing:
        raise HeaderError(document_type.code, unknown=unknown, missing=missing)


def known_columns(document_type: DocumentType) -> frozenset[str]:
    """Return every column name that a row of the type may have."""
    source = document_type.source
    of_its_own = {source.row_key_column, *OF_THE_RECORD, *source.ignored_columns}
    return frozenset(of_its_own.union(*map(_columns, document_type.claims)))


def _missing(document_type: DocumentType, named: frozenset[str]) -> list[str]:
    row_key = document_type.source.row_key_column
    missing = [] if named & {row_key, ROW_KEY} else [row_key]
    missing += [
        _columns(claim)[0] for claim in document_type.claims if claim.mandatory and named.isdisjoint(_columns(claim))
    ]
    # The row key may be a claim as well.
    return list(dict.fromkeys(missing))


def _columns(claim: Claim) -> tuple[str, ...]:
    """Return all columns from which a row can take the claim, the one that people know first."""
    return (*claim.row_columns, claim.name)
