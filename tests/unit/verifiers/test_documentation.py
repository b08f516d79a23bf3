"""docs/verification.md and the code name the same reasons, and its example runs."""

import re
from pathlib import Path

import pytest

from giayto_crypto.qr import pack
from giayto_verifiers import Reason
from trust_scheme import NOW, Scheme

PAGE = (Path(__file__).parents[3] / "docs" / "verification.md").read_text()
ROWS = [row.split("|") for row in PAGE.splitlines() if re.match(r"\| [0-9]+ ", row)]


def test_the_steps_are_numbered_once() -> None:
    assert [int(row[1].split()[0]) for row in ROWS] == list(range(1, 12))


def test_every_reason_has_its_step_and_no_other_is_promised() -> None:
    promised = {code for row in ROWS for code in re.findall(r"`([a-z_]+)`", row[4])}
    assert promised == {reason.value for reason in Reason}


def test_the_reasons_in_bold_are_those_of_unknown() -> None:
    bold = {code for row in ROWS for code in re.findall(r"\*\*`([a-z_]+)`\*\*", row[4])}
    assert bold == {reason.value for reason in Reason if reason.is_unknown}


def test_the_example_runs(scheme: Scheme, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    values = {
        "bundle_text": scheme.bundle_token(),
        "root_pem": scheme.root.pem,
        "now": NOW,
        "qr_text": pack(scheme.presentation()),
    }
    exec(compile(example, "docs/verification.md", "exec"), values)
    assert capsys.readouterr().out.startswith("Phiếu thử {")
