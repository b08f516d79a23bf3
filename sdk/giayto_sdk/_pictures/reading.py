"""Read a giayto QR from a photo or a screenshot, which anybody may have made: bounded before it is decoded."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Final

import zxingcpp
from PIL import Image

from giayto_crypto.qr import is_qr_text
from giayto_sdk.errors import PictureError

MAX_PICTURE_BYTES: Final = 16 * 1024 * 1024
MAX_PICTURE_PIXELS: Final = 50_000_000
"""What the cameras of phones deliver; a small file may claim far more."""
_FORMATS: Final = ("PNG", "JPEG")
_LONGEST_SIDE: Final = 4000
"""Larger JPEGs are decoded at a half, a quarter or an eighth of their size: no QR needs more."""


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
    try:
        # Opening reads the header only; the pixels are decoded after their number is known.
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PICTURE_PIXELS:
                raise PictureError(f"picture: {width} × {height} pixels are too many", limit=MAX_PICTURE_PIXELS)
            image.draft("L", (_LONGEST_SIDE, _LONGEST_SIDE))
            return _on_white(image)
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as error:
        raise PictureError(f"picture: not a whole PNG or JPEG ({type(error).__name__})") from error


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("L")
    # Symbols are often saved black on transparent: without a ground everything would be black.
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("L")


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
