"""`Issuer.deposit`, `offer`, `withdraw`, `hosted_signing` and their commands against the real wallet backend."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from zxingcpp import read_barcodes

from giayto_sdk import DepositOutcome, DepositProgress, DepositResult, Issuer, WalletClient
from giayto_sdk._issuing import row_streams
from giayto_sdk._issuing.depositing import Deposits
from giayto_sdk._issuing.hosted_signing import certificate_sha256
from giayto_sdk.cli.app import run
from giayto_sdk.config import load_agency_config, write_agency_config
from giayto_sdk.errors import (
    ConfigurationError,
    ConflictError,
    DepositInterruptedError,
    ForbiddenError,
    NetworkError,
    NotFoundError,
    UnknownDocumentTypeError,
)
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.sandbox.agencies import HOSPITAL, agency
from giayto_wallet_api.sandbox.preparation import PreparedSandbox
from giayto_wallet_api.sandbox.records import referral_rows

NUMBERS = count(1)
Row = dict[str, Any]


@pytest.fixture
def config(sandbox: PreparedSandbox) -> Path:
    return sandbox.folder.agency_config(HOSPITAL.agency_id)


@pytest.fixture
def leaf(sandbox: PreparedSandbox) -> str:
    return certificate_sha256(sandbox.folder.agency(HOSPITAL.agency_id) / "signing.chain.pem")


@pytest.fixture
def hospital(config: Path, leaf: str) -> Iterator[Issuer]:
    """The agency that has no signing key, and lets the operator sign."""
    with Issuer.from_file(config) as issuer:
        issuer.hosted_signing.choose(leaf)
        yield issuer


@pytest.fixture
def row(sandbox: PreparedSandbox) -> Row:
    """A good row of the first citizen, under a key of its own."""
    (made,) = referral_rows(sandbox.citizens[:1], seed=1, today=system_clock().date())
    return {**made, "MA_LK": f"CT-TEST-{next(NUMBERS)}"}


def test_every_row_of_a_file_has_its_answer(hospital: Issuer, sandbox: PreparedSandbox) -> None:
    told: list[DepositResult] = []
    progress: list[DepositProgress] = []
    report = hospital.deposit(
        "referral", sandbox.records_file(HOSPITAL), on_result=told.append, on_progress=progress.append
    )
    assert report.counts == {DepositOutcome.DEPOSITED: sandbox.population_size - 1, DepositOutcome.REFUSED: 1}
    assert list(report) == told
    assert len(report) == len(told) == progress[-1].done == sandbox.population_size
    assert not report.all_deposited
    assert len({result.document_id for result in report if result.document_id}) == sandbox.population_size - 1
    (refused,) = [result for result in report if result.outcome is DepositOutcome.REFUSED]
    assert refused.problem is not None
    assert refused.problem.columns
    assert report.results_file.stat().st_mode & 0o077 == 0
    again = hospital.deposit("referral", sandbox.records_file(HOSPITAL))
    assert again.counts[DepositOutcome.UNCHANGED] == sandbox.population_size - 1
    assert again.results_file == report.results_file


def test_rows_of_a_program_and_a_conflicting_row_key(hospital: Issuer, row: Row) -> None:
    report = hospital.deposit(HOSPITAL.vct, [row, row, {**row, "DIA_CHI": "Số 2 phố Khác"}])
    assert [result.outcome for result in report] == ["deposited", "unchanged", "refused"]
    first, second, third = report
    assert (first.document_id, first.version, first.row_key) == (second.document_id, 1, row["MA_LK"])
    assert third.problem is not None
    assert third.problem.code == "row_key_conflict"


def test_a_mapping_names_the_columns(hospital: Issuer, row: Row, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[claims.full_name]\ncolumn = "Họ và tên"\n', "utf-8")
    renamed = {("Họ và tên" if name == "HO_TEN" else name): value for name, value in row.items()}
    source = tmp_path / "rows.ndjson"
    source.write_text(json.dumps(renamed) + "\n", "utf-8")
    assert hospital.deposit("referral", source, mapping=mapping).all_deposited


def test_what_makes_no_document_is_not_sent(hospital: Issuer, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something was sent")

    monkeypatch.setattr("giayto_sdk._issuing.depositing.Deposits._stream", refuse)
    (result,) = hospital.deposit("referral", [{**row, "SO_CCCD": "1"}])
    assert result.outcome is DepositOutcome.REFUSED


def test_an_interrupted_deposit_is_made_again(hospital: Issuer, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{**row, "MA_LK": f"{row['MA_LK']}-{number}"} for number in range(5)]
    monkeypatch.setattr(row_streams, "STREAM_ROWS", 2)
    stream, calls = Deposits._stream, count(1)

    def breaking(self: Deposits, *arguments: Any) -> Any:
        if next(calls) > 2:
            raise NetworkError("gone", sent=False)
        return stream(self, *arguments)

    with monkeypatch.context() as broken:
        broken.setattr(Deposits, "_stream", breaking)
        broken.setattr(hospital._pushing.http, "_attempts", 1)
        with pytest.raises(DepositInterruptedError):
            hospital.deposit("referral", rows)
    assert [result.outcome for result in hospital.deposit("referral", rows)] == ["unchanged"] * 4 + ["deposited"]


def test_an_offer_gives_the_document_to_whoever_has_both_link_and_pin(
    hospital: Issuer, wallet: WalletClient, row: Row
) -> None:
    (deposited,) = hospital.deposit("referral", [row])
    assert deposited.document_id is not None
    offer = hospital.offer(deposited.document_id)
    assert offer.tx_code is not None
    assert offer.tx_code not in repr(offer)
    assert offer.by_reference not in repr(offer)
    held = wallet.issuance.accept_offer(
        wallet.issuance.resolve_offer(offer.by_reference), tx_code=offer.tx_code, copies=2
    )
    assert held.document_id == deposited.document_id
    assert hospital.offer(deposited.document_id, tx_code=False).tx_code is None
    hospital.withdraw(deposited.document_id, "deposited by mistake")
    with pytest.raises(ConflictError):
        hospital.offer(deposited.document_id)
    with pytest.raises(NotFoundError):
        hospital.offer("doc_00000000000000000000000000000000")


def test_who_has_no_signing_key_cannot_push(hospital: Issuer, row: Row) -> None:
    with pytest.raises(ConfigurationError, match="deposit"):
        hospital.push("referral", [row])
    with pytest.raises(UnknownDocumentTypeError):
        hospital.deposit("nothing", [row])


def test_hosted_signing_is_the_agencys_own_choice(hospital: Issuer, leaf: str, row: Row) -> None:
    (chosen,) = hospital.hosted_signing.chosen()
    assert chosen.leaf_sha256 == leaf
    hospital.hosted_signing.withdraw(leaf)
    assert hospital.hosted_signing.chosen() == ()
    with pytest.raises(ForbiddenError) as refused:
        hospital.deposit("referral", [row])
    assert refused.value.code == "hosted_signing_not_chosen"
    with pytest.raises(NotFoundError):
        hospital.hosted_signing.withdraw(leaf)
    with pytest.raises(NotFoundError):
        hospital.hosted_signing.choose("0" * 64)


def test_an_agency_that_signs_itself_deposits_nothing(sandbox: PreparedSandbox) -> None:
    with Issuer.from_file(sandbox.folder.agency_config("G01")) as police:
        assert police.hosted_signing.chosen() == ()
        with pytest.raises(ForbiddenError):
            police.deposit("criminal-record-1", sandbox.records_file(agency("G01")))


@dataclass
class Output:
    """What a command wrote; the server of the tests logs to the same terminal."""

    capture: pytest.CaptureFixture[str]

    def read(self) -> tuple[str, str]:
        captured = self.capture.readouterr()
        return "".join(line for line in captured.out.splitlines(keepends=True) if "[info" not in line), captured.err


@pytest.fixture
def output(hospital: Issuer, capsys: pytest.CaptureFixture[str]) -> Output:
    return Output(capsys)


class TestCommands:
    @pytest.fixture
    def source(self, tmp_path: Path, row: Row) -> Path:
        path = tmp_path / "referrals.ndjson"
        path.write_text(json.dumps(row) + "\n" + json.dumps({**row, "SO_CCCD": "1"}) + "\n", "utf-8")
        return path

    def test_from_deposit_to_wallet(
        self,
        hospital: Issuer,
        wallet: WalletClient,
        sandbox: PreparedSandbox,
        config: Path,
        source: Path,
        tmp_path: Path,
        output: Output,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        assert run(["deposit", str(source), "--type", "referral", "--config", str(config)]) == 1
        told = output.read()[0]
        assert re.search(r"1\s+đã gửi · deposited", told)
        assert "SO_CCCD" in told
        found = re.search(r"doc_\w+", told)
        assert found is not None
        qr, pin = tmp_path / "offer.png", tmp_path / "offer.pin"
        arguments = ["--config", str(config), "--png", str(qr), "--pin-file", str(pin)]
        assert run(["offer", found[0], *arguments]) == 0
        shown, told = output.read()
        assert pin.stat().st_mode & 0o077 == 0
        assert pin.read_text().strip() not in shown + told
        with Image.open(qr) as picture:
            assert [code.text for code in read_barcodes(picture)] == [shown.strip()]
        with pin.open() as given:
            monkeypatch.setattr("sys.stdin", given)
            assert run(["wallet", "accept-offer", str(qr), "--config", str(sandbox.folder.wallet_config(1))]) == 0
        assert found[0] in output.read()[0]
        assert run(["withdraw", found[0], "--config", str(config), "--reason", "test"]) == 0

    def test_the_pin_is_shown_apart_from_the_link(
        self, hospital: Issuer, config: Path, row: Row, output: Output
    ) -> None:
        (deposited,) = hospital.deposit("referral", [row])
        assert run(["offer", str(deposited.document_id), "--config", str(config)]) == 0
        shown, told = output.read()
        assert re.search(r"^PIN \d{6}$", told, re.MULTILINE)
        assert re.fullmatch(r"openid-credential-offer://\S+\n", shown)
        assert run(["offer", str(deposited.document_id), "--config", str(config), "--no-tx-code", "--json"]) == 0
        assert json.loads(output.read()[0])["tx_code"] is None

    def test_a_deposit_as_json(self, hospital: Issuer, config: Path, source: Path, output: Output) -> None:
        assert run(["deposit", str(source), "--type", "referral", "--config", str(config), "--json"]) == 1
        told = json.loads(output.read()[0])
        assert told["counts"] == {"deposited": 1, "unchanged": 0, "refused": 1}
        assert {result["row"]: result["outcome"] for result in told["results"]} == {1: "deposited", 2: "refused"}

    def test_hosted_signing(
        self, hospital: Issuer, config: Path, leaf: str, sandbox: PreparedSandbox, output: Output
    ) -> None:
        chain = sandbox.folder.agency(HOSPITAL.agency_id) / "signing.chain.pem"
        hosted, named = ["issuer", "hosted-signing"], ["--config", str(config)]
        assert run([*hosted, "show", *named, "--json"]) == 0
        assert [each["leaf_sha256"] for each in json.loads(output.read()[0])] == [leaf]
        assert run([*hosted, "withdraw", *named, "--sha256", leaf.upper()]) == 0
        assert run([*hosted, "show", *named]) == 0
        assert "danh sách" in output.read()[1].lower()
        assert run([*hosted, "choose", *named]) == 64
        assert run([*hosted, "choose", *named, "--certificate", str(chain)]) == 0
        assert leaf in output.read()[0]


def test_a_configuration_without_keys_is_read_and_written(config: Path, tmp_path: Path) -> None:
    read = load_agency_config(config)
    assert read.signing_key_file is None
    write_agency_config(read, tmp_path / "agency.toml")
    assert load_agency_config(tmp_path / "agency.toml") == read


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("no certificate")
    for name in ("none.pem", "text.pem"):
        with pytest.raises(ConfigurationError, match=name):
            certificate_sha256(tmp_path / name)
