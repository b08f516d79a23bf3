"""What a mapping file says. docs/records.md explains it to a clerk."""

from typing import Annotated, Literal

import msgspec

from giayto_issuers.document_type.expectations import text_like

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
DateFormat = Annotated[
    str,
    text_like(
        r"^[dmyHMS/. :-]{4,40}$",
        "dạng ngày gồm dd, mm, yyyy và dấu ngăn cách, như mm/dd/yyyy",
        "a form of dd, mm, yyyy and what separates them, such as mm/dd/yyyy",
    ),
]


class SourceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the file is read.

    Attributes:
        encoding: of text files, and `tcvn3` for a spreadsheet typed in such a font; told by evidence when not given.
        delimiter: of CSV; told from the header when not given.
        sheet: of XLSX; the first visible one when not given.
        header_row: of XLSX; the first row that is not empty when not given.
    """

    encoding: Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1258", "tcvn3", "tcvn3-utf-8"] | None = None
    delimiter: Literal[",", ";", "\t"] | None = None
    sheet: Name | None = None
    header_row: Annotated[int, msgspec.Meta(ge=1)] | None = None


class ClaimRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where one claim comes from: exactly one of `column`, `columns` and `constant`.

    Attributes:
        column: one column of the source.
        columns: several, joined by `separator`; empty ones are left out.
        separator: what stands between them.
        constant: the same for every row.
        split: what the column is cut at, to take one part of it.
        part: which one, counted from 1, or from the end with -1, -2, ….
        values: translation of what stands there; case and spaces do not matter, and what is not named stays.
        date_format: how days are written, such as `mm/dd/yyyy`, where our own reading would be another.
    """

    column: Name | None = None
    columns: tuple[Name, ...] = ()
    separator: str = " "
    constant: str | None = None
    split: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    part: int | None = None
    values: dict[str, str] = {}
    date_format: DateFormat | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """All columns that it reads."""
        return self.columns if self.column is None else (self.column,)


class MappingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mapping file.

    Attributes:
        document_type: code of the type that it was written for.
        source: how the file is read.
        ignored: columns of the source that are not of the document.
        claims: by claim (`full_name`, or `origin.birth_place` for a field of an object), or `row_key`, `replaces`.
    """

    document_type: str | None = None
    source: SourceSettings = SourceSettings()
    ignored: tuple[Name, ...] = ()
    claims: dict[str, ClaimRule] = {}
