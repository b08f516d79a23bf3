"""The `giayto` command against the real wallet backend: what an agency, a citizen and a verifier type."""

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
import stamina
from sd_jwt.verifier import SDJWTVerifier

from giayto_sdk.cli.app import run
from giayto_sdk.config import load_agency_config
from giayto_wallet_api.sandbox.agencies import agency
from giayto_wallet_api.sandbox.preparation import PreparedSandbox


@dataclass
class Desk:
    """Runs commands and keeps what they wrote."""

    sandbox: PreparedSandbox
    folder: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def type(self, command: str, *, stdin: str = "", expect: int = 0) -> str:
        """Run a command line; {…} stand for files of the sandbox."""
        root = self.sandbox.folder
        names = {
            "agency": root.agency_config("G01"),
            "wallet": root.wallet_config(1),
            "records": self.sandbox.records_file(agency("G01")),
            "anchor": root.anchor,
            "url": self.sandbox.settings.base_url,
            "here": self.folder,
        }
        self.patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin.encode())))
        self.capture.readouterr()
        code = run([word.format(**names) for word in command.split()])
        captured = self.capture.readouterr()
        assert code == expect, captured.err
        self.errors = captured.err
        return "\n".join(line for line in captured.out.splitlines() if "[info" not in line)

    def verdict(self, file: str, *, expect: int) -> dict[str, object]:
        """Check a file of this folder; JSON of the verdict."""
        text = self.type(f"verify {{here}}/{file} --bundle {{here}}/b.jwt --anchor {{anchor}} --json", expect=expect)
        verdict: dict[str, object] = json.loads(text)
        return verdict


@pytest.fixture
def desk(
    sandbox: PreparedSandbox,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    monkeypatch.setenv("COLUMNS", "250")
    with stamina.set_testing(True, attempts=1):
        yield Desk(sandbox, tmp_path, capsys, monkeypatch)


def test_the_whole_life_of_a_document_by_command(desk: Desk, sandbox: PreparedSandbox) -> None:
    desk.type("wallet login --sandbox --config {wallet}", stdin=f"{sandbox.citizens[0].personal_number}\n")

    # Of the agency's export one citizen has a wallet, so the exit code says that not everything was delivered.
    pushed = desk.type("push {records} --type criminal-record-1 --config {agency}", expect=1)
    assert "stored" in pushed
    assert "waiting for a wallet" in pushed
    assert "Traceback" not in desk.errors

    listed = desk.type("wallet inbox --config {wallet}")
    document = next(word for word in listed.split() if word.startswith("doc_"))
    assert "Phiếu lý lịch tư pháp số 1" in listed
    desk.type(f"wallet confirm {document} --config {{wallet}}")
    assert document in desk.type("wallet list --config {wallet}")
    shown = desk.type(f"wallet show {document} --config {{wallet}}")
    assert sandbox.citizens[0].full_name in shown
    assert "Họ và tên · Full name" in shown

    files = "--png {here}/p.png --text {here}/p.txt --sd-jwt {here}/p.sdjwt"
    desk.type(f"wallet present {document} --config {{wallet}} --claim full_name --claim birth_date {files}")
    assert "version" in desk.errors
    desk.type("bundle fetch {url} --anchor {anchor} --output {here}/b.jwt")
    for name in ("p.png", "p.txt", "p.sdjwt"):
        verdict = desk.verdict(name, expect=0)
        assert verdict["document_type"] == "urn:giayto:type:criminal-record-1:1"
    assert desk.type("qr unpack {here}/p.png --bundle {here}/b.jwt") == (desk.folder / "p.sdjwt").read_text()
    assert "Bộ Công an" in desk.type("bundle show {here}/b.jwt --anchor {anchor}")

    assert "confirmed" in desk.type(f"issuer status --config {{agency}} --document {document}")
    row_key = next(word for word in desk.type("issuer status --config {agency}").split() if "/LLTP1" in word)
    assert "suspended" in desk.type(f"suspend --config {{agency}} --row-key {row_key} --reason test")
    desk.type("bundle fetch {url} --anchor {anchor} --output {here}/b.jwt")
    assert desk.verdict("p.png", expect=1)["reasons"] == ["suspended"]
    assert "active" in desk.type(f"resume --config {{agency}} --document {document}")
    assert "revoked" in desk.type(f"revoke --config {{agency}} --document {document} --reason test")
    desk.type("bundle fetch {url} --anchor {anchor} --output {here}/b.jwt")
    assert desk.verdict("p.png", expect=1)["reasons"] == ["revoked"]
    assert "document_revoked" in desk.type("wallet changes --config {wallet}")
    assert len(desk.type("wallet keys --config {wallet}").splitlines()) >= 20


def test_a_superseded_version_is_revoked(desk: Desk, sandbox: PreparedSandbox) -> None:
    number = sandbox.citizens[0].personal_number
    export = sandbox.records_file(agency("G01")).read_text("utf-8-sig")
    row = next(each for each in csv.DictReader(export.splitlines()) if each["SO_CCCD"] == number)
    _write_csv(desk.folder / "v1.csv", {**row, "row_key": "corrected/1"})
    _write_csv(
        desk.folder / "v2.csv", {**row, "row_key": "corrected/2", "replaces": "corrected/1", "NGUOI_KY": "Lê An"}
    )

    push = "--type criminal-record-1 --config {agency} --json"
    (stored,) = json.loads(desk.type(f"push {{here}}/v1.csv {push}"))["results"]
    document = stored["document_id"]
    desk.type(f"wallet confirm {document} --config {{wallet}}")
    show = f"wallet present {document} --config {{wallet}} --claim full_name"
    desk.type(f"{show} --text {{here}}/v1.txt")
    desk.type("bundle fetch {url} --anchor {anchor} --output {here}/b.jwt")
    assert desk.verdict("v1.txt", expect=0)["outcome"] == "valid"

    (replaced,) = json.loads(desk.type(f"push {{here}}/v2.csv {push}"))["results"]
    assert (replaced["outcome"], replaced["document_id"]) == ("stored", document)
    desk.type("bundle fetch {url} --anchor {anchor} --output {here}/b.jwt")
    assert desk.verdict("v1.txt", expect=1)["reasons"] == ["revoked"]
    desk.type(f"wallet confirm {document} --config {{wallet}}")
    desk.type(f"{show} --text {{here}}/v2.txt")
    assert desk.verdict("v2.txt", expect=0)["outcome"] == "valid"


def test_an_empty_list_says_so(desk: Desk) -> None:
    assert desk.type("issuer status --config {agency} --state suspended") == ""
    assert "The list is empty" in desk.errors
    assert json.loads(desk.type("issuer status --config {agency} --state suspended --json")) == []


def test_a_push_that_cannot_succeed_is_told_once(desk: Desk, sandbox: PreparedSandbox) -> None:
    for command, code in (
        ("push {records} --type health-book --config {agency}", "agency_not_entitled"),
        ("push {records} --type procedure-result --config {agency}", "header_unfit"),
    ):
        assert desk.type(command, expect=64) == ""
        assert desk.errors.count(code) == 1
        assert len(desk.errors.splitlines()) < 10


def test_nothing_that_can_be_copied_is_cut_in_a_narrow_terminal(
    desk: Desk, sandbox: PreparedSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long_key = "000001/2026/" + "a-very-long-row-key." * 5
    number = sandbox.citizens[0].personal_number
    export = sandbox.records_file(agency("G01")).read_text("utf-8-sig")
    row = next(each for each in csv.DictReader(export.splitlines()) if each["SO_CCCD"] == number)
    _write_csv(desk.folder / "long.csv", {**row, "row_key": long_key})
    told = desk.type("push {here}/long.csv --type criminal-record-1 --config {agency}")
    journal = told.splitlines()[-1]
    assert Path(journal).is_file()

    pushed = json.loads(desk.type("issuer status --config {agency} --json"))
    (document,) = [each["document_id"] for each in pushed if each["row_key"] == long_key]
    for command in ("issuer status --config {agency}", f"issuer status --config {{agency}} --document {document}"):
        lines = [line.strip() for line in desk.type(command).splitlines()]
        assert document in lines
        assert f"row key  {long_key}" in lines
        assert "type     urn:giayto:type:criminal-record-1:1" in lines
        assert "…" not in "".join(lines)
    one = json.loads(desk.type(f"issuer status --config {{agency}} --document {document} --json"))
    assert one["holder"]["answer"] == "offered"
    for command in ("inbox", "list"):
        told = desk.type(f"wallet {command} --config {{wallet}}")
        listed = json.loads(desk.type(f"wallet {command} --config {{wallet}} --json"))
        assert [each["document_id"] for each in listed] == [
            line for line in told.splitlines() if line.startswith("doc_")
        ]
        assert (document in told.splitlines()) == (command == "inbox")
        assert {each["document_type"] for each in listed} == {"urn:giayto:type:criminal-record-1:1"}
        assert "…" not in told
    assert document in [line.strip() for line in desk.type("wallet changes --config {wallet}").splitlines()]


def test_a_stranger_verifies_the_unpacked_string(desk: Desk, sandbox: PreparedSandbox) -> None:
    """PyPI's sd-jwt, written by others, verifies signature, disclosures and key binding of what we show."""
    from jwcrypto.jwk import JWK

    from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE
    from giayto_sdk import WalletClient

    document = _any_document(sandbox)
    with WalletClient.from_file(sandbox.folder.wallet_config(1)) as wallet:
        presentation = wallet.present(document, [("full_name",)], challenge="a-nonce")
    signer = JWK.from_pem(load_agency_config(sandbox.folder.agency_config("G01")).signing_key_file.read_bytes())
    verified = SDJWTVerifier(
        presentation.sd_jwt, lambda _iss, _header: signer, IN_PERSON_AUDIENCE, "a-nonce"
    ).get_verified_payload()
    assert verified["full_name"] == sandbox.citizens[0].full_name
    assert "personal_number" not in verified


def test_expected_errors_are_short_and_have_their_exit_code(desk: Desk, tmp_path: Path) -> None:
    for command, code, named in (
        ("push {here}/absent.csv --type criminal-record-1 --config {agency}", 64, "absent.csv"),
        ("push {records} --type no-such-type --config {agency}", 64, "document_type_unknown"),
        ("push {records} --type criminal-record-1 --config {here}/absent.toml", 64, "absent.toml"),
        ("revoke --config {agency} --reason test", 64, "--row-key"),
        ("revoke --config {agency} --row-key no-such-row --reason test", 64, "row key"),
        ("revoke --config {agency} --document doc_00 --reason test", 1, "not_found"),
        ("wallet show doc_00 --config {wallet}", 1, "not_found"),
        ("wallet present doc_00 --claim .x --config {wallet}", 64, "claim"),
        ("bundle fetch http://127.0.0.1:9 --anchor {anchor} --output {here}/none.jwt", 75, "network_unreachable"),
        ("bundle fetch http://192.0.2.1 --anchor {anchor} --output {here}/none.jwt", 64, "https"),
    ):
        assert desk.type(command, expect=code) == "", command
        assert named in desk.errors, command
        assert "Traceback" not in desk.errors, command


def _write_csv(path: Path, row: dict[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)


def _any_document(sandbox: PreparedSandbox) -> str:
    from giayto_sdk import WalletClient

    with WalletClient.from_file(sandbox.folder.wallet_config(1)) as wallet:
        return next(iter(wallet.documents())).document_id
