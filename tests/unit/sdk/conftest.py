"""Files of a small trust scheme, as a verifier has them on disk."""

from pathlib import Path

import pytest

from trust_scheme import Scheme


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    return Scheme()


@pytest.fixture
def desk(scheme: Scheme, tmp_path: Path) -> Path:
    """A folder with `bundle.jwt` and `root.pem`."""
    (tmp_path / "bundle.jwt").write_text(scheme.bundle_token(), encoding="ascii")
    (tmp_path / "root.pem").write_bytes(scheme.root.pem)
    return tmp_path
