"""How many indexes of each status list were given out, written down outside the database before they are.

A restored backup knows less than was given out since, and would give the same indexes out again. The file knows: what
stands in it beyond the place that the database remembers is taken as given out when the server starts (I3). It lies
beside the export of revocations, only grows, and has one JSON object a line:

    {"list": "sl_…", "reserved": 1200}

A line is durable (fsync) before its transaction commits. When that fails, some indexes are never used: no harm.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.status_list import DEFAULT_BITS
from giayto_wallet_api.clock import Clock
from giayto_wallet_api.settings import SettingsError
from giayto_wallet_api.status.tables import revocation_export, status_lists
from giayto_wallet_api.store.statements import insert_for

FILE_NAME: Final = "reserved-indexes.ndjson"
LISTS_BEING_FILLED: Final = "status lists being filled"
"""What is held by whoever gives indexes out, from before the first is chosen until the transaction ends."""
_PRIVATE_FILE: Final = 0o600


class Mark(msgspec.Struct, frozen=True):
    """A line."""

    list_id: str = msgspec.field(name="list")
    reserved: int


class ReservationMarks:
    """The file, and the place in it up to which the database knows it. The caller holds `LISTS_BEING_FILLED`."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Name the folder; it is made with the first mark."""
        self.path = folder / FILE_NAME
        self._clock = clock

    async def write(self, tx: AsyncConnection, reserved: Mapping[str, int]) -> None:
        """Write down how many indexes of each list are given out once this transaction has committed.

        Raises:
            OSError: the file cannot be written, or is not the whole one; the transaction must not commit.
        """
        known = await self._known_position(tx)
        await self._remember(tx, await asyncio.to_thread(self._append, reserved, known))

    async def catch_up(self, tx: AsyncConnection, *, list_size: int) -> int:
        """Take as given out what the file knows and the database does not; return how many lists that concerned.

        Raises:
            SettingsError: the file is shorter than the database remembers: it was cut off, or is another file.
        """
        known, size = await self._known_position(tx), self._size()
        if size < known:
            raise SettingsError(
                f"GIAYTO_REVOCATIONS_FOLDER: {self.path.name} has {size} bytes, and the database knows of {known}: "
                "put the whole file back before this server starts"
            )
        marks: dict[str, int] = {}
        for mark in self._marks_after(known):
            marks[mark.list_id] = max(mark.reserved, marks.get(mark.list_id, 0))
        ahead = 0
        for list_id, reserved in sorted(marks.items()):
            ahead += await self._raise_to(tx, list_id, reserved, list_size)
        if size > known:
            await self._remember(tx, size)
        return ahead

    async def _raise_to(self, tx: AsyncConnection, list_id: str, reserved: int, list_size: int) -> int:
        lists = status_lists.c
        # A list that is younger than the backup is entered full: nothing more is given out of it.
        entered = await tx.execute(
            insert_for(tx, status_lists)
            .values(
                list_id=list_id,
                size=list_size,
                bits=DEFAULT_BITS,
                reserved=list_size,
                revision=0,
                created_at=self._clock(),
            )
            .on_conflict_do_nothing()
        )
        raised = await tx.execute(
            update(status_lists).where(lists.list_id == list_id, lists.reserved < reserved).values(reserved=reserved)
        )
        return entered.rowcount or raised.rowcount

    async def _known_position(self, tx: AsyncConnection) -> int:
        query = select(revocation_export.c.position).where(revocation_export.c.name == FILE_NAME)
        return int((await tx.execute(query)).scalar_one_or_none() or 0)

    async def _remember(self, tx: AsyncConnection, position: int) -> None:
        values = {"name": FILE_NAME, "position": position, "changed_at": self._clock()}
        await tx.execute(
            insert_for(tx, revocation_export)
            .values(**values)
            .on_conflict_do_update(index_elements=[revocation_export.c.name], set_=values)
        )

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _append(self, reserved: Mapping[str, int], known: int) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # The first line end ends a line that a power cut tore.
        lines = msgspec.json.Encoder().encode_lines([Mark(*mark) for mark in sorted(reserved.items())])
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _PRIVATE_FILE), "ab") as file:
            if os.fstat(file.fileno()).st_size < known:
                raise OSError(f"{self.path.name} is shorter than the database remembers: it was cut off")
            file.write(b"\n" + lines)
            file.flush()
            os.fsync(file.fileno())
            size = os.fstat(file.fileno()).st_size
        if not known:
            _sync_folder(self.path.parent)
        return size

    def _marks_after(self, position: int) -> Iterator[Mark]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(position)
            for line in file:
                try:
                    yield msgspec.json.decode(line, type=Mark)
                except msgspec.MsgspecError:
                    continue  # empty, or torn before anything relied on it


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
