"""Arguments that several commands share, and how they are read."""

import sys
from datetime import date, datetime
from pathlib import Path
from re import compile as compile_pattern
from typing import Annotated, Final

from cyclopts import Parameter

from giayto_crypto.sdjwt import ClaimPath
from giayto_issuers.encodings.detection import Encoding
from giayto_sdk._pictures.reading import MAX_PICTURE_BYTES, read_qr
from giayto_sdk.errors import ConfigurationError

STANDARD_INPUT: Final = Path("-")
PICTURE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg"})
_PICTURE_BEGINNINGS: Final = (b"\x89PNG", b"\xff\xd8\xff")
_STEP: Final = compile_pattern(r"\.?([A-Za-z_][A-Za-z0-9_]*)|\[(\d{1,6}|\*)\]")

ShownFile = Annotated[Path, Parameter(allow_leading_hyphen=True)]
"""A file, or `-`."""
AgencyConfigFile = Annotated[Path, Parameter(help="Configuration of the agency (TOML).", name=["--config", "-c"])]
WalletConfigFile = Annotated[Path, Parameter(help="Configuration of the wallet (TOML).", name=["--config", "-c"])]
BundleFile = Annotated[Path, Parameter(help="Verifier bundle, as the wallet backend serves it.")]
AnchorFile = Annotated[Path, Parameter(help="Pinned root certificate (PEM).")]
TypesFolder = Annotated[
    Path | None, Parameter(name="--types", help="Folder with further document types, one folder each.")
]
MappingFile = Annotated[
    Path | None, Parameter(name="--mapping", help="Which column holds which claim (TOML; see giayto records map).")
]
EncodingName = Annotated[
    Encoding | None, Parameter(name="--encoding", help="Of the source, where it cannot be told from its text.")
]
AsJson = Annotated[bool, Parameter(name="--json", help="Write JSON for programs.", negative=())]


def read_presentation(file: Path) -> str:
    """Return what a file shows: the QR of a picture, or the text of any other file; `-` is standard input.

    Raises:
        PictureError: a picture without exactly one readable QR.
        ConfigurationError: the file cannot be read.
    """
    content = _read(file)
    if file.suffix.lower() in PICTURE_SUFFIXES or content.startswith(_PICTURE_BEGINNINGS):
        return read_qr(content)
    # Only line ends are cut off: base45 may end with a space. What is not ASCII stays so, and is refused as malformed.
    return content.decode("latin-1").strip("\r\n")


def read_time(text: str) -> datetime:
    """Read an RFC 3339 time; ConfigurationError when it is none, or has no time zone."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError("time: such as 2026-11-22T09:30:00+07:00 is expected") from error
    if time.tzinfo is None:
        raise ConfigurationError("time: a time zone is needed, such as +07:00 or Z")
    return time


def read_day(text: str) -> date:
    """Read a day; ConfigurationError when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError("date: YYYY-MM-DD is expected") from error


def read_claim_path(text: str) -> ClaimPath:
    """Read `full_name`, `visits[0].diagnosis` or `visits[*].date`; ConfigurationError when it is none of this form."""
    steps: list[str | int | None] = []
    position = 0
    while match := _STEP.match(text, position):
        name, index = match.groups()
        steps.append(name if name is not None else None if index == "*" else int(index))
        position = match.end()
    if not steps or position < len(text) or text.startswith("."):
        raise ConfigurationError("claim: a path such as full_name or visits[0].diagnosis is expected")
    return tuple(steps)


def _read(file: Path) -> bytes:
    try:
        if file == STANDARD_INPUT:
            return sys.stdin.buffer.read(MAX_PICTURE_BYTES + 1)
        with file.open("rb") as stream:
            return stream.read(MAX_PICTURE_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"file: {file.name} cannot be read ({error.strerror})") from error
