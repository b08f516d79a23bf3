"""Run the public test vectors, and the tests that stand for the OpenID conformance suite; write what came out:

    PYTHONPATH=tests/support python -m conformance [--vectors-only] [PAGE]

With `--vectors-only` the page is written as if those tests had passed, for a run of the whole suite, which has them.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.openid_sections import schema_tests
from openid_conformance import named_tests

PROJECT = Path(__file__).parents[3]
VECTORS = PROJECT / "tests" / "vectors"
OTHERS = ("test_conformance_page.py", "test_openid_modules.py", "test_qr_vectors.py", "test_verification_cases*")
"""Tests of that folder that are about giayto's own vectors, or about the page."""


def main() -> int:
    """Return the exit code of pytest."""
    parser = argparse.ArgumentParser(prog="python -m conformance")
    parser.add_argument("--vectors-only", action="store_true", help="do not run the tests that stand for the suite")
    parser.add_argument("page", type=Path, nargs="?", default=PROJECT / "docs" / "conformance.md")
    options = parser.parse_args()
    return (0 if options.vectors_only else _run_modules()) or _run_vectors(options.page)


def _run_modules() -> int:
    tests = sorted({*named_tests(), *schema_tests()})
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "openid_conformance.strictly", *tests]
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "tests" / "support")}
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode


def _run_vectors(page: Path) -> int:
    ignored = [f"--ignore-glob={VECTORS / name}" for name in OTHERS]
    return pytest.main([str(VECTORS), *ignored, f"--conformance-page={page}", "-q", "-p", "no:cacheprovider"])


if __name__ == "__main__":
    sys.exit(main())
