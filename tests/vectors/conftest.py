"""Where the public test vectors lie: they are read, never copied into the project."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def vectors_dir() -> Path:
    """The folder named by GIAYTO_VECTORS, else ../shared/vectors beside the project; tests skip when there is none."""
    folder = Path(os.environ.get("GIAYTO_VECTORS") or PROJECT.parent / "shared" / "vectors")
    if not folder.is_dir():
        pytest.skip(f"no test vectors at {folder}: set GIAYTO_VECTORS to their folder")
    return folder
