"""Read a giayto QR from a photo or a screenshot, which anybody may have made: bounded before it is decoded."""

import re
import struct
from io import BytesIO
from math import sqrt
from pathlib import Path
from typing import Final

import zxingcpp
from PIL import Image

from giayto_crypto.qr import is_qr_text
from giayto_sdk.errors import PictureError

MAX_PICTURE_BYTES: Final = 16 * 1024 * 1024
MAX_PICTURE_PIXELS: Final = 50_000_000
"""What the cameras of phones deliver; a small file may claim far more."""
MAX_SIDE: Final = 20_000
"""Wider than any panorama. Decoders keep whole rows, and the search refuses beyond 65,535 by another error."""
MAX_SEARCHED_PIXELS: Final = 4_000_000
"""Larger pictures are made smaller before the search, whose time grows with the square of the marks that look like
corners of a QR. A page of A4 keeps 170 pixels to the centimetre, enough for a QR of 4 cm."""
MAX_SCANS: Final = 64
"""A progressive JPEG is sent in about ten scans. Each one goes over all pixels, and takes few bytes to ask for."""
MAX_COLOUR_PROFILES: Final = 4
"""A PNG has at most one; each is inflated, to up to 1 MiB, before anything else is known of the picture."""
_FORMATS: Final = ("PNG", "JPEG")
_LONGEST_SIDE: Final = 4000
"""JPEGs at least twice as large each way are decoded at a half, a quarter or an eighth of their size."""
# The header of a scan of one to four components (ITU-T T.81 §B.2.3). Long enough not to occur by chance in a film that
# a phone appends to the picture.
_SCAN: Final = re.compile(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)")
_COLOUR_PROFILE: Final = re.compile(rb"iCCP")


def read_qr(picture: Path | bytes) -> str:
    """Return the text of the giayto QR in a PNG or JPEG picture.

    Args:
        picture: path of a file, or its content.

    Raises:
        PictureError: not such a picture, too large, or not exactly one QR in it. A picture with one giayto QR among
            other symbols is read.
    """
    return _only_one(_texts_in(_grey_picture(_content(picture))))


def _content(picture: Path | bytes) -> bytes:
    if isinstance(picture, bytes):
        content = picture
    else:
        try:
            with picture.open("rb") as file:
                content = file.read(MAX_PICTURE_BYTES + 1)
        except OSError as error:
            raise PictureError(f"picture: {picture.name} cannot be read ({error.strerror})") from error
    if len(content) > MAX_PICTURE_BYTES:
        raise PictureError(f"picture: larger than {MAX_PICTURE_BYTES} bytes", limit=MAX_PICTURE_BYTES)
    return content


def _grey_picture(content: bytes) -> Image.Image:
    _require_few(_SCAN, MAX_SCANS, content)
    _require_few(_COLOUR_PROFILE, MAX_COLOUR_PROFILES, content)
    try:
        # Opening reads the header only; the pixels are decoded after their number is known.
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            width, height = image.size
            if max(width, height) > MAX_SIDE:
                raise PictureError(f"picture: {width} × {height} pixels are too wide or too high", limit=MAX_SIDE)
            if width * height > MAX_PICTURE_PIXELS:
                raise PictureError(f"picture: {width} × {height} pixels are too many", limit=MAX_PICTURE_PIXELS)
            image.draft("L", (_LONGEST_SIDE, _LONGEST_SIDE))
            return _on_white(image)
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as error:
        raise PictureError(f"picture: not a whole PNG or JPEG ({type(error).__name__})") from error


def _require_few(part: re.Pattern[bytes], most: int, content: bytes) -> None:
    for number, _ in enumerate(part.finditer(content), start=1):
        if number > most:
            raise PictureError("picture: made of more parts than any camera or program writes", limit=most)


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return _searchable(image.convert("L"))
    # Symbols are often saved black on transparent: without a ground everything would be black. Grey and opacity are
    # made smaller first, because a large picture of four channels takes four times as much memory.
    layered = image if image.mode in ("RGBA", "LA") else image.convert("RGBA")
    grey, opacity = _searchable(layered.convert("L")), _searchable(layered.getchannel("A"))
    ground = Image.new("L", grey.size, 255)
    ground.paste(grey, mask=opacity)
    return ground


def _searchable(image: Image.Image) -> Image.Image:
    """Make a grey picture smaller until it has `MAX_SEARCHED_PIXELS`."""
    part = sqrt(MAX_SEARCHED_PIXELS / (image.width * image.height))
    if part >= 1:
        return image
    size = (max(1, int(image.width * part)), max(1, int(image.height * part)))
    return image.resize(size, Image.Resampling.BILINEAR)


def _texts_in(image: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    return sorted({barcode.text for barcode in found})


def _only_one(texts: list[str]) -> str:
    ours = [text for text in texts if is_qr_text(text)]
    candidates = ours or texts
    if not candidates:
        raise PictureError("picture: no QR was found in it")
    if len(candidates) > 1:
        raise PictureError("picture: more than one QR was found in it; show one alone")
    return candidates[0]
