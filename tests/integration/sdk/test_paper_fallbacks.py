"""A desk and a bank ask for paper because data is wrong, as they type it, over real HTTP."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from giayto_crypto.keys import LocalSigner
from giayto_sdk import FallbackCase, FallbackSubject, PaperFallbacks
from giayto_sdk.cli.app import run
from giayto_sdk.config import VerifierConfig, write_verifier_config
from giayto_sdk.errors import ConfigurationError, ConflictError, ForbiddenError
from giayto_wallet_api.cli import main
from giayto_wallet_api.sandbox.preparation import PreparedSandbox

NUMBER, DETAILS = "001099000017", "Chị Canary sinh ngày khác"
CASE = {
    "case_key": "2026/0975",
    "document": "health-insurance-card",
    "reason": "data_wrong",
    "subject": {"kind": "person", "id": NUMBER},
    "details": DETAILS,
}


@pytest.fixture(scope="module")
def bank(sandbox: PreparedSandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of a registered bank."""
    folder = tmp_path_factory.mktemp("bank")
    key = LocalSigner.generate()
    (folder / "client.key.pem").write_bytes(key.to_pem())
    public = key.public_key.cryptography_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "client.pub.pem").write_bytes(public)
    names = ["--name-vi", "Ngân hàng A", "--name-en", "Bank A", "--domain", "bank-a.example"]
    registering = ["register-verifier", "--verifier", "bank-f", *names, "--key", str(folder / "client.pub.pem")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIAYTO_BASE_URL", sandbox.settings.base_url)
        patch.setenv("GIAYTO_DATABASE_URL", sandbox.settings.database_url)
        patch.setenv("GIAYTO_KEYS_FOLDER", str(sandbox.settings.keys_folder))
        patch.setenv("GIAYTO_MODE", "sandbox")
        assert main(registering) == 0
    config = VerifierConfig(sandbox.settings.base_url, "bank-f", folder / "client.key.pem")
    write_verifier_config(config, folder / "verifier.toml")
    return folder / "verifier.toml"


def case(**changes: str) -> FallbackCase:
    known = {name: CASE[name] for name in ("case_key", "document", "reason", "details")} | changes
    return FallbackCase(subject=FallbackSubject("person", NUMBER), **known)


def test_a_bank_records_a_case_once(bank: Path) -> None:
    with PaperFallbacks.from_file(bank) as fallbacks:
        first, again = fallbacks.record(case()), fallbacks.record(case())
        assert first == again
        assert [each.case_key for each in fallbacks.recorded()] == ["2026/0975"]
        with pytest.raises(ConflictError):
            fallbacks.record(case(reason="data_missing"))
        with pytest.raises(ForbiddenError):
            fallbacks.record(case(case_key="other", document="criminal-record-2"))
    assert (first.state, first.owner_agency_id) == ("open", "G24")


def test_many_cases_come_page_by_page(sandbox: PreparedSandbox, bank: Path) -> None:
    assert bank.exists()
    with PaperFallbacks.from_file(sandbox.folder.agency_config("G01")) as fallbacks:
        for number in range(55):
            fallbacks.record(case(case_key=f"page/{number}"))
        found = [each.case_key for each in fallbacks.recorded()]
    assert found == [f"page/{number}" for number in reversed(range(55))]


def test_the_command_takes_the_person_from_a_file_and_never_writes_it(
    sandbox: PreparedSandbox, bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(CASE | {"case_key": "typed/1"}), encoding="utf-8")
    for config in (bank, sandbox.folder.agency_config("G01")):
        assert run(["catalogue", "fallback", str(file), "--config", str(config)]) == 0
        assert "typed/1" in capsys.readouterr().out
        listing = [sys.executable, "-m", "giayto_sdk.cli", "catalogue", "fallbacks", "--config", str(config), "--json"]
        told = subprocess.run(listing, capture_output=True, text=True, check=True)
        assert json.loads(told.stdout)[0]["case_key"] == "typed/1"
        assert run(["catalogue", "fallbacks", "--config", str(config)]) == 0
        written = told.stdout + told.stderr + "".join(capsys.readouterr())
        assert "typed/1" in written
        assert NUMBER not in written
        assert "Canary" not in written


@pytest.mark.parametrize("content", ["{", json.dumps({"case_key": "x"}), json.dumps(CASE | {"reason": "lazy"}), "\xff"])
def test_an_unusable_case_is_said_to_be_one(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "case.json"
    file.write_text(content, encoding="latin-1")
    assert run(["catalogue", "fallback", str(file), "--config", str(bank)]) == 64
    assert NUMBER not in "".join(capsys.readouterr())


def test_an_unusable_configuration_is_said_to_be_one(tmp_path: Path) -> None:
    for content in (b"", b"[wallet]\n", b"\xff"):
        (tmp_path / "config.toml").write_bytes(content)
        with pytest.raises(ConfigurationError):
            PaperFallbacks.from_file(tmp_path / "config.toml")
