"""What a worker writes down before it signs: for each copy the row, the holder key and the status index.

One JSON object a line, durable before anything is signed on the strength of it. What was signed and never answered is
not sent again from here: the server gives the request out anew when its lease ends, and the index stays unused.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from giayto_sdk._files import PRIVATE_FILE, make_private_folder, sync_folder
from giayto_sdk.errors import JournalError

_ENCODER: Final = msgspec.json.Encoder()


class CopyIntent(msgspec.Struct, frozen=True, kw_only=True):
    """One copy that will be signed."""

    at: datetime
    request_id: str
    row_key: str
    holder_key: str
    """Thumbprint."""
    status_uri: str
    status_index: int


class SigningJournal:
    """The file of one month; several workers of an agency may append to it at the same time."""

    def __init__(self, folder: Path, now: datetime) -> None:
        """Open the file, or make it; JournalError when that cannot be done."""
        self.path = folder / f"signing-requests.{now:%Y-%m}.ndjson"
        try:
            make_private_folder(folder)
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
            sync_folder(folder)
        except OSError as error:
            raise JournalError(f"journal: {folder.name} cannot be used ({error.strerror})") from error

    def write(self, intents: Sequence[CopyIntent]) -> None:
        """Return when the intents survive a power cut.

        Raises:
            JournalError: the disk is full or failed; nothing may be signed.
        """
        try:
            # One write for all: lines of two workers never run into each other.
            lines = _ENCODER.encode_lines(intents)
            if os.write(self._descriptor, lines) != len(lines):
                raise JournalError(f"journal: {self.path.name} cannot be written whole")
            os.fsync(self._descriptor)
        except OSError as error:
            raise JournalError(f"journal: {self.path.name} cannot be written ({error.strerror})") from error

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)
