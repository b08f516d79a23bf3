"""Where a worker finds the record of a row again, months after it was pushed.

`RecordSource` is all that a worker needs: an agency's own system may be one. `IndexedRecords` reads a source of rows (a
file or a query, see `giayto_issuers.sources`) once and keeps each row under its row key, so that one of millions is
found without reading the others. The file holds the agency's own records; only its owner may read it.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.mapping.reading import read_mapping
from giayto_issuers.records.readers import BrokenRow, SourceRow
from giayto_issuers.records.validation import ROW_KEY
from giayto_issuers.sources.spooled import decode_row, encode_row
from giayto_issuers.values.text import clean_line
from giayto_issuers.values.unfit import CellNumber, Unfit
from giayto_sdk._files import PRIVATE_FILE, make_private_folder
from giayto_sdk._issuing.sources import open_source
from giayto_sdk.errors import JournalError

if TYPE_CHECKING:
    import sqlite3

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS sources (
    document_type TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (document_type, sha256)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    document_type TEXT NOT NULL, row_key TEXT NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (document_type, row_key)
) WITHOUT ROWID;
"""


class RecordSource(Protocol):
    """Gives back the rows of an agency's own system by their keys."""

    def record(self, document_type: DocumentType, row_key: str) -> SourceRow | None:
        """Return the row, as its system has it now; None when it has none of this key."""
        ...


class IndexedRecords:
    """Rows of sources, found by their keys."""

    def __init__(self, folder: Path) -> None:
        """Open the index in a folder, or make one.

        Raises:
            JournalError: the folder cannot be used.
        """
        self._folder = folder
        # A verifier that imports the SDK has no use for it.
        import sqlite3

        path = folder / "records.sqlite"
        try:
            make_private_folder(folder)
            # Made by us, so that nobody else may read it from its first byte on.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))
            self._index = sqlite3.connect(path, isolation_level=None)
            self._index.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"records: the index in {folder.name} cannot be used ({error})") from error

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def read(self, document_type: DocumentType, path: str | Path, *, mapping: Path | None = None) -> int:
        """Take in the rows of a source; how many, 0 when just this content was taken in before.

        A row takes the place of an earlier one of the same key. Others stay: this month's file does not hold last
        month's rows, and their documents are renewed too.

        Args:
            document_type: what the rows are records of.
            path: the source.
            mapping: TOML file that says which column holds which claim.

        Raises:
            ConfigurationError: the source is not one, or cannot be read.
            MappingError: the mapping is wrong, or does not fit the source.
            SourceError: it cannot be read on.
        """
        columns = None if mapping is None else read_mapping(mapping, document_type)
        with open_source(path, self._folder, mapping=columns) as source:
            source.check_header(document_type)
            digest = sha256(f"{document_type.vct} {source.sha256}".encode()).hexdigest()
            query = "SELECT 1 FROM sources WHERE document_type = ? AND sha256 = ?"
            if self._index.execute(query, (document_type.vct, digest)).fetchone():
                return 0
            with closing(self._index.cursor()) as cursor:
                return self._take_in(cursor, document_type, digest, source.rows())

    def record(self, document_type: DocumentType, row_key: str) -> SourceRow | None:
        """See `RecordSource`."""
        query = "SELECT content FROM records WHERE document_type = ? AND row_key = ?"
        found = self._index.execute(query, (document_type.vct, row_key)).fetchone()
        return None if found is None else decode_row(found[0])

    def _take_in(
        self,
        cursor: "sqlite3.Cursor",
        document_type: DocumentType,
        digest: str,
        rows: Iterator[SourceRow | BrokenRow],
    ) -> int:
        """All or nothing: a worker that reads meanwhile sees the rows from before."""
        cursor.execute("BEGIN IMMEDIATE")
        try:
            keyed = (
                (document_type.vct, row_key, row.number, encode_row(row))
                for row in rows
                if isinstance(row, SourceRow) and (row_key := _row_key(document_type, row.values)) is not None
            )
            cursor.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", keyed)
            count = cursor.rowcount
            cursor.execute("INSERT INTO sources VALUES (?, ?)", (document_type.vct, digest))
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")
        return count


def _row_key(document_type: DocumentType, values: Any) -> str | None:
    """Return the key of a row; None when it has none, and nothing can ask for it."""
    for column in (ROW_KEY, document_type.source.row_key_column):
        value = values.get(column)
        if isinstance(value, CellNumber):
            return str(int(value))
        if isinstance(value, str) and value.strip():
            try:
                return clean_line(value)
            except Unfit:
                return None
    return None
