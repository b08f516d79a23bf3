"""Receipts on disk: keys and anchors from files, lists kept once for all receipts."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from giayto_crypto.certificates import CREDENTIAL_ISSUER
from giayto_crypto.trust_list import IssuerStatus
from giayto_sdk import ListFolder, Policy, Verdict, Verifier, check_receipt
from giayto_sdk.errors import ConfigurationError
from trust_scheme import NOW, Scheme
from trust_scheme.receipts import BANK, KEY, PURPOSE, TRANSACTION, outcome, receipt_of

HOLDS = ("holds", None)


@pytest.fixture
def verdict(scheme: Scheme) -> Verdict:
    verifier = Verifier(scheme.bundle_token().encode(), anchor=scheme.root.pem, policy=Policy(), clock=lambda: NOW)
    return verifier.verify(scheme.presentation())


def public_pem(key: Any) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def recheck(scheme: Scheme, receipt: Any, **changes: Any) -> tuple[str, str | None]:
    values: dict[str, Any] = {
        "anchor": scheme.root.pem,
        "verifier_key": public_pem(KEY.public_key.cryptography_key),
        "verifier": BANK,
        "transaction": TRANSACTION,
    }
    return outcome(check_receipt(receipt, **values | changes))


def test_files_and_their_contents_are_equally_good(scheme: Scheme, verdict: Verdict, tmp_path: Path) -> None:
    token = receipt_of(verdict).token.encode()
    (tmp_path / "receipt.jwt").write_bytes(token + b"\n")
    (tmp_path / "root.pem").write_bytes(scheme.root.pem)
    (tmp_path / "key.pem").write_bytes(public_pem(KEY.public_key.cryptography_key))
    files = {"anchor": tmp_path / "root.pem", "verifier_key": str(tmp_path / "key.pem")}
    assert recheck(scheme, tmp_path / "receipt.jwt", **files) == HOLDS
    assert recheck(scheme, str(tmp_path / "receipt.jwt")) == HOLDS
    assert recheck(scheme, token) == HOLDS


def test_the_verifiers_key_comes_in_each_of_its_forms(scheme: Scheme, verdict: Verdict) -> None:
    bank = scheme.root.certify(CREDENTIAL_ISSUER)
    token = verdict.receipt(bank.signer, TRANSACTION, verifier=BANK, purpose=PURPOSE).token.encode()
    for pem in (
        bank.signer.to_pem(),
        public_pem(bank.signer.public_key.cryptography_key),
        bank.chain[0].public_bytes(Encoding.PEM),
    ):
        assert recheck(scheme, token, verifier_key=pem) == HOLDS
    assert recheck(scheme, token)[0] == "does_not_hold"
    assert recheck(scheme, token, verifier_key=None)[0] == "undetermined"


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"no key",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        public_pem(ec.generate_private_key(ec.SECP384R1()).public_key()),
        b"a" * 70_000,
    ],
)
def test_a_key_that_is_none_is_no_answer(scheme: Scheme, verdict: Verdict, pem: bytes) -> None:
    with pytest.raises(ConfigurationError, match="verifier key"):
        recheck(scheme, receipt_of(verdict).token.encode(), verifier_key=pem)


def test_lists_are_kept_once_for_all_receipts(scheme: Scheme, verdict: Verdict, tmp_path: Path) -> None:
    lists = ListFolder(tmp_path / "lists")
    assert len(lists) == 0
    receipts = [receipt_of(verdict, embed_lists=False) for _ in range(2)]
    for receipt in receipts:
        lists.keep(receipt)
        assert recheck(scheme, receipt.token.encode(), lists=lists) == HOLDS
    assert set(lists) == set(receipts[0].lists)
    assert len(list((tmp_path / "lists").iterdir())) == 2
    assert recheck(scheme, receipts[0].token.encode())[1] == "lists_missing"


def test_a_list_that_was_changed_on_disk_is_found_out(scheme: Scheme, verdict: Verdict, tmp_path: Path) -> None:
    lists, receipt = ListFolder(tmp_path), receipt_of(verdict, embed_lists=False)
    lists.keep(receipt)
    for sha256, token in receipt.lists.items():
        (tmp_path / f"{sha256}.jwt").write_text(token + "A")
        assert recheck(scheme, receipt.token.encode(), lists=lists)[1] == "evidence_altered"
        (tmp_path / f"{sha256}.jwt").write_text(token)


def test_the_folder_gives_out_its_own_files_only(tmp_path: Path) -> None:
    (tmp_path / "secret.jwt").write_text("secret")
    lists = ListFolder(tmp_path / "lists")
    for name in ("../secret", "secret", "", "0" * 64, "0" * 63 + "/"):
        assert lists.get(name) is None


def test_a_folder_that_cannot_be_written_is_named(verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="lists"):
        ListFolder(tmp_path / "file").keep(receipt_of(verdict))


def test_a_newer_bundle_tells_of_compromised_keys(
    scheme: Scheme, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("giayto_sdk._checking.receipts.system_clock", lambda: NOW)
    token = receipt_of(verdict).token.encode()
    compromised = scheme.bundle_token(trust_list=scheme.with_entry(status=IssuerStatus.COMPROMISED))
    assert recheck(scheme, token, newer_bundle=scheme.bundle_token().encode()) == HOLDS
    assert recheck(scheme, token, newer_bundle=compromised.encode())[1] == "issuer_compromised"
    with pytest.raises(ConfigurationError, match="newer bundle"):
        recheck(scheme, token, newer_bundle=Scheme().bundle_token().encode())


@pytest.mark.parametrize("name", ["receipt", "anchor"])
def test_missing_files_are_named(scheme: Scheme, verdict: Verdict, tmp_path: Path, name: str) -> None:
    values: dict[str, Any] = {"receipt": receipt_of(verdict).token.encode()} | {name: tmp_path / "absent"}
    with pytest.raises(ConfigurationError, match="absent"):
        recheck(scheme, values.pop("receipt"), **values)
