"""The real wallet backend on this machine's loopback address, with a sandbox's agencies, people and records."""

from collections.abc import Iterator

import pytest

from giayto_sdk import Issuer, WalletClient
from giayto_wallet_api.app import create_app
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.sandbox.folder import PlanRequest, SandboxFolder
from giayto_wallet_api.sandbox.preparation import PreparedSandbox, prepare
from giayto_wallet_api.sandbox.server import serving, take_port

PEOPLE = 20


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PreparedSandbox]:
    """A sandbox that is served for as long as the tests of one file run."""
    folder = SandboxFolder(tmp_path_factory.mktemp("sandbox"))
    with take_port(0) as listener:
        request = PlanRequest(port=listener.getsockname()[1], people=PEOPLE)
        now = system_clock()
        plan = folder.open(request, now.date())
        prepared = prepare(folder, plan, now=now)
        with serving(create_app(prepared.settings), listener):
            yield prepared


@pytest.fixture
def issuer(sandbox: PreparedSandbox) -> Iterator[Issuer]:
    """The Ministry of Public Security, which issues criminal-record certificates."""
    with Issuer.from_file(sandbox.folder.agency_config("G01")) as issuer:
        yield issuer


@pytest.fixture
def wallet(sandbox: PreparedSandbox) -> Iterator[WalletClient]:
    """The wallet of the first citizen, logged in."""
    with WalletClient.from_file(sandbox.folder.wallet_config(1)) as wallet:
        if not wallet.is_enrolled:
            wallet.log_in_at_sandbox(sandbox.citizens[0].personal_number)
        yield wallet
