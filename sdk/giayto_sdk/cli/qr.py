"""`giayto qr`: between a QR's text and the standard string that it carries."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from giayto_crypto import qr
from giayto_crypto.bundle import read_unverified_references
from giayto_crypto.qr import References
from giayto_sdk._checking.bundles import BundleShelf, load_anchors, load_token
from giayto_sdk._clock import system_clock
from giayto_sdk._files import write_atomically
from giayto_sdk._pictures.drawing import draw_qr
from giayto_sdk.cli.arguments import BundleFile, ShownFile, read_presentation
from giayto_sdk.cli.terminal import err
from giayto_sdk.errors import ConfigurationError

qr_app = App(name="qr", help="Unpack a QR into its standard string, and pack one.")


@qr_app.command
def unpack(
    file: ShownFile,
    /,
    *,
    bundle: BundleFile,
    anchor: Annotated[Path | None, Parameter(help="Pinned root (PEM): check the bundle with it first.")] = None,
) -> None:
    """Print the standard SD-JWT string of a QR, byte for byte. Nothing in it is verified by that.

    Parameters
    ----------
    file
        A picture (PNG, JPEG) of the QR, a text file with its text, or - for standard input.
    """
    sys.stdout.write(qr.unpack(read_presentation(file), _references(bundle, anchor)))


@qr_app.command
def pack(
    file: ShownFile,
    /,
    *,
    png: Annotated[Path | None, Parameter(help="Draw the QR into this picture.")] = None,
) -> None:
    """Print the QR text of a standard SD-JWT presentation.

    Parameters
    ----------
    file
        A text file with the presentation, or - for standard input.
    """
    text = qr.pack(read_presentation(file))
    if png is not None:
        symbol = draw_qr(text)
        _write(png, symbol.png())
        err.print(f"{png}: version {symbol.version}, {symbol.modules} x {symbol.modules} modules")
    sys.stdout.write(text)


def _references(bundle: Path, anchor: Path | None) -> References:
    if anchor is None:
        return read_unverified_references(load_token(bundle))
    return BundleShelf(load_anchors(anchor), clock=system_clock, fetcher=None).open(bundle).references


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise ConfigurationError(f"file: {path.name} cannot be written ({error.strerror})") from error
