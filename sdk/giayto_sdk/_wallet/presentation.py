"""What the phone shows: a standard presentation, and the QR that carries it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from giayto_crypto import qr
from giayto_crypto.errors import QrTooLargeError
from giayto_crypto.keys import Signer
from giayto_crypto.sdjwt import ClaimPath, UnverifiedSdJwt, disclosure_paths, present
from giayto_sdk._pictures.drawing import DEFAULT_MODULE_PIXELS, QrSymbol, draw_qr

_NAMED_IN_ERROR: Final = 5


@dataclass(frozen=True, slots=True)
class Presentation:
    """Chosen claims of one document, bound to this moment, this audience and this challenge."""

    sd_jwt: str = field(repr=False)
    """The standard SD-JWT+KB string, which any SD-JWT library verifies."""
    qr_text: str = field(repr=False)
    """The same, packed for a QR (docs/qr.md)."""
    symbol: QrSymbol
    """The QR itself."""

    @property
    def qr_version(self) -> int:
        """Size of the symbol: 1 to 40."""
        return self.symbol.version

    @property
    def qr_modules(self) -> int:
        """Modules along each side of the symbol."""
        return self.symbol.modules

    def png(self, module_pixels: int = DEFAULT_MODULE_PIXELS) -> bytes:
        """Return the QR as a PNG picture."""
        return self.symbol.png(module_pixels)

    def terminal(self, *, colour: bool = False) -> str:
        """Return the QR as lines for a terminal."""
        return self.symbol.text(colour=colour)


def make_presentation(
    credential: UnverifiedSdJwt,
    paths: Sequence[ClaimPath],
    *,
    holder: Signer,
    audience: str,
    nonce: str,
    now: datetime,
) -> Presentation:
    """Present chosen claims of a credential.

    Raises:
        ClaimNotHeldError: a path leads to nothing in this credential.
        QrTooLargeError: too much for one QR; its detail names what takes most space.
    """
    sd_jwt = present(credential, paths, holder=holder, audience=audience, nonce=nonce, now=now)
    try:
        qr_text = qr.pack(sd_jwt)
        return Presentation(sd_jwt, qr_text, draw_qr(qr_text))
    except QrTooLargeError as error:
        raise _with_advice(error, UnverifiedSdJwt.parse(sd_jwt)) from error


def _with_advice(error: QrTooLargeError, presentation: UnverifiedSdJwt) -> QrTooLargeError:
    sized = ((len(disclosure.encoded), path) for path, disclosure in disclosure_paths(presentation))
    largest = sorted(sized, key=lambda each: each[0], reverse=True)[:_NAMED_IN_ERROR]
    named = ", ".join(f"{path_text(path)} ({size} characters)" for size, path in largest)
    return QrTooLargeError(f"{error.detail}; leave out some of the largest: {named}", **error.fields)


def path_text(path: Iterable[str | int | None]) -> str:
    """Write a claim path as people type it: `visits[0].diagnosis`, with `[*]` for every element."""
    text = ""
    for step in path:
        if isinstance(step, str):
            text += f".{step}" if text else step
        else:
            text += "[*]" if step is None else f"[{step}]"
    return text
