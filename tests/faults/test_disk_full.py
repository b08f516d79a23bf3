"""The disk under SQLite is full: writes are refused, reads go on, and work continues without a restart."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from fault_injection import World

ROWS = 200
ROOM_LEFT_BYTES = 1_500_000
MOUNTED_BYTES = 64_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own in memory; only root may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", f"size={MOUNTED_BYTES}", "tmpfs", str(folder)]
    if mount is None or subprocess.run([mount, *options], capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_writes_are_refused_until_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    with World.made(tmp_path, ROWS, on="sqlite", disk=small_disk) as world:
        world.start_server()
        ballast = fill(small_disk, leave=ROOM_LEFT_BYTES)
        world.start_push()
        world.wait_until_logged("store_full", seconds=60)
        for path in ("/health/live", "/public/v1/status-lists", "/public/v1/trust-list"):
            assert httpx2.get(world.base_url + path).status_code == 200, path
        ballast.unlink()
        ended = world.push_to_the_end()
        assert len(ended.stored) == ROWS
        assert world.violations(ended) == []


def fill(disk: Path, *, leave: int) -> Path:
    """Take all room but a little."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free - leave))
    return ballast
