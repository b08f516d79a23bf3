"""The examples of the README do what it says."""

import re
from functools import partial
from pathlib import Path

import pytest

import giayto_sdk
from counter import CHECKED_AT, lay_out

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
LINKS = re.findall(r"\]\(([^)]+)\)", README)


def test_the_readme_has_its_example() -> None:
    assert len(EXAMPLES) == 1


def test_what_the_readme_links_to_is_there() -> None:
    assert LINKS
    assert [link for link in LINKS if not (PROJECT / link).is_file()] == []


def test_the_example_accepts_a_document_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    # The example takes the machine's clock; the picture was taken at a time of its own.
    monkeypatch.setattr(giayto_sdk, "Verifier", partial(giayto_sdk.Verifier, clock=lambda: CHECKED_AT))
    exec(compile(EXAMPLES[0], "README.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == ["Phiếu thử, Bộ Y tế: Nguyễn Thị Ánh Tuyết", "invalid: replayed"]
