"""The export of revocations: an append-only file outside the database, written before a revocation is acknowledged.

A backup of the database that is restored knows nothing of what was revoked since. The file does: when the server
starts, what stands in the file beyond the place that the database remembers is revoked again, in one transaction with
that place. So a revocation survives every restored backup (I4), and a start reads only what the database lacks.

One JSON object a line:

    {"list": "sl_…", "idx": 7, "agency": "G18", "type": "urn:…", "document": "doc_…", "version": 1,
     "scope": "document", "at": "…"}          a credential that was revoked: its document, or this copy alone
    {"void_from": 120, "void_to": 240}         bytes of a transaction that was not committed after all

Lines are durable (fsync) before their transaction commits. When it then fails, the next one voids them; when the
machine fails in between, they count: somebody asked for the revocation and got no answer.
"""

import asyncio
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.status_list import StatusValue
from giayto_wallet_api.clock import Clock
from giayto_wallet_api.status.tables import revocation_export, status_entries, status_reservations
from giayto_wallet_api.store.statements import hold, insert_for

FILE_NAME: Final = "revocations.ndjson"
_NAME: Final = "revocation export"
_NOTED: Final = "giayto_revocations"
_AT_ONCE: Final = 1000
_PRIVATE_FILE: Final = 0o600
Scope = Literal["document", "copy"]
Place = tuple[str, int]
"""Status list and index."""


class RevokedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A line: all that is needed to revoke a credential that a restored database does not even know."""

    list_id: str = msgspec.field(name="list")
    idx: int
    agency_id: str = msgspec.field(name="agency")
    document_type: str = msgspec.field(name="type")
    document_id: str = msgspec.field(name="document")
    version: int
    scope: Scope
    at: datetime


class Voided(msgspec.Struct, frozen=True, kw_only=True):
    """A line: these bytes were written for a transaction that was not committed."""

    void_from: int
    void_to: int


_ENCODER: Final = msgspec.json.Encoder()


def note_revocations(tx: AsyncConnection, places: Sequence[Place], scope: Scope) -> None:
    """Remember what a transaction revokes until it commits."""
    tx.info.setdefault(_NOTED, {}).update(dict.fromkeys(places, scope))


class RevocationExport:
    """The file, and the place in it up to which the database knows it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Name the folder; it is made when the first revocation comes."""
        self.path = folder / FILE_NAME
        self._clock = clock

    async def before_commit(self, tx: AsyncConnection) -> None:
        """Write down, durably, what a transaction revoked; nothing for most transactions.

        Raises:
            OSError: the file cannot be written; the transaction must not commit.
        """
        noted: dict[Place, Scope] = tx.info.pop(_NOTED, {})
        if not noted:
            return
        # What a savepoint took back, or an earlier transaction of this connection, is no longer revoked here.
        lines = await self._revoked(tx, noted)
        if not lines:
            return
        await hold(tx, _NAME)
        known = await self.known_position(tx)
        position = await asyncio.to_thread(self._append, lines, known)
        await self.remember(tx, position)

    async def known_position(self, tx: AsyncConnection) -> int:
        """Return up to which byte the database knows the file."""
        query = select(revocation_export.c.position).where(revocation_export.c.name == FILE_NAME)
        return int((await tx.execute(query)).scalar_one_or_none() or 0)

    async def remember(self, tx: AsyncConnection, position: int) -> None:
        """Store up to which byte the database knows the file."""
        values = {"name": FILE_NAME, "position": position, "changed_at": self._clock()}
        await tx.execute(
            insert_for(tx, revocation_export)
            .values(**values)
            .on_conflict_do_update(index_elements=[revocation_export.c.name], set_=values)
        )

    async def hold(self, tx: AsyncConnection) -> None:
        """Wait until nobody else writes, until the transaction ends."""
        await hold(tx, _NAME)

    def size(self) -> int:
        """Return the length of the file; 0 when there is none yet."""
        return self.path.stat().st_size if self.path.exists() else 0

    def lines_after(self, position: int) -> Iterator[RevokedCredential]:
        """Read the credentials beyond a position that were not voided; a torn line was never relied upon."""
        entries = list(self._entries(position))
        voided = [entry for _, entry in entries if isinstance(entry, Voided)]
        for at, entry in entries:
            if isinstance(entry, RevokedCredential) and not any(v.void_from <= at < v.void_to for v in voided):
                yield entry

    def _entries(self, position: int) -> Iterator[tuple[int, RevokedCredential | Voided | None]]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(position)
            for line in file:
                if line.endswith(b"\n"):
                    yield position, _read(line)
                position += len(line)

    async def _revoked(self, tx: AsyncConnection, noted: dict[Place, Scope]) -> list[RevokedCredential]:
        entries, reservations, now = status_entries.c, status_reservations.c, self._clock()
        indexes: dict[str, list[int]] = {}
        for list_id, idx in noted:
            indexes.setdefault(list_id, []).append(idx)
        lines: list[RevokedCredential] = []
        for list_id, idxs in sorted(indexes.items()):
            for first in range(0, len(idxs), _AT_ONCE):
                rows = await tx.execute(
                    select(
                        entries.idx,
                        entries.agency_id,
                        reservations.document_type,
                        entries.document_id,
                        entries.version,
                    )
                    .join(
                        status_reservations,
                        (reservations.list_id == entries.list_id) & (reservations.idx == entries.idx),
                    )
                    .where(
                        entries.list_id == list_id,
                        entries.idx.in_(idxs[first : first + _AT_ONCE]),
                        entries.value == StatusValue.INVALID,
                    )
                )
                lines += [
                    RevokedCredential(
                        list_id=list_id,
                        idx=row.idx,
                        agency_id=row.agency_id,
                        document_type=row.document_type,
                        document_id=row.document_id,
                        version=row.version,
                        scope=noted[list_id, row.idx],
                        at=now,
                    )
                    for row in rows
                ]
        return lines

    def _append(self, lines: Sequence[RevokedCredential], known: int) -> int:
        """Write lines at the end of the file and return its new length, when they would survive a power cut."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _PRIVATE_FILE)
        try:
            size = os.fstat(descriptor).st_size
            content = _ENCODER.encode_lines(lines)
            if size > known:
                # A torn line ends here, and is voided with the rest.
                void: Any = Voided(void_from=known, void_to=size + 1)
                content = b"\n" + _ENCODER.encode(void) + b"\n" + content
            _write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(self.path.parent)
        return size + len(content)


def _read(line: bytes) -> RevokedCredential | Voided | None:
    try:
        if line.startswith(b'{"void'):
            return msgspec.json.decode(line, type=Voided)
        return msgspec.json.decode(line, type=RevokedCredential)
    except msgspec.MsgspecError:
        # Torn by a crash and ended by the next transaction, which voids it.
        return None


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
