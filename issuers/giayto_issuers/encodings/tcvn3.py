"""TCVN3, called ABC: the one-byte encoding of fonts such as .VnTime, in which old systems still export.

It is the third table of TCVN 5712:1993. It has all small letters, but of the capitals with a diacritic only
Ă Â Ê Ô Ơ Ư Đ: a capital with a tone is the byte of the small letter, shown by another font, .VnTimeH, which draws every
letter as a capital. A file of text does not say its font. So "nguyễn" is read where "NGUYỄN" may have been on the
screen; it is put right where the other letters tell (`restore_capitals`), and cannot be known where they do not ("Lý").
"""

from collections.abc import Iterator
from re import compile as compile_pattern
from typing import Final

_CAPITALS: Final = "ĂÂÊÔƠƯĐ"  # 0xA1…
_SMALL: Final = "ăâêôơưđ"  # 0xA8…
_TONED: Final = {
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
"""First byte of each unbroken row, and its letters."""
_PUNCTUATION: Final = dict(zip(b"\x85\x91\x92\x93\x94\x95\x96\x97\xa0", "…‘’“”•–—\u00a0", strict=True))
"""What the fonts keep of Windows-1252."""
_ASCII_WORD: Final = compile_pattern(r"[^\W\d_]+")


def _letters() -> Iterator[tuple[int, str]]:
    for first, row in {0xA1: _CAPITALS, 0xA8: _SMALL, **_TONED}.items():
        yield from enumerate(row, first)


TABLE: Final[dict[int, str]] = dict(_letters()) | _PUNCTUATION
"""Byte to character, for bytes from 0x80. What is not here is not TCVN3."""
_BYTES: Final = {character: byte for byte, character in TABLE.items()}
_FROM_LATIN_1: Final = {byte: character for byte, character in TABLE.items() if byte >= 0xA0}


def decode(content: bytes) -> str:
    """Return the text of bytes in TCVN3.

    Raises:
        UnicodeDecodeError: a byte that the encoding does not have.
    """
    try:
        return "".join([chr(byte) if byte < 0x80 else TABLE[byte] for byte in content])
    except KeyError as missing:
        at = content.index(missing.args[0])
        raise UnicodeDecodeError("tcvn3", content, at, at + 1, "no such character") from missing


def encode(text: str) -> bytes:
    """Return text in TCVN3.

    Raises:
        UnicodeEncodeError: a character that the encoding does not have, such as Ế.
    """
    for at, character in enumerate(text):
        if ord(character) >= 0x80 and character not in _BYTES:
            raise UnicodeEncodeError("tcvn3", text, at, at + 1, "no such character")
    return bytes(ord(character) if ord(character) < 0x80 else _BYTES[character] for character in text)


def decode_cell(text: str) -> str:
    """Return the text of a spreadsheet's cell that was typed in a TCVN3 font.

    Spreadsheets hold Unicode: such a cell has, for each byte, the character of Latin-1 with the same number.

    Raises:
        UnicodeDecodeError: a character for which TCVN3 has no byte.
    """
    for character in text:
        if 0x80 <= ord(character) < 0x100 and ord(character) not in _FROM_LATIN_1:
            raise UnicodeDecodeError("tcvn3", text.encode(), 0, 1, "no such character")
    return text.translate(_FROM_LATIN_1)


def restore_capitals(text: str) -> str:
    """Return one cell's text with capitals where its other letters show that it was written in capitals.

    A word with two or more unaccented capitals and no unaccented small letter was; and when a cell has such a word and
    no unaccented small letter at all, the whole cell was.
    """
    if text.isascii():
        return text
    if _in_capitals(text) and any(_in_capitals(word[0]) for word in _ASCII_WORD.finditer(text)):
        return text.upper()
    return _ASCII_WORD.sub(lambda word: word[0].upper() if _in_capitals(word[0]) else word[0], text)


def _in_capitals(text: str) -> bool:
    plain = [letter for letter in text if letter.isascii() and letter.isalpha()]
    return len(plain) >= 2 and all(letter.isupper() for letter in plain)
