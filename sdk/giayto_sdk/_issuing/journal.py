"""The journal of a job: what will be signed is written down, durably, before it is signed.

An append-only file of records, one a line: CRC-32 in hexadecimal, a space, one JSON object. What the records are is
told in `records`; what they amount to, in `job_state`.

A crash may leave a last record without its end, or without its beginning on the disk: it is dropped, because nothing
was done on the strength of it before `sync` returned. A damaged record with good ones after it is never passed over.

The file holds personal data of the agency's own records. It lies in the agency's folder, readable by its owner alone.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final, Self
from zlib import crc32

import msgspec

from giayto_sdk._files import PRIVATE_FILE, sync_folder
from giayto_sdk._issuing.records import Record
from giayto_sdk.errors import JournalError

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final[msgspec.json.Decoder[Record]] = msgspec.json.Decoder(Record)
_CHECKSUM_LENGTH: Final = 8


class Journal:
    """One journal, open for appending by any thread of one process. No second process can have it open."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            JournalError: another process has it open, or it is damaged.
            OSError: it cannot be opened.
        """
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
        self._writing, self._syncing = Lock(), Lock()
        self._written = self._synced = 0
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._drop_torn_end()
        except BlockingIOError as error:
            self.close()
            raise JournalError(f"journal: another process is pushing this job ({path.parent.name})") from error
        except BaseException:
            self.close()
            raise
        sync_folder(path.parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, *records: Record) -> None:
        """Write records; they are durable only after `sync`.

        Raises:
            JournalError: the disk is full or failed; nothing may be signed on the strength of it.
        """
        content = memoryview(b"".join(map(_line, records)))
        with self._writing:
            try:
                # A part of a record that was written is torn off by the next opening.
                while content:
                    content = content[os.write(self._descriptor, content) :]
            except OSError as error:
                raise self._unusable(error) from error
            self._written += 1

    def sync(self) -> None:
        """Return when everything appended so far survives a power cut. Threads that come together share one wait.

        Raises:
            JournalError: the disk is full or failed; nothing may be signed on the strength of it.
        """
        wanted = self._written
        with self._syncing:
            if self._synced >= wanted:
                return
            reached = self._written
            try:
                os.fsync(self._descriptor)
            except OSError as error:
                raise self._unusable(error) from error
            self._synced = reached

    def close(self) -> None:
        """Close the file, which lets others open it."""
        with suppress(OSError):
            os.close(self._descriptor)

    def _drop_torn_end(self) -> None:
        whole = 0
        for _, end in _whole_records(self.path):
            whole = end
        if whole < self.path.stat().st_size:
            os.truncate(self._descriptor, whole)
            os.fsync(self._descriptor)

    def _unusable(self, error: OSError) -> JournalError:
        return JournalError(f"journal: {self.path.parent.name} cannot be written ({error.strerror})")


def read_records(path: Path) -> Iterator[Record]:
    """Read a journal from its beginning; a torn record at its end is left out.

    Raises:
        JournalError: unreadable, or a record is damaged.
    """
    try:
        for record, _ in _whole_records(path):
            yield _decoded(record, path)
    except OSError as error:
        raise JournalError(f"journal: {path.parent.name} cannot be read ({error.strerror})") from error


def _whole_records(path: Path) -> Iterator[tuple[bytes, int]]:
    """Return the JSON of each good record, and where the record ends."""
    with path.open("rb") as lines:
        end = 0
        for line in lines:
            content = _checked(line)
            if content is None:
                if any(_checked(later) is not None for later in lines):
                    raise JournalError(f"journal: a record of {path.parent.name} is damaged (byte {end})")
                return
            end += len(line)
            yield content, end


def _checked(line: bytes) -> bytes | None:
    content = line[_CHECKSUM_LENGTH + 1 : -1]
    is_whole = line.endswith(b"\n") and line[: _CHECKSUM_LENGTH + 1] == b"%b " % _checksum(content)
    return content if is_whole else None


def _checksum(content: bytes) -> bytes:
    return b"%08x" % crc32(content)


def _line(record: Record) -> bytes:
    content = _ENCODER.encode(record)
    return b"%b %b\n" % (_checksum(content), content)


def _decoded(content: bytes, path: Path) -> Record:
    try:
        return _DECODER.decode(content)
    except msgspec.DecodeError as error:
        raise JournalError(f"journal: {path.parent.name} holds a record that this version does not know") from error
