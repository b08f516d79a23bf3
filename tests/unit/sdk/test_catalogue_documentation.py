"""docs/catalogue.md: its example runs, and its table of the rule is the rule."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalogue_editions import edition, entry, procedure
from giayto_crypto.catalogue_edition import sign_edition
from giayto_crypto.certificates import CATALOGUE
from giayto_verifiers.paper_rule import PaperReason
from trust_scheme.pki import Authority

PAGE = (Path(__file__).parents[3] / "docs" / "catalogue.md").read_text("utf-8")
RULE = [row.split("|") for row in PAGE.splitlines() if re.match(r"\| [1-7] \|", row)]
ALLOWING = {PaperReason.NOT_INTEGRATED, PaperReason.REQUIRED_BY_PROCEDURE}


def test_every_reason_stands_in_the_table_with_its_answer() -> None:
    assert [row[1].strip() for row in RULE] == list("1234567")
    told = {code: row[3].strip() for row in RULE for code in re.findall(r"`(\w+)`", row[4])}
    assert told == {reason.value: "yes" if reason in ALLOWING else "no" for reason in PaperReason}


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    root = Authority.root()
    publisher = root.certify(CATALOGUE)
    now = datetime.now(UTC).replace(microsecond=0)
    abolished = entry("marital-status", procedures=(procedure("1.000894", "no"),))
    token = sign_edition(edition(abolished, issued_at=now, next_update=now), signer=publisher.signer, x5c=publisher.x5c)
    (tmp_path / "catalogue.jwt").write_text(token)
    (tmp_path / "root.pem").write_bytes(root.pem)
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(example, "docs/catalogue.md", "exec"), {})
    assert capsys.readouterr().out == "dropped_from_procedure basis of 1.000894 2026-12\n"
