"""What was shown to whom. The phone keeps it; nobody else does.

history.jsonl    one entry on each line, oldest first
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

import msgspec

from giayto_crypto.localised import Localised
from giayto_sdk.errors import KeyStoreError

HISTORY_FILE: Final = "history.jsonl"
MAX_HISTORY_BYTES: Final = 4 * 1024 * 1024


class ShownDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document of an answer: which claims, never their values."""

    document_id: str
    document_type: str
    claims: tuple[tuple[str | int | None, ...], ...]
    key_thumbprint: str
    """Which copy was shown: each is shown once where there are several."""


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One request, and what became of it."""

    at: datetime
    client_id: str
    verifier: Localised | None
    """Registered name; None when nobody vouched for one."""
    purpose: Localised | None
    outcome: Literal["shown", "declined"]
    documents: tuple[ShownDocument, ...] = ()


def read_history(data: bytes) -> Iterator[HistoryEntry]:
    """Read the entries of the file; KeyStoreError when it is damaged."""
    try:
        for line in data.splitlines():
            yield msgspec.json.decode(line, type=HistoryEntry)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise KeyStoreError(f"key store: {HISTORY_FILE} is damaged") from error


def write_history(entries: list[HistoryEntry]) -> bytes:
    """Write entries, leaving out the oldest where there is no room for all."""
    lines = [msgspec.json.encode(entry) + b"\n" for entry in entries]
    while sum(map(len, lines)) > MAX_HISTORY_BYTES:
        lines = lines[len(lines) // 4 + 1 :]
    return b"".join(lines)
