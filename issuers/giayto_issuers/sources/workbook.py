"""The parts of an XLSX file: which sheet, which cells are dates, and the XML of the rows, element by element.

openpyxl reads the small parts. The two that grow with the number of rows, the sheet and the shared strings, are read
here: openpyxl keeps an element for each row and a list of all strings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from re import compile as compile_pattern
from typing import IO, Final
from warnings import catch_warnings, simplefilter
from xml.etree.ElementTree import Element, ParseError, iterparse
from zipfile import BadZipFile, ZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from giayto_issuers.errors import SourceError
from giayto_issuers.sources.shared_strings import SharedStrings

MAX_ROW_BYTES: Final = 16 * 1024 * 1024
"""XML of one row, or of one shared string."""
_MAX_PART_BYTES: Final = 32 * 1024 * 1024
_MAX_PARTS: Final = 10_000
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ROW, CELL, VALUE, INLINE = (f"{_MAIN}{name}" for name in ("row", "c", "v", "is"))
_DATA, _STRING, _TEXT, _RUN = (f"{_MAIN}{name}" for name in ("sheetData", "si", "t", "r"))
_ZEROS: Final = compile_pattern(r"0{2,32}")
_STRINGS_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


@dataclass(frozen=True, slots=True)
class Styles:
    """What a number means, by the number of its cell's style.

    Attributes:
        dates: styles that show a day or time.
        durations: those of them that show a span of time.
        padding: styles that show leading zeros, and how many digits they show.
    """

    dates: frozenset[int]
    durations: frozenset[int]
    padding: dict[int, int]


class Workbook:
    """An open XLSX file and the one sheet of it that is read."""

    def __init__(self, stream: IO[bytes], sheet: str | None) -> None:
        """Read everything but the rows.

        Args:
            stream: seekable.
            sheet: name of the sheet; the first visible one when None.

        Raises:
            SourceError: not an XLSX file, a part that is too large, or no such sheet.
        """
        try:
            self._archive = ZipFile(stream)
            _check_sizes(self._archive)
            reader = _Reader(self._archive)
            reader.read_small_parts()
        except (BadZipFile, InvalidFileException, ParseError, KeyError, TypeError, ValueError, OSError) as error:
            detail = "XLSX: the file is damaged, protected by a password or no XLSX"
            raise SourceError(f"{detail} ({type(error).__name__})") from error
        self.sheet, self._part = _chosen(reader.sheets, sheet)
        self.styles, self.epoch = reader.styles, reader.wb.epoch
        self._size = max(1, self._archive.getinfo(self._part).file_size)
        self._member: _BoundedMember | None = None
        self.strings = SharedStrings(self._shared_strings(reader.strings_part))

    @property
    def progress(self) -> float:
        """Share of the sheet that has been read."""
        return 0.0 if self._member is None else min(1.0, self._member.count / self._size)

    def rows(self) -> Iterator[Element]:
        """Yield the XML element of each row; it is empty when the next one is asked for."""
        with self._archive.open(self._part) as raw:
            self._member = _BoundedMember(raw)
            data = None
            for event, element in _elements(self._member):
                if event == "start" and element.tag == _DATA:
                    data = element
                elif event == "end" and element.tag == ROW and data is not None:
                    yield element
                    data.clear()
                    self._member.begin()
                elif event == "end" and element.tag == _DATA:
                    return

    def close(self) -> None:
        """Let the files go; the stream stays open."""
        self.strings.close()
        self._archive.close()

    def _shared_strings(self, part: str | None) -> Iterator[str]:
        if part is None:
            return
        with self._archive.open(part) as raw:
            member = _BoundedMember(raw)
            root = None
            for event, element in _elements(member):
                if root is None:
                    root = element
                elif event == "end" and element.tag == _STRING:
                    yield plain_text(element)
                    root.clear()
                    member.begin()


def plain_text(element: Element) -> str:
    """Return the text of a string element: its runs joined, without the phonetic guides of East Asian text."""
    parts = [child.findtext(_TEXT, "") if child.tag == _RUN else child.text or "" for child in element
             if child.tag in (_RUN, _TEXT)]  # fmt: skip
    # Control characters are written as _x000D_.
    return str(unescape("".join(parts)))


class _Reader(ExcelReader):  # type: ignore[misc] # openpyxl has no types
    """openpyxl's reader, less the parts that grow with the number of rows."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive
        self.valid_files = archive.namelist()
        self.read_only = self.data_only = True
        self.keep_vba = self.keep_links = self.rich_text = False
        self.shared_strings: list[str] = []

    def read_small_parts(self) -> None:
        self.read_manifest()
        with catch_warnings():
            # About what openpyxl cannot write back: nothing is written.
            simplefilter("ignore")
            self.read_workbook()
            apply_stylesheet(self.archive, self.wb)
        strings = self.package.find(_STRINGS_TYPE)
        self.strings_part = strings.PartName[1:] if strings is not None else None
        self.sheets = [
            (sheet.name, sheet.state == "visible", relation.target)
            for sheet, relation in self.parser.find_sheets()
            if "chartsheet" not in relation.Type and relation.target in self.valid_files
        ]

    @property
    def styles(self) -> Styles:
        # These attributes are openpyxl's own; its readers have no public way to them.
        formats = {place: self._format(style.numFmtId) for place, style in enumerate(self.wb._cell_styles)}  # noqa: SLF001
        padding = {place: len(text) for place, text in formats.items() if _ZEROS.fullmatch(text)}
        return Styles(frozenset(self.wb._date_formats), frozenset(self.wb._timedelta_formats), padding)  # noqa: SLF001

    def _format(self, number: int) -> str:
        if number < BUILTIN_FORMATS_MAX_SIZE:
            return str(BUILTIN_FORMATS.get(number, "General"))
        return str(self.wb._number_formats[number - BUILTIN_FORMATS_MAX_SIZE])  # noqa: SLF001


class _BoundedMember:
    """A part of the archive; between two calls of `begin` no more than 16 MiB may be read: a bomb is not unpacked."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._begun = 0
        self.count = 0

    def begin(self) -> None:
        self._begun = self.count

    def read(self, size: int = -1) -> bytes:
        chunk = self._raw.read(size)
        self.count += len(chunk)
        if self.count - self._begun > MAX_ROW_BYTES:
            raise SourceError(f"XLSX: a row or text of over {MAX_ROW_BYTES} bytes", limit=MAX_ROW_BYTES)
        return chunk


def _elements(member: _BoundedMember) -> Iterator[tuple[str, Element]]:
    try:
        # The parser refuses entities that expand without end (expat 2.4.1), and fetches nothing.
        yield from iterparse(member, events=("start", "end"))  # noqa: S314
    except (ParseError, BadZipFile, OSError, EOFError) as error:
        raise SourceError(f"XLSX: the file is damaged ({type(error).__name__})") from error


def _check_sizes(archive: ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MAX_PARTS:
        raise SourceError(f"XLSX: more than {_MAX_PARTS} parts", limit=_MAX_PARTS)
    for part in parts:
        grows = part.filename.startswith("xl/worksheets/") or part.filename.endswith("sharedStrings.xml")
        is_read = part.filename.endswith((".xml", ".rels"))
        if is_read and not grows and part.file_size > _MAX_PART_BYTES:
            raise SourceError(f"XLSX: a part of over {_MAX_PART_BYTES} bytes", limit=_MAX_PART_BYTES)


def _chosen(sheets: list[tuple[str, bool, str]], name: str | None) -> tuple[str, str]:
    for title, visible, part in sheets:
        if title == name or (name is None and visible):
            return title, part
    listed = ", ".join(title for title, _, _ in sheets)
    raise SourceError(f"XLSX: no such sheet; there are {listed}" if name else "XLSX: no visible sheet")
