"""Run the public test vectors and write what came out: `PYTHONPATH=tests/support python -m conformance [PAGE]`."""

import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
VECTORS = PROJECT / "tests" / "vectors"
OTHERS = ("test_conformance_page.py", "test_qr_vectors.py", "test_verification_cases*")
"""Tests of that folder that are about giayto's own vectors."""


def main(page: Path) -> int:
    """Return the exit code of pytest."""
    ignored = [f"--ignore-glob={VECTORS / name}" for name in OTHERS]
    return pytest.main([str(VECTORS), *ignored, f"--conformance-page={page}", "-q", "-p", "no:cacheprovider"])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "docs" / "conformance.md"))
