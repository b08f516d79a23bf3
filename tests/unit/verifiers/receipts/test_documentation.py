"""docs/receipts.md and the code name the same things, and its example runs."""

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto.certificates import CREDENTIAL_ISSUER
from giayto_verifiers import EvidenceLevel, ReceiptReason, VerifiersWord
from trust_scheme import Scheme
from trust_scheme.checking import check
from trust_scheme.receipts import members, receipt_of

PAGE = (Path(__file__).parents[4] / "docs" / "receipts.md").read_text(encoding="utf-8")


def row(name: str) -> str:
    (line,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
    return str(line)


def test_every_reason_stands_at_its_result() -> None:
    for result, undetermined in (("does_not_hold", False), ("undetermined", True)):
        promised = set(re.findall(r"`([a-z_]+)`", row(result).rpartition("|")[0])) - {result}
        assert promised == {reason.value for reason in ReceiptReason if reason.is_undetermined is undetermined}


def test_the_members_are_these() -> None:
    scheme = Scheme()
    receipt = members(receipt_of(check(scheme.bundle(), scheme.presentation())))
    listed = re.findall(
        r"^\| (`version`|`receipt_id`|`verifier`.*?|`check`|`conditions`|`evidence`) \|", PAGE, re.MULTILINE
    )
    assert set(re.findall(r"`([a-z_]+)`", " ".join(listed))) == set(receipt)
    for name in ("check", "conditions", "evidence"):
        assert set(receipt[name]) <= set(re.findall(r"`([a-z_0-9]+)`", row(name)))


def test_what_rests_on_the_verifiers_word_is_listed() -> None:
    section = PAGE.partition("(`verifiers_word`)")[2].partition("A receipt that holds")[0]
    assert {word.value for word in VerifiersWord} <= set(re.findall(r"`([a-z_0-9]+)`", section))


@pytest.mark.parametrize("level", EvidenceLevel)
def test_every_level_is_described(level: EvidenceLevel) -> None:
    assert re.search(rf"^\| `{level.value}`", PAGE, re.MULTILINE)


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    scheme = Scheme()
    bank = scheme.root.certify(CREDENTIAL_ISSUER)
    (tmp_path / "verifier-key.pem").write_bytes(bank.signer.to_pem())
    (tmp_path / "verifier-certificate.pem").write_bytes(bank.chain[0].public_bytes(Encoding.PEM))
    (tmp_path / "root.pem").write_bytes(scheme.root.pem)
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(example, "docs/receipts.md", "exec"), {"verdict": check(scheme.bundle(), scheme.presentation())})
    assert capsys.readouterr().out.startswith("valid 2026-11-22")
