"""Lines of text from a stream of bytes, in one encoding, with the place of what cannot be decoded."""

import codecs
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Final
from unicodedata import normalize

from giayto_issuers.encodings import tcvn3
from giayto_issuers.encodings.detection import Encoding
from giayto_issuers.errors import SourceError

MAX_LINE_BYTES: Final = 4 * 1024 * 1024
_CHUNK_BYTES: Final = 64 * 1024
_BOM: Final = b"\xef\xbb\xbf"


def byte_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a stream, without a UTF-8 byte-order mark.

    Raises:
        SourceError: a line is longer than 4 MiB.
    """
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            raise _too_long(number)
        yield line.removeprefix(_BOM) if number == 1 else line


def decoded_lines(stream: IO[bytes], encoding: Encoding) -> Iterator[str]:
    """Yield the lines of a stream as text.

    Raises:
        SourceError: a line is longer than 4 MiB, or is not in this encoding; nothing after it can be trusted.
    """
    if encoding not in _DECODERS:
        yield from _utf_16_lines(stream, encoding)
        return
    decode = _DECODERS[encoding]
    for number, line in enumerate(byte_lines(stream), 1):
        if encoding is Encoding.UTF_8 and number == 1 and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise SourceError("line 1: UTF-16 text, not UTF-8", row=1)
        try:
            yield decode(line)
        except UnicodeDecodeError as error:
            place = f"line {number}, byte {error.start + 1}"
            raise SourceError(f"{place}: not {encoding.upper()}; save the file as UTF-8", row=number) from error


def _utf_16_lines(stream: IO[bytes], encoding: Encoding) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding.value)()
    number, pending = 1, ""
    while True:
        chunk = stream.read(_CHUNK_BYTES)
        try:
            pending += decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise SourceError(f"line {number}: not {encoding.upper()}", row=number) from error
        *lines, pending = pending.split("\n")
        for line in lines:
            yield _without_mark(line, number) + "\n"
            number += 1
        if len(pending) > MAX_LINE_BYTES:
            raise _too_long(number)
        if not chunk:
            break
    if pending:
        yield _without_mark(pending, number)


def _without_mark(line: str, number: int) -> str:
    return line.removeprefix("\ufeff") if number == 1 else line


def _too_long(number: int) -> SourceError:
    return SourceError(f"line {number}: longer than {MAX_LINE_BYTES} bytes", row=number, limit=MAX_LINE_BYTES)


_DECODERS: Final[Mapping[Encoding, Callable[[bytes], str]]] = {
    Encoding.UTF_8: lambda line: line.decode("utf-8"),
    Encoding.WINDOWS_1258: lambda line: normalize("NFC", line.decode("cp1258")),
    Encoding.TCVN3: tcvn3.decode,
    Encoding.TCVN3_UTF_8: lambda line: tcvn3.decode_cell(line.decode("utf-8")),
}
