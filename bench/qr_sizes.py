"""Size of the QR against claims shown: GT1, the plain string, and the plain string deflated; and the table of it."""

import zlib
from dataclasses import astuple, dataclass

from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode

from bench.qr_sample import presentation
from bench.scheme import CLAIMS
from giayto_crypto import qr
from giayto_crypto.keys import COMPRESSED_BYTES, SIGNATURE_BYTES
from giayto_crypto.qr import base45
from giayto_crypto.qr.profile import NONCE_BYTES
from giayto_crypto.qr.skeleton import DIGEST_BYTES
from giayto_crypto.sdjwt.disclosure import SALT_BYTES

STATUS_INDEX_BYTES = 3
DOES_NOT_FIT = "–"
_HEAD = (
    "| claims shown | cannot be recomputed | GT1 | version | deflate + base45 | version | plain string | version |\n"
    "|--:|--:|--:|--:|--:|--:|--:|--:|\n"
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes and QR versions (level M) of one presentation; a version is None where no symbol is large enough.

    `floor` counts two signatures, holder key, nonce, status index, salts and hidden digests, and not the text shown.
    """

    shown: int
    floor: int
    gt1: int
    gt1_version: int | None
    deflated: int
    deflated_version: int | None
    plain: int
    plain_version: int | None

    @property
    def ratio(self) -> float:
        """GT1 against what cannot be recomputed."""
        return self.gt1 / self.floor


def measure() -> list[Sizes]:
    """Measure the presentations that show none, one … all of the claims."""
    return [_sizes(shown) for shown in range(len(CLAIMS) + 1)]


def table(rows: list[Sizes]) -> str:
    """Write the rows as Markdown, one line each."""
    return _HEAD + "".join(f"| {' | '.join(map(_cell, astuple(row)))} |\n" for row in rows)


def read_table(text: str) -> list[Sizes]:
    """Read back what `table` wrote."""
    lines = text.removeprefix(_HEAD).splitlines()
    return [Sizes(*map(_number, line.strip("| ").split(" | "))) for line in lines]  # type: ignore[arg-type]


def _sizes(shown: int) -> Sizes:
    plain = presentation(shown)
    text = qr.pack(plain)
    deflated = _deflated(plain)
    hidden = len(CLAIMS) - shown
    fixed = 2 * SIGNATURE_BYTES + COMPRESSED_BYTES + NONCE_BYTES + STATUS_INDEX_BYTES
    return Sizes(
        shown=shown,
        floor=fixed + SALT_BYTES * shown + DIGEST_BYTES * hidden,
        gt1=len(base45.decode(text.removeprefix(qr.PREFIX))),
        gt1_version=_version(text),
        deflated=len(deflated),
        deflated_version=_version(base45.encode(deflated)),
        plain=len(plain),
        plain_version=_version(plain),
    )


def _deflated(plain: str) -> bytes:
    """Deflate as anybody would, without a preset dictionary."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    return compressor.compress(plain.encode()) + compressor.flush()


def _version(text: str) -> int | None:
    code = QRCode(error_correction=ERROR_CORRECT_M)
    code.add_data(text, optimize=0)
    try:
        return int(code.best_fit())
    except (DataOverflowError, ValueError):  # the library has raised either, depending on how much too long it is
        return None


def _cell(number: int | None) -> str:
    return DOES_NOT_FIT if number is None else f"{number:,}"


def _number(cell: str) -> int | None:
    return None if cell == DOES_NOT_FIT else int(cell.replace(",", ""))
