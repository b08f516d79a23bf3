"""An XLSX sheet as a source: a header row, then one record a row, in memory that does not grow with the file.

Cells say more than text: a day is a number with a date format, and a number has lost its leading zeros. So days come
out as `yyyy-mm-dd`, numbers as numbers (whole ones as `CellNumber`), and a number that is shown with leading zeros
(format `000000`) as the text that is shown. What Excel shows as an error is an error here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import IO, Any, Final
from xml.etree.ElementTree import Element

from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel

from giayto_crypto.localised import Localised
from giayto_issuers.encodings import tcvn3
from giayto_issuers.encodings.detection import Encoding, evidence_of_tcvn3
from giayto_issuers.errors import EncodingError, SourceError
from giayto_issuers.records.readers import BrokenRow, SourceRow
from giayto_issuers.sources.record_source import Row, checked_columns
from giayto_issuers.sources.workbook import CELL, INLINE, VALUE, Workbook, plain_text
from giayto_issuers.values.unfit import CellNumber, UnfitValue

_PRECISE: Final = 10**15
"""Excel keeps 15 digits of a number."""
_SAMPLED_ROWS: Final = 300
_NO_ERROR: Final = Localised(vi="một giá trị, không phải lỗi của Excel", en="a value, not an error of the spreadsheet")
_TOO_LONG: Final = Localised(
    vi="văn bản: số trên 15 chữ số bị mất chữ số trong bảng tính",
    en="text: a spreadsheet loses digits of a number with more than 15",
)
_A_DAY: Final = Localised(vi="ngày có thật", en="an existing day")


class Spreadsheet:
    """One open sheet. Row numbers are those that the spreadsheet shows."""

    def __init__(self, workbook: Workbook, header_row: int | None, *, is_tcvn3: bool) -> None:
        """Find the header.

        Args:
            workbook: open.
            header_row: number of the row with the column names; the first row that is not empty when None.
            is_tcvn3: whether the cells were typed in a TCVN3 font.

        Raises:
            SourceError: there is no usable header.
        """
        self._workbook = workbook
        self._is_tcvn3 = is_tcvn3
        self._header_row, names = self._find_header(header_row)
        self._names = checked_columns(names)

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names; a column without a name is left out."""
        return tuple(filter(None, self._names))

    @property
    def progress(self) -> float:
        """Share of the sheet that has been read."""
        return self._workbook.progress

    def rows(self) -> Iterator[Row]:
        """Read the rows below the header; empty ones are passed over."""
        for number, cells in self._numbered_cells():
            if number > self._header_row and any(value not in (None, "") for value in cells.values()):
                yield self._row(number, cells)

    def refuse_unnoticed_tcvn3(self) -> None:
        """Look at the beginning of the sheet.

        Raises:
            EncodingError: its texts were typed in a TCVN3 font.
        """
        texts: list[str] = []
        for number, cells in self._numbered_cells():
            texts += [value for value in cells.values() if isinstance(value, str) and not value.isascii()]
            if number > self._header_row + _SAMPLED_ROWS:
                break
        if evidence_of_tcvn3(texts):
            raise EncodingError("encoding: the cells were typed in a TCVN3 (.VnTime) font; pass the encoding tcvn3")

    def _row(self, number: int, cells: Mapping[int, Any]) -> Row:
        values: dict[str, Any] = dict.fromkeys(self.columns)
        for place, value in cells.items():
            name = self._names[place - 1] if place <= len(self._names) else ""
            if name:
                values[name] = value
            elif value not in (None, ""):
                detail = f"row {number}: a value in column {get_column_letter(place)}, which has no name"
                return BrokenRow(number, SourceError(detail, row=number))
        return SourceRow(number, values)

    def _find_header(self, wanted: int | None) -> tuple[int, list[str]]:
        for number, cells in self._numbered_cells():
            if number == wanted or (wanted is None and any(value not in (None, "") for value in cells.values())):
                return number, [_name(cells.get(place)) for place in range(1, max(cells, default=0) + 1)]
        raise SourceError("XLSX: no header row is found on the sheet")

    def _numbered_cells(self) -> Iterator[tuple[int, dict[int, Any]]]:
        number = 0
        for element in self._workbook.rows():
            try:
                number = int(element.get("r", number + 1))
                cells = self._cells(element)
            except (ValueError, IndexError) as error:
                raise SourceError(f"XLSX: row {number}: the file is damaged", row=number) from error
            yield number, cells

    def _cells(self, row: Element) -> dict[int, Any]:
        cells: dict[int, Any] = {}
        place = 0
        for element in row.iterfind(CELL):
            reference = element.get("r")
            place = _column_number(reference) if reference else place + 1
            cells[place] = self._value(element)
        return cells

    def _value(self, cell: Element) -> Any:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find(INLINE)
            return None if inline is None else self._text(plain_text(inline))
        written = cell.findtext(VALUE)
        if not written:
            return None
        match kind:
            case "s":
                return self._text(self._workbook.strings[int(written)])
            case "str":
                return self._text(written)
            case "b":
                return written == "1"
            case "e":
                return UnfitValue(written, _NO_ERROR)
            case "d":
                return written.removesuffix("T00:00:00")
            case _:
                return self._number(written, int(cell.get("s", "0")))

    def _text(self, text: str) -> str:
        return tcvn3.restore_capitals(tcvn3.decode_cell(text)) if self._is_tcvn3 else text

    def _number(self, written: str, style: int) -> Any:
        styles = self._workbook.styles
        if style in styles.dates:
            return self._moment(float(written), is_duration=style in styles.durations)
        try:
            number = Decimal(written)
        except InvalidOperation as error:
            raise ValueError("no number") from error
        if abs(number) >= _PRECISE:
            return UnfitValue(written, _TOO_LONG)
        if number != number.to_integral_value():
            # Excel shows 15 digits: 58.499999999999996 is 58.5 to a clerk.
            return float(f"{number:.15g}")
        shown = styles.padding.get(style)
        return str(int(number)).zfill(shown) if shown and number >= 0 else CellNumber(int(number))

    def _moment(self, serial: float, *, is_duration: bool) -> Any:
        if serial < 0:
            # Excel shows ###### for a day before its first.
            return UnfitValue(serial, _A_DAY)
        try:
            moment = from_excel(serial, self._workbook.epoch, timedelta=is_duration)
        except (OverflowError, ValueError):
            return UnfitValue(serial, _A_DAY)
        match moment:
            case datetime() if moment.time() == time():
                return moment.date().isoformat()
            case datetime():
                return moment.isoformat(sep=" ", timespec="seconds")
            case date() | time():
                return moment.isoformat()
            case _:
                return UnfitValue(str(moment), _A_DAY)


@contextmanager
def open_spreadsheet(
    stream: IO[bytes], *, encoding: Encoding | None, sheet: str | None, header_row: int | None
) -> Iterator[Spreadsheet]:
    """Provide a sheet of an XLSX file.

    Args:
        stream: seekable.
        encoding: `tcvn3` when the cells were typed in such a font; XLSX has no other to choose.
        sheet: its name; the first visible one when None.
        header_row: number of the row with the column names; the first that is not empty when None.

    Raises:
        EncodingError: the cells were typed in a TCVN3 font, and `encoding` does not say so.
        SourceError: the file cannot be read, or has no such sheet or no header.
    """
    workbook = Workbook(stream, sheet)
    try:
        opened = Spreadsheet(workbook, header_row, is_tcvn3=encoding is Encoding.TCVN3)
        if encoding is None:
            opened.refuse_unnoticed_tcvn3()
        yield opened
    finally:
        workbook.close()


def _name(value: Any) -> str:
    return "" if value is None or isinstance(value, UnfitValue) else str(value)


def _column_number(reference: str) -> int:
    number = 0
    for character in reference:
        if not "A" <= character <= "Z":
            break
        number = number * 26 + ord(character) - 64
    if not 1 <= number <= 16_384:
        raise ValueError("no such column")
    return number
