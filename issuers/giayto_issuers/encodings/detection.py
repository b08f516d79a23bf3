"""Telling the encoding of a source by evidence; where there is not enough of it, saying so instead of guessing.

1 a byte-order mark says it · 2 only ASCII: every encoding agrees · 3 lines with other bytes are read in each encoding,
and the words in them must look Vietnamese in exactly one. UTF-8 is hard to be by chance: it needs less evidence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Final

from giayto_issuers.encodings import tcvn3
from giayto_issuers.encodings.syllables import is_syllable, words_with_diacritics
from giayto_issuers.errors import EncodingError

SAMPLE_BYTES: Final = 256 * 1024
_CHUNK_LINE: Final = 64 * 1024
_ENOUGH_WORDS: Final = 6
"""Different words with diacritics that must look Vietnamese before a legacy encoding is believed."""
_CONVINCING, _UNCONVINCING = 0.85, 0.5
"""Share of such words in the encoding that is taken, and the most that any other may have."""


class Encoding(StrEnum):
    """An encoding that sources are read in; its value is what a caller passes."""

    UTF_8 = "utf-8"
    """With or without a byte-order mark."""
    UTF_16 = "utf-16"
    """With a byte-order mark."""
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    WINDOWS_1258 = "windows-1258"
    """Tones are combining characters; the text is read in normal form C."""
    TCVN3 = "tcvn3"
    """Also called ABC."""
    TCVN3_UTF_8 = "tcvn3-utf-8"
    """Text of a TCVN3 font that a program took for Western European and saved as UTF-8."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much the words with diacritics look Vietnamese when a sample is read in one encoding."""

    words: int
    """Different ones that look so."""
    share: float
    """Of all of them, repeated ones too."""

    @property
    def is_convincing(self) -> bool:
        """Whether this alone would be believed."""
        return self.words >= _ENOUGH_WORDS and self.share >= _CONVINCING


_DECODERS: Final[Mapping[Encoding, Callable[[bytes], str]]] = {
    Encoding.UTF_8: lambda sample: sample.decode("utf-8"),
    Encoding.WINDOWS_1258: lambda sample: sample.decode("cp1258"),
    Encoding.TCVN3: tcvn3.decode,
}
_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", Encoding.UTF_8),
    (b"\xff\xfe", Encoding.UTF_16),
    (b"\xfe\xff", Encoding.UTF_16),
)


def detect_encoding(stream: IO[bytes]) -> Encoding:
    """Tell the encoding of a file from its beginning to the first 256 KiB of lines that are not ASCII.

    Args:
        stream: seekable; it is left at its beginning.

    Raises:
        EncodingError: there is too little evidence, or there is evidence for two; it says what may be passed instead.
    """
    stream.seek(0)
    beginning = stream.read(4096)
    if beginning.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise EncodingError("encoding: UTF-32 is not read; save the file as UTF-8")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if beginning.startswith(mark):
            stream.seek(0)
            if encoding is Encoding.UTF_8:
                _refuse_tcvn3_in_utf_8(_lines_with_diacritics(stream))
                stream.seek(0)
            return encoding
    if b"\0" in beginning:
        raise EncodingError("encoding: NUL bytes; is it UTF-16 without a byte-order mark? then pass utf-16-le")
    stream.seek(0)
    sample = _lines_with_diacritics(stream)
    stream.seek(0)
    return detect_in_sample(sample)


def detect_in_sample(sample: bytes) -> Encoding:
    """Tell the encoding of some whole lines, without a byte-order mark.

    Raises:
        EncodingError: as in `detect_encoding`.
    """
    if sample.isascii():
        return Encoding.UTF_8
    found = {encoding: _weigh(sample, decode) for encoding, decode in _DECODERS.items()}
    is_utf_8 = found[Encoding.UTF_8] is not None
    legacy = {encoding: each for encoding, each in found.items() if each is not None and encoding != Encoding.UTF_8}
    convincing = [encoding for encoding, each in legacy.items() if each.is_convincing]
    _refuse_tcvn3_in_utf_8(sample)
    if is_utf_8 and not convincing:
        return Encoding.UTF_8
    others = [each.share for encoding, each in found.items() if each is not None and encoding not in convincing]
    if len(convincing) == 1 and max(others, default=0.0) <= _UNCONVINCING and not is_utf_8:
        return convincing[0]
    if not convincing and _mostly_utf_8(sample):
        # A few broken lines: reading tells which.
        return Encoding.UTF_8
    raise EncodingError(_too_little(found))


def evidence_of_tcvn3(texts: list[str]) -> bool:
    """Tell whether cells of a spreadsheet were typed in a TCVN3 font: not Vietnamese as they are, but read as TCVN3."""
    text = "\n".join(texts)
    try:
        as_tcvn3 = _weigh_text(tcvn3.decode_cell(text))
    except UnicodeDecodeError:
        return False
    return as_tcvn3.is_convincing and _weigh_text(text).share <= _UNCONVINCING


def _refuse_tcvn3_in_utf_8(sample: bytes) -> None:
    if _is_utf_8(sample) and evidence_of_tcvn3([sample.decode("utf-8")]):
        raise EncodingError(
            "encoding: the text was typed in a TCVN3 (.VnTime) font and saved as UTF-8; pass the encoding tcvn3-utf-8"
        )


def _weigh(sample: bytes, decode: Callable[[bytes], str]) -> Evidence | None:
    try:
        return _weigh_text(decode(sample))
    except UnicodeDecodeError:
        return None


def _mostly_utf_8(sample: bytes) -> bool:
    lines = [line for line in sample.split(b"\n") if not line.isascii()]
    return 2 * sum(_is_utf_8(line) for line in lines) > len(lines)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _weigh_text(text: str) -> Evidence:
    words = words_with_diacritics(text)
    good = [word for word in words if is_syllable(word)]
    return Evidence(len(set(good)), len(good) / len(words) if words else 0.0)


def _lines_with_diacritics(stream: IO[bytes]) -> bytes:
    """Return lines that are not ASCII; a very long one in parts, cut at a space."""
    lines, size = [], 0
    while size < SAMPLE_BYTES and (line := stream.readline(_CHUNK_LINE)):
        if not line.isascii():
            whole = line if line.endswith(b"\n") else line[: line.rfind(b" ") + 1] or line
            lines.append(whole)
            size += len(whole)
    return b"".join(lines)


def _too_little(found: Mapping[Encoding, Evidence | None]) -> str:
    readable = ", ".join(f"{encoding} ({each.share:.0%})" for encoding, each in found.items() if each is not None)
    return (
        "encoding: it cannot be told from the words of the file; look at a name in it and pass the encoding\n"
        f"words that look Vietnamese when it is read as: {readable or 'none of utf-8, windows-1258, tcvn3'}"
    )
