"""An empty table for an agency to fill in: the columns that a type's records have, as CSV or as a workbook."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import Claim, ClaimType, DocumentType
from giayto_issuers.errors import MissingLibraryError

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_BOM = "\ufeff"
_DATA, _HELP, _CODES = "Dữ liệu", "Hướng dẫn", "Danh mục mã"
_LAST_ROW = 1_048_576
"""Of a worksheet (ECMA-376 §18.3.1.73)."""
_YES_NO = ("có", "không")
_WIDTH = 20
_HELP_HEADER = ("Cột", "Nhãn", "Label", "Kiểu", "Bắt buộc", "Dạng và mã")
_FORMS = {
    ClaimType.STRING: "một dòng chữ",
    ClaimType.TEXT: "nhiều dòng chữ",
    ClaimType.DATE: "dd/mm/yyyy",
    ClaimType.DATETIME: "dd/mm/yyyy HH:MM",
    ClaimType.INTEGER: "số nguyên",
    ClaimType.DECIMAL: "số thập phân, như 58,5",
    ClaimType.BOOLEAN: "có hoặc không",
    ClaimType.OBJECT: "đối tượng JSON {...}",
}


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column: its name in the file, and the claim it fills. The row key may be no claim."""

    name: str
    label: Localised
    claim: Claim | None
    mandatory: bool

    @property
    def choices(self) -> tuple[str, ...]:
        """What a cell may hold, where that is a list of single values."""
        if self.claim is None or self.claim.type is ClaimType.LIST:
            return ()
        return _YES_NO if self.claim.type is ClaimType.BOOLEAN else tuple(self.claim.codes)

    def name_of(self, choice: str) -> str:
        """What people call a choice; a word that speaks for itself has no other name."""
        code = None if self.claim is None else self.claim.codes.get(choice)
        return "" if code is None else code.vi

    @property
    def form(self) -> str:
        """How to fill it in, for people."""
        if self.claim is None:
            return "khóa ổn định của mỗi dòng, không chứa dữ liệu cá nhân"
        form = self.claim.identifier or _FORMS.get(self.claim.element_type, "")
        if self.claim.codes:
            form = "; ".join(f"{code}: {text.vi}" for code, text in list(self.claim.codes.items())[:40])
        if self.claim.type is not ClaimType.LIST:
            return form
        return f"cách nhau bằng {self.claim.separator} ({form})" if self.claim.separator else "danh sách JSON [...]"


def template_columns(document_type: DocumentType) -> tuple[TemplateColumn, ...]:
    """Return the columns of a type's import table, the row key first; objects are spread over columns of their own."""
    key = document_type.source.row_key_column
    columns = [column for claim in document_type.claims for column in _spread(claim, mandatory=True)]
    if key in {column.name for column in columns}:
        return tuple(columns)
    label = Localised(vi="Khóa dòng", en="Row key")
    return (TemplateColumn(key, label, None, mandatory=True), *columns)


def csv_template(document_type: DocumentType) -> bytes:
    """Return a CSV with a header and no rows: UTF-8 with the mark by which Excel knows it, CRLF (RFC 4180)."""
    text = StringIO()
    csv.writer(text).writerow(column.name for column in template_columns(document_type))
    return (_BOM + text.getvalue()).encode("utf-8")


def xlsx_template(document_type: DocumentType) -> bytes:
    """Return a workbook: an empty table with drop-downs for codes, a sheet that explains each column, and the codes.

    Cells are text, so that a spreadsheet neither drops leading zeros nor turns dates around.

    Raises:
        MissingLibraryError: openpyxl is not installed (the extra `xlsx`).
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise MissingLibraryError("openpyxl", extra="xlsx") from error
    workbook = Workbook()
    data: Worksheet = workbook.active or workbook.create_sheet()
    data.title = _DATA
    help_sheet, codes = workbook.create_sheet(_HELP), workbook.create_sheet(_CODES)
    columns = template_columns(document_type)
    _fill_data(data, columns)
    _fill_help(help_sheet, document_type, columns)
    _fill_codes(codes, data, columns)
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _spread(claim: Claim, *, mandatory: bool) -> Iterator[TemplateColumn]:
    needed = mandatory and claim.mandatory
    if claim.type is ClaimType.OBJECT:
        for field in claim.fields:
            yield from _spread(field, mandatory=needed)
    else:
        yield TemplateColumn(claim.columns[0], claim.label, claim, needed)


def _fill_data(sheet: "Worksheet", columns: tuple[TemplateColumn, ...]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    mandatory = PatternFill("solid", fgColor="FFF2CC")
    for number, column in enumerate(columns, 1):
        cell = sheet.cell(1, number, column.name)
        cell.font = Font(bold=True)
        cell.comment = Comment(f"{column.label.vi}\n{column.label.en}", "giayto")
        if column.mandatory:
            cell.fill = mandatory
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = _WIDTH
        dimension.number_format = "@"
    sheet.freeze_panes = "A2"


def _fill_help(sheet: "Worksheet", document_type: DocumentType, columns: tuple[TemplateColumn, ...]) -> None:
    from openpyxl.styles import Font

    sheet.append([f"{document_type.titles.vi} · {document_type.titles.en} ({document_type.vct})"])
    sheet.append(["Mỗi dòng của trang đầu là một giấy tờ. Cột có nền vàng là bắt buộc."])
    sheet.append(_HELP_HEADER)
    for cell in sheet[3]:
        cell.font = Font(bold=True)
    for column in columns:
        kind = column.claim.element_type.value if column.claim is not None else "string"
        needed = "có" if column.mandatory else ""
        sheet.append([column.name, column.label.vi, column.label.en, kind, needed, column.form])
    for letter, width in zip("ABCDEF", (24, 36, 36, 12, 10, 80), strict=True):
        sheet.column_dimensions[letter].width = width


def _fill_codes(sheet: "Worksheet", data: "Worksheet", columns: tuple[TemplateColumn, ...]) -> None:
    """Write each column's codes with their names, and let the data sheet offer them: a list in a rule is short."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    chosen = [(number, column) for number, column in enumerate(columns, 1) if column.choices]
    for index, (number, column) in enumerate(chosen):
        place = 2 * index + 1
        letter, target = get_column_letter(place), get_column_letter(number)
        sheet.cell(1, place, column.name)
        sheet.cell(1, place + 1, column.label.vi)
        sheet.column_dimensions[get_column_letter(place + 1)].width = _WIDTH
        for row, choice in enumerate(column.choices, 2):
            sheet.cell(row, place, choice).number_format = "@"
            sheet.cell(row, place + 1, column.name_of(choice))
        offered = f"'{_CODES}'!${letter}$2:${letter}${len(column.choices) + 1}"
        validation = DataValidation(type="list", formula1=offered, allow_blank=True, showErrorMessage=True)
        validation.error = f"{column.label.vi}: chọn một mã trong danh mục"
        validation.add(f"{target}2:{target}{_LAST_ROW}")
        data.add_data_validation(validation)
