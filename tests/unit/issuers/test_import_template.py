"""The empty tables: an agency that fills one in has rows that its type takes."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from giayto_issuers import DocumentType, check_header, load_builtin_types
from giayto_issuers.document_type.import_template import csv_template, template_columns, xlsx_template

TYPES = load_builtin_types()
each_type = pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)


@each_type
def test_the_csv_is_a_header_that_the_type_takes(document_type: DocumentType) -> None:
    content = csv_template(document_type)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    (header,) = csv.reader(StringIO(content.decode("utf-8-sig")))
    assert len(set(header)) == len(header)
    check_header(document_type, header)


@each_type
def test_every_claim_has_its_column_and_mandatory_ones_are_marked(document_type: DocumentType) -> None:
    columns = template_columns(document_type)
    filled = {id(column.claim) for column in columns}
    for claim in document_type.claims:
        fields = claim.fields if claim.type == "object" else (claim,)
        assert all(id(field) in filled for field in fields if field.type != "object")
        if claim.mandatory and claim.type != "object":
            assert next(column for column in columns if column.claim is claim).mandatory


@each_type
def test_the_workbook_begins_with_the_same_header(document_type: DocumentType) -> None:
    workbook = load_workbook(BytesIO(xlsx_template(document_type)))
    data, help_sheet, _ = workbook.worksheets
    columns = template_columns(document_type)
    assert [cell.value for cell in data[1]] == [column.name for column in columns]
    assert data.max_row == 1
    assert [row[0].value for row in help_sheet.iter_rows(min_row=4)] == [column.name for column in columns]


def test_codes_are_offered_and_cells_are_text() -> None:
    workbook = load_workbook(BytesIO(xlsx_template(TYPES["driving-licence"])))
    data, _, codes = workbook.worksheets
    state = next(cell for cell in data[1] if cell.value == "TRANG_THAI")
    (offered,) = [
        rule for rule in data.data_validations.dataValidation if str(rule.sqref).startswith(f"{state.column_letter}2")
    ]
    assert data.column_dimensions[state.column_letter].number_format == "@"
    sheet, _, cells = offered.formula1.partition("!")
    assert sheet.strip("'") == codes.title
    claim = TYPES["driving-licence"].claim("licence_state")
    assert claim is not None
    offered = [row[0] for row in codes[cells.replace("$", "")]]
    assert [cell.value for cell in offered] == list(claim.codes)
    assert [cell.offset(0, 1).value for cell in offered] == [label.vi for label in claim.codes.values()]
