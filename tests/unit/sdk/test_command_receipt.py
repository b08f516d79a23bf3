"""`giayto verify --receipt` and `giayto receipt check`: files, exit codes, what is shown and what never is."""

import json
import sys
from datetime import timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto.certificates import CREDENTIAL_ISSUER
from giayto_crypto.keys import LocalSigner
from giayto_crypto.trust_list import IssuerStatus
from giayto_sdk.cli.app import run
from trust_scheme import NOW, Scheme
from trust_scheme.receipts import BANK, KEY, PURPOSE, TRANSACTION, members
from trust_scheme.scheme import CLAIMS, STATUS_URI

REQUIRED = ("--verifier", BANK, "--transaction", TRANSACTION, "--purpose", PURPOSE)


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def bank(desk: Path, scheme: Scheme) -> Path:
    """A desk with a presentation, its key, and another's key."""
    (desk / "p.txt").write_text(scheme.presentation())
    (desk / "key.pem").write_bytes(KEY.to_pem())
    (desk / "other.pem").write_bytes(LocalSigner.generate().to_pem())
    return desk


def verify(bank: Path, *more: str, at: str = NOW.isoformat(), signed: bool = True) -> int:
    files = ["--bundle", str(bank / "bundle.jwt"), "--anchor", str(bank / "root.pem"), "--at", at]
    receipt = ["--receipt", str(bank / "r.jwt"), "--verifier-key", str(bank / "key.pem"), *REQUIRED] if signed else []
    return run(["verify", str(bank / "p.txt"), *files, *receipt, *more])


def check(bank: Path, *more: str, key: str | None = "key.pem", file: str | None = None) -> int:
    known = [] if key is None else ["--verifier-key", str(bank / key)]
    return run(["receipt", "check", file or str(bank / "r.jwt"), "--anchor", str(bank / "root.pem"), *known, *more])


def receipt(bank: Path) -> str:
    return (bank / "r.jwt").read_text().strip()


def test_a_receipt_is_written_and_holds(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(bank) == 0
    assert "HỢP LỆ" in capsys.readouterr().out
    assert (bank / "r.jwt").stat().st_mode & 0o777 == 0o600
    assert check(bank, "--verifier", BANK, "--transaction", TRANSACTION) == 0
    text = capsys.readouterr().out
    for words in ("THE RECEIPT HOLDS", "hợp lệ · valid", BANK, TRANSACTION, PURPOSE, "Test record", "full_name"):
        assert words in text
    assert CLAIMS["full_name"] not in text


def test_the_json_is_what_programs_expect(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(bank, "--keep-claims", "full_name,record_number", "--json") == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "valid"
    assert check(bank, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["result"], shown["reason"], shown["evidence"]) == ("holds", None, "proofs")
    assert shown["receipt"]["check"]["claims"] == [
        {"path": [name], "value": CLAIMS[name]} for name in ("full_name", "record_number")
    ]


def test_standard_input_is_a_file_too(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verify(bank) == 0
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO((bank / "r.jwt").read_bytes())))
    assert check(bank, file="-") == 0


def test_how_much_is_kept_is_chosen(bank: Path) -> None:
    for option, level, exit_code in (
        ((), "proofs", 0),
        (("--keep-presentation",), "presentation", 0),
        (("--no-evidence",), "none", 2),
    ):
        assert verify(bank, *option) == 0
        assert members(receipt(bank))["evidence"]["level"] == level
        assert check(bank) == exit_code


def test_a_refusal_keeps_its_exit_code_and_its_receipt(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stale = (NOW + timedelta(minutes=2)).isoformat()
    assert verify(bank, "--keep-claims", "full_name", at=stale) == 1
    assert members(receipt(bank))["check"]["reasons"] == ["stale"]
    assert members(receipt(bank))["check"]["claims"] == []
    capsys.readouterr()
    assert check(bank) == 0
    assert "không hợp lệ · invalid (stale)" in capsys.readouterr().out
    assert verify(bank, "--max-status-age", "30m") == 2
    assert check(bank) == 0


def test_others_are_refused(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(bank) == 0
    for arguments, code in (
        (("--transaction", "other"), "other_transaction"),
        (("--verifier", "other"), "other_verifier"),
    ):
        capsys.readouterr()
        assert check(bank, *arguments) == 1
        text = capsys.readouterr().out
        assert f"[{code}]" in text
        assert TRANSACTION not in text
    assert check(bank, key="other.pem") == 1


def test_an_unknown_signer_is_no_answer(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(bank) == 0
    capsys.readouterr()
    assert check(bank, key=None) == 2
    text = capsys.readouterr().out
    assert "[verifier_key_missing]" in text
    assert TRANSACTION not in text


def test_every_changed_character_is_refused(bank: Path) -> None:
    assert verify(bank) == 0
    token = receipt(bank)
    for position in range(0, len(token), 397):
        changed = "A" if token[position] != "A" else "B"
        (bank / "changed.jwt").write_text(token[:position] + changed + token[position + 1 :])
        assert check(bank, file=str(bank / "changed.jwt")) == 1, position


def test_the_certificate_goes_with_it(bank: Path, scheme: Scheme) -> None:
    certified = scheme.root.certify(CREDENTIAL_ISSUER)
    (bank / "key.pem").write_bytes(certified.signer.to_pem())
    (bank / "cert.pem").write_bytes(certified.chain[0].public_bytes(Encoding.PEM))
    assert verify(bank, "--verifier-cert", str(bank / "cert.pem")) == 0
    assert check(bank, "--verifier-cert", str(bank / "cert.pem"), key=None) == 0
    assert check(bank, "--verifier-cert", str(bank / "cert.pem")) == 64  # one or the other
    (bank / "key.pem").write_bytes(KEY.to_pem())
    assert verify(bank, "--verifier-cert", str(bank / "cert.pem")) == 64


def test_lists_are_kept_beside(bank: Path) -> None:
    assert verify(bank, "--lists", str(bank / "lists")) == 0
    assert members(receipt(bank))["evidence"]["trust_list"]["token"] is None
    assert check(bank, "--lists", str(bank / "lists")) == 0
    assert check(bank) == 2


def test_a_newer_bundle_is_looked_at(bank: Path, scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("giayto_sdk._checking.receipts.system_clock", lambda: NOW)
    assert verify(bank) == 0
    compromised = scheme.bundle_token(trust_list=scheme.with_entry(status=IssuerStatus.COMPROMISED))
    (bank / "newer.jwt").write_text(compromised)
    assert check(bank, "--newer-bundle", str(bank / "newer.jwt")) == 2
    (bank / "newer.jwt").write_text("no bundle")
    assert check(bank, "--newer-bundle", str(bank / "newer.jwt")) == 64


@pytest.mark.parametrize("missing", ["--receipt", "--verifier-key", "--verifier", "--transaction", "--purpose"])
def test_what_a_receipt_needs_is_asked_for_before_the_check(
    bank: Path, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--receipt", str(bank / "r.jwt"), "--verifier-key", str(bank / "key.pem"), *REQUIRED]
    position = options.index(missing)
    guard = ("--replay-guard", str(bank / "guard"))
    assert verify(bank, *options[:position], *options[position + 2 :], *guard, signed=False) == 64
    assert missing in capsys.readouterr().err
    assert not (bank / "r.jwt").exists()
    assert not (bank / "guard").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--no-evidence", "--keep-presentation"),
        ("--keep-claims", "visits[0].code"),
        ("--keep-claims", "a,,b"),
        ("--keep-claims", "birth_date"),
        ("--verifier-cert", "absent.pem"),
    ],
)
def test_options_that_cannot_be_followed_are_no_verdict(bank: Path, options: tuple[str, ...]) -> None:
    assert verify(bank, *options) == 64
    assert not (bank / "r.jwt").exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--verifier-key", "absent.pem"), ("--transaction", " "), ("--purpose", "a" * 1001), ("--verifier", "a\nb")],
)
def test_values_that_cannot_be_used_are_no_verdict(bank: Path, option: str, value: str) -> None:
    options = ["--receipt", str(bank / "r.jwt"), "--verifier-key", str(bank / "key.pem"), *REQUIRED]
    options[options.index(option) + 1] = value
    assert verify(bank, *options, signed=False) == 64
    assert not (bank / "r.jwt").exists()


def test_a_file_that_cannot_be_written_is_no_verdict(bank: Path) -> None:
    files = ("--receipt", str(bank / "absent" / "r.jwt"), "--verifier-key", str(bank / "key.pem"), *REQUIRED)
    assert verify(bank, *files, signed=False) == 64


def test_a_file_that_is_no_receipt_does_not_hold(bank: Path) -> None:
    for content in (b"", b"hello", b"\xff\xfe", b"a.b.c"):
        (bank / "r.jwt").write_bytes(content)
        assert check(bank) == 1
    (bank / "r.jwt").unlink()
    assert check(bank) == 64


def test_no_output_holds_what_was_not_kept(bank: Path, scheme: Scheme, capsys: pytest.CaptureFixture[str]) -> None:
    revoked = scheme.bundle_token(status_lists={STATUS_URI: scheme.status_list_token([(5, 1)])})
    (bank / "bundle.jwt").write_text(revoked)
    assert verify(bank, "--keep-presentation") == 1
    for more in ((), ("--json",), ("--transaction", "other")):
        check(bank, *more)
        captured = capsys.readouterr()
        assert not any(CLAIMS[name] in captured.out + captured.err for name in ("full_name", "record_number"))


def test_a_receipt_cannot_write_on_the_terminal(bank: Path, scheme: Scheme, capsys: pytest.CaptureFixture[str]) -> None:
    claims = {**CLAIMS, "full_name": "\x1b[2J[bold]A[/bold]\u202e"}
    (bank / "p.txt").write_text(scheme.presentation(scheme.credential(claims=claims)))
    assert verify(bank, "--keep-claims", "full_name") == 0
    assert check(bank) == 0
    text = capsys.readouterr().out
    assert "[bold]A[/bold]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
