"""A served sandbox for the wallets of others."""

import csv
from collections.abc import Iterator

import pytest

from foreign_software import require_installed
from giayto_wallet_api.sandbox.preparation import PreparedSandbox
from served_sandbox import POLICE, DepositingAgency, depositing_agency, served_sandbox


@pytest.fixture(autouse=True, scope="session")
def _installed() -> None:
    require_installed()


@pytest.fixture(scope="module")
def sandbox(_installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PreparedSandbox]:
    """The wallet backend on a port of this machine, with agencies, people and their records."""
    with served_sandbox(tmp_path_factory.mktemp("sandbox"), people=10) as prepared:
        yield prepared


@pytest.fixture(scope="module")
def police(sandbox: PreparedSandbox) -> Iterator[DepositingAgency]:
    """The agency that issues criminal-record certificates, signed for by the server."""
    with depositing_agency(sandbox, POLICE) as depositing:
        depositing.delegate()
        yield depositing


@pytest.fixture(scope="module")
def document_id(sandbox: PreparedSandbox, police: DepositingAgency) -> str:
    """The first good record of the agency's own system, deposited."""
    with sandbox.records_file(POLICE).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            try:
                return police.deposit(row)
            except AssertionError:
                continue  # the sandbox's records have faults on purpose
    raise AssertionError("no record of the sandbox is good")
