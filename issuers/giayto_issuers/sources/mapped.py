"""A source seen through a mapping of columns."""

from collections.abc import Iterator

from giayto_issuers.mapping.column_mapping import ColumnMapping
from giayto_issuers.sources.record_source import RecordSource, Row


class MappedSource:
    """Rows as the document type understands them; `unmapped` is the source as the agency wrote it."""

    def __init__(self, source: RecordSource, mapping: ColumnMapping) -> None:
        """Check the header.

        Raises:
            MappingError: the mapping names columns that the source does not have.
        """
        self.unmapped = source
        self._mapping = mapping
        columns = source.columns
        self._columns = None if columns is None else tuple(mapping.checked_header(columns))

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Column names, those of the mapping."""
        return self._columns

    @property
    def progress(self) -> float | None:
        """Share of the source that has been read."""
        return self.unmapped.progress

    def rows(self) -> Iterator[Row]:
        """Read all rows from the beginning."""
        return map(self._mapping.apply, self.unmapped.rows())


def mapped(source: RecordSource, mapping: ColumnMapping | None) -> RecordSource:
    """Return a source as a mapping shows it, or itself where there is none."""
    return source if mapping is None else MappedSource(source, mapping)
