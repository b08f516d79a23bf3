"""CSV and NDJSON sources: encodings, row numbers, ragged and broken rows, memory."""

import io
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from giayto_issuers import BrokenRow, SourceRow, read_csv, read_ndjson
from giayto_issuers.encodings import lines
from giayto_issuers.errors import SourceError
from giayto_issuers.records import readers

BOM = b"\xef\xbb\xbf"
HEADER = "HO_TEN,GHI_CHU\n"


def csv_rows(text: str | bytes, **settings: Any) -> list[SourceRow | BrokenRow]:
    return list(read_csv(io.BytesIO(text.encode() if isinstance(text, str) else text), **settings))


def ndjson_rows(content: bytes) -> list[SourceRow | BrokenRow]:
    return list(read_ndjson(io.BytesIO(content)))


# ------------------------------------------------------------------------------------------------ CSV


@pytest.mark.parametrize("bom", [b"", BOM])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_is_read_with_and_without_bom(bom: bytes, newline: str) -> None:
    text = f"HO_TEN,GHI_CHU{newline}Nguyễn Ánh,x{newline}Trần Bình,y{newline}"
    assert csv_rows(bom + text.encode()) == [
        SourceRow(2, {"HO_TEN": "Nguyễn Ánh", "GHI_CHU": "x"}),
        SourceRow(3, {"HO_TEN": "Trần Bình", "GHI_CHU": "y"}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_in_the_header(delimiter: str) -> None:
    (row,) = csv_rows(f"A{delimiter}B{delimiter}C\n1{delimiter}2{delimiter}3\n")
    assert isinstance(row, SourceRow)
    assert row.values == {"A": "1", "B": "2", "C": "3"}


def test_a_given_delimiter_counts() -> None:
    (row,) = csv_rows("A|B\n1|2\n", delimiter="|")
    assert isinstance(row, SourceRow)
    assert row.values == {"A": "1", "B": "2"}


def test_cells_of_several_lines_keep_row_numbers_right() -> None:
    rows = csv_rows(HEADER + '"An\nBình","a ""b"" c"\nCường,x\n\n  , \nDũng,y')
    assert rows == [
        SourceRow(2, {"HO_TEN": "An\nBình", "GHI_CHU": 'a "b" c'}),
        SourceRow(4, {"HO_TEN": "Cường", "GHI_CHU": "x"}),
        SourceRow(7, {"HO_TEN": "Dũng", "GHI_CHU": "y"}),
    ]


def test_ragged_rows_are_refused_alone() -> None:
    first, short, long, last = csv_rows(HEADER + "An,x\nBình\nCường,x,y\nDũng,z\n")
    assert isinstance(first, SourceRow)
    assert isinstance(last, SourceRow)
    assert isinstance(short, BrokenRow)
    assert isinstance(long, BrokenRow)
    assert short.number == 3
    assert "line 3: 1 cells where the header has 2" in short.error.detail
    assert long.number == 4
    assert "3 cells" in long.error.detail
    assert "Bình" not in str(short.error)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"HO_TEN\nNguy\xea\xden", "line 2, byte 5: not UTF-8"),  # Windows-1258
        ("HO_TEN\nNguyễn".encode("utf-16"), "UTF-16"),
        (b"A,\n1,2", "column 2 of the header has no name"),
        (b"A,B,A\n1,2,3", "column 1 twice"),
        (b'A,B\n"x"y,2\n', "row beginning at line 2"),
        (b'A,B\n1,2\n"x,2\n', "row beginning at line 3"),
    ],
)
def test_an_unreadable_csv_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        csv_rows(content)
    assert reason in caught.value.detail
    assert "Nguy" not in str(caught.value)


def test_rows_before_the_unreadable_part_are_still_given() -> None:
    rows = read_csv(io.BytesIO(HEADER.encode() + b"An,x\nB\xecnh,y\n"))
    assert next(rows) == SourceRow(2, {"HO_TEN": "An", "GHI_CHU": "x"})
    with pytest.raises(SourceError, match="line 3"):
        next(rows)


def test_a_quote_left_open_does_not_swallow_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_ROW_BYTES", 1000)
    with pytest.raises(SourceError, match="row beginning at line 2: over 1000 characters") as caught:
        csv_rows(HEADER + '"An,x\n' + "Bình,y\n" * 1000)
    assert caught.value.fields["row"] == 2


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 1000)
    with pytest.raises(SourceError, match="line 2: longer than 1000 bytes"):
        csv_rows(HEADER + "x" * 1001)
    with pytest.raises(SourceError, match="line 1: longer than 1000 bytes"):
        ndjson_rows(b'"' + b"x" * 1001)


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(SourceError, match="more than 2000 columns"):
        csv_rows(",".join(f"C{number}" for number in range(2001)))


def test_a_cell_of_a_large_health_book_is_read() -> None:
    (row,) = csv_rows("A,B\n" + "x" * 200_000 + ",y\n")
    assert isinstance(row, SourceRow)
    assert len(row.values["A"]) == 200_000


# ------------------------------------------------------------------------------------------------ NDJSON


def test_ndjson_keeps_json_values_and_line_numbers() -> None:
    content = BOM + '{"HO_TEN":"Ánh","DOT":[{"A":1}]}\n\n  \r\n{"HO_TEN":null}'.encode()
    assert ndjson_rows(content) == [
        SourceRow(1, {"HO_TEN": "Ánh", "DOT": [{"A": 1}]}),
        SourceRow(4, {"HO_TEN": None}),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not a valid JSON"),
        (b"[1]", "a JSON object is expected"),
        (b'{"A":1,"A":2}', "twice"),
        (b'{"A":NaN}', "JSON"),
        (b'{"A":"\xec"}', "not UTF-8 (byte 7)"),
        (b'{"A":' + b"[" * 40 + b"]" * 40 + b"}", "nested deeper"),
    ],
)
def test_a_broken_line_is_refused_alone(line: bytes, reason: str) -> None:
    before, broken, after = ndjson_rows(b'{"A":1}\n' + line + b'\n{"A":2}\n')
    assert before == SourceRow(1, {"A": 1})
    assert after == SourceRow(3, {"A": 2})
    assert isinstance(broken, BrokenRow)
    assert broken.number == 2
    assert broken.error.fields["row"] == 2
    assert reason in broken.error.detail


# ------------------------------------------------------------------------------------------------ both


def test_paths_are_read_and_closed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + "An,x\n", "utf-8")
    (tmp_path / "a.ndjson").write_text('{"A":1}\n', "utf-8")
    assert len(list(read_csv(tmp_path / "a.csv"))) == 1
    assert len(list(read_ndjson(str(tmp_path / "a.ndjson")))) == 1


def test_a_missing_file_and_a_text_stream_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be opened"):
        list(read_csv(tmp_path / "nowhere.csv"))
    with pytest.raises(SourceError, match="stream of bytes"):
        list(read_csv(io.StringIO("A\n1")))  # type: ignore[arg-type]


def test_a_stream_that_was_handed_over_stays_open() -> None:
    stream = io.BytesIO(b"A\n1\n")
    list(read_csv(stream))
    assert not stream.closed


def test_rows_do_not_show_their_values() -> None:
    assert "Ánh" not in repr(SourceRow(1, {"HO_TEN": "Ánh"}))


class Endless(io.RawIOBase):
    """A source that is made while it is read."""

    def __init__(self, line: bytes, count: int) -> None:
        self._line, self._left = line, count

    def readline(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        return self._line if self._left >= 0 else b""


@pytest.mark.parametrize(("read", "line"), [(read_csv, b"aaaa,bbbb\n"), (read_ndjson, b'{"A":"aaaa"}\n')])
def test_memory_does_not_grow_with_the_source(read: Callable[[Any], Iterator[Any]], line: bytes) -> None:
    rows = read(Endless(line, 30_000))
    for _ in range(1_000):
        next(rows)
    tracemalloc.start()
    for _ in rows:
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 1024
