"""Vietnamese text in any encoding is told and read back, or refused: it is never read as something else."""

import io
from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from giayto_issuers.encodings import tcvn3
from giayto_issuers.encodings.detection import Encoding, detect_encoding
from giayto_issuers.encodings.lines import decoded_lines
from giayto_issuers.errors import EncodingError

MARKS = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
WORDS = (
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý văn thị hữu đức minh ngọc thành công hải "
    "dũng hùng tuấn quốc quỳnh phượng thảo hương lan hạnh phúc bình thuận tiến đạt kiên cường sơn tùng bảo châu giang "
    "hà nội huế đà nẵng cần thơ hải phòng bến tre vĩnh long đồng tháp lạng sơn điện biên quảng trị xã phường tỉnh huyện"
)
LINES = st.lists(
    st.lists(st.sampled_from(WORDS.split()), min_size=2, max_size=5).map(" ".join), min_size=1, max_size=30
)
CASES = st.sampled_from([str.lower, str.title])


def windows_1258(text: str) -> bytes:
    """Write text with tones as combining characters."""
    written = []
    for letter in text:
        marks = normalize("NFD", letter)
        bare = normalize("NFC", "".join(mark for mark in marks if mark not in MARKS))
        written.append(bare + "".join(mark for mark in marks if mark in MARKS))
    return "".join(written).encode("cp1258")


def different_words(lines: list[str]) -> int:
    return len({word for line in lines for word in line.split() if not word.isascii()})


def read_or_refuse(content: bytes, text: str, words: int) -> None:
    stream = io.BytesIO(content)
    try:
        encoding = detect_encoding(stream)
    except EncodingError:
        assert words < 10, "there was evidence enough"
        return
    assert "".join(decoded_lines(stream, encoding)) == text


@given(LINES, CASES)
def test_windows_1258(lines: list[str], case: type[str]) -> None:
    text = case("\n".join(lines))
    read_or_refuse(windows_1258(text), text, different_words(lines))


@given(LINES)
def test_tcvn3(lines: list[str]) -> None:
    text = "\n".join(lines)
    read_or_refuse(tcvn3.encode(text), text, different_words(lines))


@given(LINES, CASES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_unicode(lines: list[str], case: type[str], codec: str) -> None:
    text = case("\n".join(lines))
    stream = io.BytesIO(text.encode(codec))
    encoding = detect_encoding(stream)
    assert encoding in (Encoding.UTF_8, Encoding.UTF_16)
    assert "".join(decoded_lines(stream, encoding)) == text


@given(st.binary(max_size=400))
def test_rubbish_is_refused_or_read_strictly(content: bytes) -> None:
    stream = io.BytesIO(content)
    try:
        encoding = detect_encoding(stream)
    except EncodingError:
        return
    if encoding is Encoding.UTF_8:
        content.decode("utf-8")
    else:
        assert encoding is Encoding.UTF_16


@given(st.text(alphabet=[*map(chr, range(0x20, 0x7F)), *tcvn3.TABLE.values()]))
def test_tcvn3_goes_both_ways(text: str) -> None:
    assert tcvn3.decode(tcvn3.encode(text)) == text
