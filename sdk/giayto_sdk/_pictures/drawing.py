"""Draw the text of a giayto QR (docs/qr.md): alphanumeric mode, level M, one segment.

The text is base45, made for the alphanumeric mode: a second segment would only cost space.
"""

from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Final

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from giayto_crypto.errors import QrTooLargeError

LARGEST_VERSION: Final = 30
"""137 × 137 modules: beyond that, ordinary phones read a screen or a print of 4 cm no longer reliably."""
LARGEST_TEXT: Final = 1994
"""Alphanumeric characters in a symbol of `LARGEST_VERSION` at level M (ISO/IEC 18004 table 7)."""
QUIET_ZONE: Final = 4
"""Modules of white around the symbol (ISO/IEC 18004 §6.3.8)."""
DEFAULT_MODULE_PIXELS: Final = 6
_WHITE_ON_BLACK: Final = "\x1b[97;40m"
_RESET: Final = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class QrSymbol:
    """One QR symbol, ready to be drawn."""

    version: int
    """1 to `LARGEST_VERSION`."""
    _code: QRCode = field(repr=False, compare=False)

    @property
    def modules(self) -> int:
        """Modules along each side, without the quiet zone."""
        return 17 + 4 * self.version

    def png(self, module_pixels: int = DEFAULT_MODULE_PIXELS) -> bytes:
        """Return a PNG with the quiet zone around the symbol.

        Args:
            module_pixels: side of one module, in pixels.
        """
        self._code.box_size = module_pixels
        file = BytesIO()
        self._code.make_image().save(file, "PNG")
        return file.getvalue()

    def text(self, *, colour: bool = False) -> str:
        """Return the symbol as lines of half blocks, two modules high each.

        Args:
            colour: set white on black explicitly, so that a terminal with a light background shows it right too.
        """
        file = StringIO()
        self._code.print_ascii(out=file, invert=True)
        lines = file.getvalue().splitlines()
        return "\n".join(f"{_WHITE_ON_BLACK}{line}{_RESET}" if colour else line for line in lines)


def draw_qr(text: str) -> QrSymbol:
    """Lay out the smallest symbol that holds a text.

    Args:
        text: of the alphanumeric alphabet of QR.

    Raises:
        QrTooLargeError: it would need a larger symbol than `LARGEST_VERSION`.
    """
    if len(text) > LARGEST_TEXT:
        raise QrTooLargeError(
            f"QR: {len(text)} characters need a larger symbol than version {LARGEST_VERSION}",
            characters=len(text),
            limit=LARGEST_TEXT,
        )
    code: QRCode = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text, optimize=0)  # one segment, in the densest mode that holds the whole text
    code.make()
    return QrSymbol(code.version, code)
