"""Drawing a QR and reading it back, with a decoder that others wrote; hostile pictures end in one error."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
import zxingcpp
from PIL import Image

from giayto_crypto.errors import QrTooLargeError
from giayto_sdk._pictures.drawing import LARGEST_VERSION, draw_qr
from giayto_sdk._pictures.reading import MAX_PICTURE_BYTES, read_qr
from giayto_sdk.errors import PictureError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def qr_text(length: int) -> str:
    dice = Random(length)
    return "GT1:" + "".join(dice.choice(ALPHABET) for _ in range(length - 4))


@pytest.mark.parametrize("length", [20, 400, 819, 1200])
def test_what_is_drawn_is_read_back(length: int, tmp_path: Path) -> None:
    text = qr_text(length)
    picture = draw_qr(text).png()
    assert read_qr(picture) == text
    (tmp_path / "qr.png").write_bytes(picture)
    assert read_qr(tmp_path / "qr.png") == text


@pytest.mark.parametrize(("characters", "version"), [(816, 18), (817, 19), (38, 2), (39, 3)])
def test_the_text_is_one_alphanumeric_segment_at_level_m(characters: int, version: int) -> None:
    # Capacities of level M in alphanumeric mode: ISO/IEC 18004 table 7.
    symbol = draw_qr(qr_text(characters))
    assert symbol.version == version
    found = zxingcpp.read_barcodes(Image.open(BytesIO(symbol.png())))
    assert [barcode.ec_level for barcode in found] == ["M"]


def test_the_picture_has_the_size_that_was_asked_for() -> None:
    symbol = draw_qr(qr_text(100))
    side = (symbol.modules + 2 * 4) * 3
    assert Image.open(BytesIO(symbol.png(module_pixels=3))).size == (side, side)


def test_a_terminal_shows_the_same_modules() -> None:
    text = qr_text(60)
    symbol = draw_qr(text)
    lines = symbol.text().splitlines()
    bits = []
    for line in lines:
        # Drawn light on dark: a full block is two white modules.
        bits.append([255 if mark in "█▀" else 0 for mark in line])
        bits.append([255 if mark in "█▄" else 0 for mark in line])
    image = Image.new("L", (len(lines[0]), len(bits)))
    image.putdata([value for row in bits for value in row])
    assert read_qr(png_of(image.resize((image.width * 4, image.height * 4)))) == text
    assert all(line.startswith("\x1b[97;40m") for line in symbol.text(colour=True).splitlines())


def test_a_text_beyond_the_largest_symbol_is_refused() -> None:
    assert draw_qr(qr_text(1994)).version == LARGEST_VERSION
    for length in (1995, 4000):
        with pytest.raises(QrTooLargeError) as caught:
            draw_qr(qr_text(length))
        assert caught.value.fields == {"characters": length, "limit": 1994}


def png_of(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def beside(*texts: str) -> bytes:
    symbols = [Image.open(BytesIO(draw_qr(text).png())).convert("L") for text in texts]
    page = Image.new("L", (sum(symbol.width for symbol in symbols), max(s.height for s in symbols)), 255)
    left = 0
    for symbol in symbols:
        page.paste(symbol, (left, 0))
        left += symbol.width
    return png_of(page)


def test_one_giayto_qr_among_other_symbols_is_found() -> None:
    assert read_qr(beside("HTTPS://EXAMPLE.COM/POSTER", qr_text(50))) == qr_text(50)


def test_two_presentations_in_one_picture_are_refused() -> None:
    with pytest.raises(PictureError, match="more than one"):
        read_qr(beside(qr_text(50), qr_text(51)))


def test_black_on_transparent_is_read() -> None:
    drawn = Image.open(BytesIO(draw_qr(qr_text(60)).png())).convert("L")
    clear = Image.new("RGBA", drawn.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=drawn.point(lambda value: 255 - value))
    assert read_qr(png_of(clear)) == qr_text(60)


def test_a_jpeg_photo_is_read() -> None:
    file = BytesIO()
    Image.open(BytesIO(draw_qr(qr_text(300)).png())).convert("RGB").rotate(7, expand=True, fillcolor="white").save(
        file, "JPEG", quality=60
    )
    assert read_qr(file.getvalue()) == qr_text(300)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_claims(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"not a picture",
        b"GIF89a" + b"\0" * 100,
        draw_qr(qr_text(50)).png()[:200],
        png_of(Image.new("L", (200, 200), 255)),
        png_that_claims(100_000, 100_000),
        png_that_claims(7_000, 7_200),
        png_that_claims(0, 0),
        b"\x89PNG\r\n\x1a\n" + b"\0" * MAX_PICTURE_BYTES,
    ],
    ids=["empty", "text", "gif", "cut", "blank", "bomb", "too-many-pixels", "no-pixels", "too-large"],
)
def test_what_is_no_picture_of_a_qr_is_one_kind_of_error(picture: bytes) -> None:
    with pytest.raises(PictureError):
        read_qr(picture)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"absent\.png"):
        read_qr(tmp_path / "absent.png")
