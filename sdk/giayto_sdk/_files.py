"""Files that must be whole or not there, and private where they hold keys or personal data."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import IO

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_ORDINARY_FILE = 0o666  # less the umask


def write_atomically(path: Path, data: bytes, *, private: bool = False) -> None:
    """Replace a file at once: a reader, or a power cut, finds the old or the new content and never a part.

    Args:
        path: its folder exists.
        data: the new content.
        private: readable by the owner alone, from the first byte on.
    """
    temporary = path.with_name(f".{path.name}.{token_hex(8)}")
    mode = PRIVATE_FILE if private else _ORDINARY_FILE
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Provide a private file that takes its name only when it is whole; what interrupts the writing leaves nothing."""
    temporary = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        # Inside, for Ctrl-C may come as soon as the file is there.
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_private_folder(folder: Path) -> None:
    """Make a folder that its owner alone may enter, with its parents; one that exists is tightened."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    folder.chmod(PRIVATE_FOLDER)
