"""A mapping applied: from the row of an agency's export to the row that a document type understands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from unicodedata import normalize

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.document_type.reading import join
from giayto_issuers.document_type.reasons import no_such_column
from giayto_issuers.errors import MappingError, TypeMistake
from giayto_issuers.mapping.date_format import read_day
from giayto_issuers.mapping.model import ClaimRule, SourceSettings
from giayto_issuers.records.readers import BrokenRow, SourceRow
from giayto_issuers.values.unfit import UnfitValue


@dataclass(frozen=True, slots=True)
class MappedClaim:
    """One rule, ready to be applied.

    Attributes:
        name: the claim, as the mapping names it.
        key: under which the row that comes out holds it.
        rule: as written.
        values: its translation, by the folded form of what stands in the source.
        line: of the mapping file, where the rule begins.
    """

    name: str
    key: str
    rule: ClaimRule
    values: Mapping[str, str]
    line: int | None

    def take(self, row: Mapping[str, Any]) -> Any:
        """Return the value for the claim; None when the source has none."""
        rule = self.rule
        if rule.constant is not None:
            return rule.constant
        value = self._part(self._joined(row))
        if value is None:
            return None
        if self.values and not isinstance(value, UnfitValue):
            value = self.values.get(folded(str(value)), value)
        return _day(value, rule.date_format) if rule.date_format else value

    def _joined(self, row: Mapping[str, Any]) -> Any:
        found = [row.get(column) for column in self.rule.sources]
        if len(found) == 1 or any(isinstance(value, UnfitValue) for value in found):
            return next((value for value in found if isinstance(value, UnfitValue)), found[0])
        return self.rule.separator.join(str(value).strip() for value in found if value not in (None, "")) or None

    def _part(self, value: Any) -> Any:
        if self.rule.split is None or not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(self.rule.split)]
        wanted = self.rule.part or 1
        place = wanted - 1 if wanted > 0 else wanted
        if -len(parts) <= place < len(parts):
            return parts[place] or None
        text = f"{abs(wanted)}"
        return UnfitValue(
            value, Localised(vi=f"ít nhất {text} phần cách nhau bởi dấu đã nêu", en=f"at least {text} separated parts")
        )


@dataclass(frozen=True)
class ColumnMapping:
    """A checked mapping for one document type; what it does not name keeps its own name.

    Attributes:
        document_type: the type.
        claims: what it fills.
        ignored: columns that it leaves out.
        source: how the file is read.
        file: name of the mapping file, for messages.
        sha256: of the file, hexadecimal; it belongs to the name of a job.
    """

    document_type: DocumentType
    claims: tuple[MappedClaim, ...]
    ignored: frozenset[str]
    source: SourceSettings
    file: str
    sha256: str

    def checked_header(self, columns: Sequence[str]) -> list[str]:
        """Return the column names of the rows that come out.

        Raises:
            MappingError: with every column that the mapping names and the source does not have.
        """
        missing = [self._not_there(claim, column) for claim in self.claims for column in claim.rule.sources
                   if column not in columns]  # fmt: skip
        if missing:
            raise MappingError(missing)
        kept = [column for column in columns if column not in self._used]
        return list(dict.fromkeys([*kept, *(claim.key for claim in self.claims)]))

    def apply(self, row: SourceRow | BrokenRow) -> SourceRow | BrokenRow:
        """Return the row that the document type understands; `columns` of it leads back to the source."""
        if isinstance(row, BrokenRow):
            return row
        values = {column: value for column, value in row.values.items() if column not in self._used}
        for claim in self.claims:
            values[claim.key] = claim.take(row.values)
        return SourceRow(row.number, values, self.names)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What people call the keys of the rows that come out: the columns of their own file."""
        return {claim.key: " + ".join(claim.rule.sources) for claim in self.claims if claim.rule.sources}

    @cached_property
    def _used(self) -> frozenset[str]:
        return self.ignored.union(*(claim.rule.sources for claim in self.claims))

    def _not_there(self, claim: MappedClaim, column: str) -> TypeMistake:
        reason = no_such_column(column)
        return TypeMistake(self.file, join("claims", claim.name), reason.text, reason.code, claim.line)


def folded(text: str) -> str:
    """Return text as values are compared: NFC, small, single spaces."""
    return " ".join(normalize("NFC", text).casefold().split())


def _day(value: Any, form: str) -> Any:
    # A spreadsheet's day has become `yyyy-mm-dd` already, whatever form its cell shows.
    if not isinstance(value, str) or (len(value) >= 10 and read_day(value[:10], "yyyy-mm-dd")):
        return value
    day = read_day(" ".join(value.split()), form)
    if day is None:
        return UnfitValue(value, Localised(vi=f"ngày có thật theo dạng {form}", en=f"an existing day as {form}"))
    return day
