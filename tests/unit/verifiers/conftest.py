"""One trust scheme and one bundle for all tests of verifiers; making keys takes longer than checking them."""

import pytest

from giayto_crypto.bundle import VerifierBundle
from trust_scheme import Scheme


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    return Scheme()


@pytest.fixture(scope="session")
def bundle(scheme: Scheme) -> VerifierBundle:
    return scheme.bundle()
