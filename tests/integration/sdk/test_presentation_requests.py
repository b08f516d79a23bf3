"""A bank asks, a citizen answers, over real HTTP: what operator, bank and citizen type."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from giayto_crypto.keys import LocalSigner
from giayto_sdk import HostedRequests, Issuer, WalletClient
from giayto_sdk.cli.app import run
from giayto_sdk.config import VerifierConfig, write_verifier_config
from giayto_sdk.errors import ForbiddenError, RequestNotFoundError
from giayto_wallet_api.cli import main
from giayto_wallet_api.sandbox.agencies import agency
from giayto_wallet_api.sandbox.preparation import PreparedSandbox

TYPE = "criminal-record-1"
VCT = f"urn:giayto:type:{TYPE}:1"
PURPOSE = "QUOC_PHONG"


@pytest.fixture(scope="module")
def bank(sandbox: PreparedSandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of a bank that an operator registered."""
    folder = tmp_path_factory.mktemp("bank")
    key = LocalSigner.generate()
    (folder / "client.key.pem").write_bytes(key.to_pem())
    public = key.public_key.cryptography_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "client.pub.pem").write_bytes(public)
    settings = {
        "GIAYTO_BASE_URL": sandbox.settings.base_url,
        "GIAYTO_DATABASE_URL": sandbox.settings.database_url,
        "GIAYTO_KEYS_FOLDER": str(sandbox.settings.keys_folder),
        "GIAYTO_MODE": "sandbox",
    }
    os.environ.update(settings)
    try:
        names = ["--name-vi", "Ngân hàng A", "--name-en", "Bank A", "--domain", "bank-b.example"]
        registering = ["register-verifier", "--verifier", "bank-b", *names, "--key", str(folder / "client.pub.pem")]
        purpose = ["--purpose", PURPOSE, "--purpose-vi", "Quốc phòng", "--purpose-en", "National defence"]
        permitting = ["permit-verifier", "--verifier", "bank-b", *purpose, "--type", VCT, "--claim", "full_name"]
        assert [main(registering), main(permitting), main(registering)] == [0, 0, 1]
    finally:
        for name in settings:
            del os.environ[name]
    config = VerifierConfig(sandbox.settings.base_url, "bank-b", folder / "client.key.pem")
    write_verifier_config(config, folder / "verifier.toml")
    return folder / "verifier.toml"


@pytest.fixture
def held(sandbox: PreparedSandbox, issuer: Issuer, wallet: WalletClient) -> str:
    """A document that the first citizen has confirmed."""
    number = sandbox.citizens[0].personal_number
    with sandbox.records_file(agency("G01")).open(encoding="utf-8-sig", newline="") as file:
        row = next(each for each in csv.DictReader(file) if each["SO_CCCD"] == number)
    (result,) = issuer.push(TYPE, [row])
    assert result.document_id is not None
    if result.document_id in {each.document_id for each in wallet.inbox()}:
        wallet.confirm(result.document_id)
    return result.document_id


@pytest.fixture
def requests(bank: Path) -> Iterator[HostedRequests]:
    with HostedRequests.from_file(bank) as requests:
        yield requests


def test_the_command_shows_a_qr_and_waits_for_the_verdict(
    sandbox: PreparedSandbox, bank: Path, held: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipts = tmp_path / "receipts.txt"
    asking = ["--type", TYPE, "--claims", "full_name", "--purpose", PURPOSE, "--transaction", "T-1"]
    command = [sys.executable, "-m", "giayto_sdk.cli", "request", "--config", str(bank), *asking]
    with subprocess.Popen(
        [*command, "--json", "--receipts", str(receipts)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as desk:
        assert desk.stderr is not None
        link = next(line.strip() for line in desk.stderr if line.startswith("openid4vp://"))
        answering = ["wallet", "answer", link, "--config", str(sandbox.folder.wallet_config(1)), "--yes"]
        assert run(answering) == 0
        shown = capsys.readouterr().out
        output, errors = desk.communicate(timeout=30)
    assert desk.returncode == 0, errors
    verdict = json.loads(output)
    assert verdict["outcome"] == "valid"
    (credential,) = verdict["credentials"]
    assert set(credential["verdict"]["claims"]) == {"full_name", "conviction_status"}
    assert len(receipts.read_text().splitlines()) == 1
    assert "Ngân hàng A" in shown
    assert "Quốc phòng" in shown
    assert run(["wallet", "history", "--config", str(sandbox.folder.wallet_config(1)), "--json"]) == 0
    assert VCT in capsys.readouterr().out


def test_a_citizen_who_says_nothing_has_not_consented(
    sandbox: PreparedSandbox, requests: HostedRequests, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = requests.ask(document_type=VCT, claims=[("full_name",)], purpose=PURPOSE)
    monkeypatch.setattr(sys, "stdin", StringIO())
    assert run(["wallet", "answer", asked.qr_text, "--config", str(sandbox.folder.wallet_config(1))]) == 1
    status = requests.status(asked.request_id)
    assert (status.state, status.wallet_error) == ("declined", "access_denied")


def test_over_asking_is_refused_with_its_rule(bank: Path, requests: HostedRequests) -> None:
    with pytest.raises(ForbiddenError) as caught:
        requests.ask(document_type=VCT, claims=[("birth_date",)], purpose=PURPOSE)
    assert caught.value.code == "claims_not_allowed"
    over = ["request", "--config", str(bank), "--type", TYPE, "--claims", "birth_date", "--purpose", PURPOSE]
    assert run(over) == 64


def test_a_request_that_was_taken_back(requests: HostedRequests) -> None:
    asked = requests.ask(document_type=VCT, claims=[("full_name",)], purpose=PURPOSE)
    assert requests.cancel(asked.request_id).state == "cancelled"
    with pytest.raises(RequestNotFoundError, match="cancelled"):
        requests.wait(asked)
