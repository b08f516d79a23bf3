"""Deflate with a preset dictionary, and inflate with a cap (RFC 1951)."""

import zlib
from functools import cache
from importlib.resources import files

from giayto_crypto.errors import MalformedError

MAX_INFLATED_BYTES = 64 * 1024
_RAW = -zlib.MAX_WBITS
_MOST_MEMORY = 9


@cache
def preset_dictionary() -> bytes:
    """Return the preset dictionary of format `GT1`. It never changes: another dictionary is another format."""
    return files("giayto_crypto.qr").joinpath("dictionary.gt1.txt").read_bytes()


def deflate(data: bytes) -> bytes:
    """Return the shortest raw deflate stream that zlib finds for `data`."""
    return min((_deflate(data, strategy) for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED)), key=len)


def inflate(data: bytes) -> tuple[bytes, bytes]:
    """Inflate the raw deflate stream that `data` begins with.

    Returns:
        The inflated bytes, and what follows the stream.

    Raises:
        MalformedError: not such a stream, cut off, or longer than `MAX_INFLATED_BYTES` when inflated.
    """
    decompressor = zlib.decompressobj(_RAW, zdict=preset_dictionary())
    try:
        inflated = decompressor.decompress(data, MAX_INFLATED_BYTES)
    except zlib.error as error:
        raise MalformedError("QR: its text cannot be inflated") from error
    if not decompressor.eof:
        raise MalformedError(f"QR: its text is cut off, or longer than {MAX_INFLATED_BYTES} bytes")
    return inflated, decompressor.unused_data


def _deflate(data: bytes, strategy: int) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, _RAW, _MOST_MEMORY, strategy, preset_dictionary())
    return compressor.compress(data) + compressor.flush()
