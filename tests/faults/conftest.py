"""How large the faults are: small in every run of the tests, large by `make faults`."""

import os
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Extent:
    """Counts of one run."""

    rows: int
    kills: int
    postgresql_stops: int
    operations: int


SMALL = Extent(rows=600, kills=10, postgresql_stops=3, operations=150)
LARGE = Extent(rows=10_000, kills=100, postgresql_stops=20, operations=10_000)


@pytest.fixture(scope="session")
def extent() -> Extent:
    """What `GIAYTO_FAULTS` asks for."""
    return LARGE if os.environ.get("GIAYTO_FAULTS") == "large" else SMALL
