"""The encodings of sources: what they say byte for byte, how one is told, and when none may be guessed."""

import io
from unicodedata import normalize

import pytest

from giayto_issuers.encodings import detection, lines, tcvn3
from giayto_issuers.encodings.detection import Encoding, detect_encoding, detect_in_sample, evidence_of_tcvn3
from giayto_issuers.encodings.lines import decoded_lines
from giayto_issuers.encodings.syllables import is_syllable
from giayto_issuers.errors import EncodingError, SourceError
from giayto_issuers.records.readers import SourceRow, read_csv

TEXT = (
    "HỌ TÊN;NƠI SINH\nNguyễn Thị Ánh;Xã Đông Hòa, huyện Dĩ An\nTrần Văn Bình;Phường Cửa Nam\n"
    "Lê Hoàng Phượng;Thị trấn Củ Chi\nPhạm Ngọc Quỳnh;Thành phố Thủ Đức\nVõ Thị Sáu;Tỉnh Bà Rịa - Vũng Tàu\n"
)
SMALL = TEXT.lower()
MARKS = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}


def windows_1258(text: str) -> bytes:
    """Write text as Windows programs do: letters as they are, tones as combining characters."""
    written = []
    for letter in normalize("NFC", text):
        marks = [mark for mark in normalize("NFD", letter) if mark in MARKS]
        bare = "".join(mark for mark in normalize("NFD", letter) if mark not in MARKS)
        written.append(normalize("NFC", bare) + "".join(marks))
    return "".join(written).encode("cp1258")


ENCODED = [
    (Encoding.UTF_8, TEXT, TEXT.encode()),
    (Encoding.UTF_8, TEXT, TEXT.encode("utf-8-sig")),
    (Encoding.UTF_8, TEXT, normalize("NFD", TEXT).encode()),
    (Encoding.UTF_16, TEXT, TEXT.encode("utf-16")),
    (Encoding.UTF_16, TEXT, b"\xfe\xff" + TEXT.encode("utf-16-be")),
    (Encoding.WINDOWS_1258, TEXT, windows_1258(TEXT)),
    (Encoding.TCVN3, SMALL, tcvn3.encode(SMALL)),
]


@pytest.mark.parametrize(("encoding", "text", "content"), ENCODED)
def test_an_encoding_is_told_and_read(encoding: Encoding, text: str, content: bytes) -> None:
    stream = io.BytesIO(content)
    assert detect_encoding(stream) is encoding
    assert normalize("NFC", "".join(decoded_lines(stream, encoding))) == text


@pytest.mark.parametrize(
    "content",
    [
        windows_1258("HO_TEN\nLê Hà\n"),
        tcvn3.encode("ho_ten\nlê hà\n"),
        tcvn3.encode("ho_ten\n" + "lê hà\n" * 1000),
        b"HO_TEN\n\xc0\xc1\xc2\xc3\n",
        b"HO_TEN\n" + bytes(range(0x80, 0x100)) * 20 + b"\n",
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-32"),
    ],
    ids=["short 1258", "short tcvn3", "few words often", "four letters", "rubbish", "UTF-16 unmarked", "UTF-32"],
)
def test_too_little_evidence_is_refused_and_not_guessed(content: bytes) -> None:
    with pytest.raises(EncodingError) as refusal:
        detect_encoding(io.BytesIO(content))
    assert "encoding" in str(refusal.value)


def test_a_refusal_says_what_to_do_and_nothing_of_the_text() -> None:
    with pytest.raises(EncodingError) as refusal:
        detect_in_sample(tcvn3.encode("lê hà"))
    assert "pass the encoding" in refusal.value.detail
    assert "windows-1258" in refusal.value.detail
    assert "lê" not in refusal.value.detail


def test_evidence_for_two_encodings_is_refused() -> None:
    """Bytes that are UTF-8 by chance are refused when another encoding makes much better sense of them."""
    words = "cê¸ ".encode()  # UTF-8 that says nothing in Vietnamese
    assert detect_in_sample(words) is Encoding.UTF_8
    with pytest.raises(EncodingError):
        detect_in_sample(TEXT.encode() + windows_1258(TEXT))


@pytest.mark.parametrize(("share_of_the_other", "is_told"), [(0.4, True), (0.7, False)])
def test_another_encoding_that_half_fits_is_a_reason_to_refuse(
    monkeypatch: pytest.MonkeyPatch, share_of_the_other: float, is_told: bool
) -> None:
    weights = {"tcvn3": detection.Evidence(20, 0.95), "windows-1258": detection.Evidence(20, share_of_the_other)}
    decoders = {Encoding(name): (lambda _, name=name: name) for name in weights}
    monkeypatch.setattr(detection, "_DECODERS", {Encoding.UTF_8: lambda sample: sample.decode("utf-8"), **decoders})
    monkeypatch.setattr(detection, "_weigh_text", weights.__getitem__)
    if is_told:
        assert detect_in_sample(b"\xff") is Encoding.TCVN3
        return
    with pytest.raises(EncodingError):
        detect_in_sample(b"\xff")


def test_one_broken_line_is_named() -> None:
    stream = io.BytesIO(TEXT.encode() + b"\xff\n")
    encoding = detect_encoding(stream)
    with pytest.raises(SourceError, match="line 7, byte 1: not UTF-8"):
        list(decoded_lines(stream, encoding))


def test_only_ascii_is_utf_8() -> None:
    assert detect_encoding(io.BytesIO(b"A,B\n" + b"1,2\n" * 100_000)) is Encoding.UTF_8


def test_evidence_far_into_a_file_is_found() -> None:
    stream = io.BytesIO(b"A;B\n" + b"1;2\n" * 100_000 + tcvn3.encode(SMALL))
    assert detect_encoding(stream) is Encoding.TCVN3
    assert stream.tell() == 0


def test_detection_and_reading_bound_what_they_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 1000)
    with pytest.raises(SourceError, match="line 1: longer than 1000"):
        list(decoded_lines(io.BytesIO(("x" * 100_000).encode("utf-16")), Encoding.UTF_16))


@pytest.mark.parametrize(
    ("encoding", "content", "place"),
    [
        (Encoding.UTF_8, "a\nhà ".encode() + b"\xe0\n", "line 2, byte 5: not UTF-8"),
        (Encoding.TCVN3, b"a\nl\xaa h\xc0\n", "line 2, byte 5: not TCVN3"),
        (Encoding.WINDOWS_1258, b"a\n\xd2\xde\n\x8a", "line 3, byte 1: not WINDOWS-1258"),
        (Encoding.UTF_16, b"\xff\xfea\0\n\0\x00\xd8b\0", "line 1: not UTF-16"),
        (Encoding.UTF_8, TEXT.encode("utf-16"), "line 1: UTF-16 text"),
    ],
)
def test_what_cannot_be_decoded_is_told_with_its_place(encoding: Encoding, content: bytes, place: str) -> None:
    with pytest.raises(SourceError, match=place):
        list(decoded_lines(io.BytesIO(content), encoding))


def test_the_alphabet_of_tcvn3_is_whole() -> None:
    letters = [letter for letter in tcvn3.TABLE.values() if letter.isalpha()]
    toned = {normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in MARKS}
    assert {letter for letter in letters if letter.islower()} == toned | set("ăâêôơưđ")
    assert {letter for letter in letters if letter.isupper()} == set("ĂÂÊÔƠƯĐ")
    assert len(letters) == len(set(letters)) == 74


def test_known_bytes_of_tcvn3() -> None:
    assert tcvn3.decode(b"Nguy\xd4n V\xa8n An") == "Nguyễn Văn An"
    assert tcvn3.decode(b"\xa7\xe5ng Th\xb8p M\xad\xeai") == "Đồng Tháp Mười"


@pytest.mark.parametrize(
    ("read", "restored"),
    [
        ("NGUYễN VăN AN", "NGUYỄN VĂN AN"),
        ("Lý VăN ANH", "LÝ VĂN ANH"),
        ("Nguyễn Văn An", "Nguyễn Văn An"),
        ("Trần THị Ba", "Trần THỊ Ba"),
        ("Lý", "Lý"),
        ("ánh", "ánh"),
        ("LE VAN", "LE VAN"),
        ("", ""),
    ],
)
def test_capitals_are_restored_where_the_other_letters_tell(read: str, restored: str) -> None:
    assert tcvn3.restore_capitals(read) == restored


def test_a_csv_in_tcvn3_gets_its_capitals_cell_by_cell() -> None:
    content = tcvn3.encode("HO_TEN;NOI_SINH\nNGUYễN VăN AN;Xã Hòa An\n")
    (row,) = read_csv(io.BytesIO(content), encoding=Encoding.TCVN3)
    assert isinstance(row, SourceRow)
    assert row.values == {"HO_TEN": "NGUYỄN VĂN AN", "NOI_SINH": "Xã Hòa An"}


def test_cells_of_a_tcvn3_font_are_noticed() -> None:
    typed = [tcvn3.encode(cell).decode("latin-1") for cell in SMALL.splitlines()]
    assert evidence_of_tcvn3(typed)
    assert not evidence_of_tcvn3(TEXT.splitlines())
    assert [tcvn3.decode_cell(cell) for cell in typed] == SMALL.splitlines()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_text_of_a_tcvn3_font_in_utf_8_is_noticed_and_read_when_asked(mark: bytes) -> None:
    content = mark + tcvn3.encode(SMALL).decode("latin-1").encode("utf-8")
    with pytest.raises(EncodingError, match="tcvn3-utf-8"):
        detect_encoding(io.BytesIO(content))
    assert "".join(decoded_lines(io.BytesIO(content), Encoding.TCVN3_UTF_8)) == SMALL
    with pytest.raises(SourceError, match=r"line 1, byte"):
        list(decoded_lines(io.BytesIO("ÿþ".encode()), Encoding.TCVN3_UTF_8))


def test_western_text_in_utf_8_is_no_tcvn3() -> None:
    content = "Éléonore Lefèvre;à côté du château;très bientôt\nJürgen Müller;Straße über Köln;größer\n".encode()
    assert detect_encoding(io.BytesIO(content * 50)) is Encoding.UTF_8


SYLLABLES = "nguyễn quỳnh giếng khuỷu thuở nghiêng yếu quốc đặng ở ý tuyết huỳnh uyển"


@pytest.mark.parametrize("word", SYLLABLES.split(" "))
def test_vietnamese_words(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["càt", "tếc̉", "ngă", "ß", "zôn", "nguyơn", "ăa", "ê¸", "học̀", "ốch"])
def test_other_words(word: str) -> None:
    assert not is_syllable(normalize("NFC", word))
