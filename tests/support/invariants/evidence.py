"""What the checker is told, and what it answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that should not be."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a test knows apart from the server.

    Attributes:
        database_url: SQLAlchemy URL with an async driver.
        keys_folder: the server's keys, to open stored values.
        stored: what clients were told is stored: document by (agency, row key).
        revoked: documents whose revocation clients were told of.
        intended: indexes, as (uri, idx), that agencies wrote down before they signed; None when that is not known.
        logs: files that servers and clients wrote.
        secrets: personal data, tokens and keys that must stand in no log.
        published: status list tokens as a verifier gets them, by uri.
        ready_after: seconds from the last start of the server to its first answer; None when it was not restarted.
    """

    database_url: str
    keys_folder: Path
    stored: Mapping[tuple[str, str], str] = field(default_factory=dict)
    revoked: Collection[str] = ()
    intended: Collection[tuple[str, int]] | None = None
    logs: Sequence[Path] = ()
    secrets: Collection[str] = ()
    published: Mapping[str, str] = field(default_factory=dict)
    ready_after: float | None = None
