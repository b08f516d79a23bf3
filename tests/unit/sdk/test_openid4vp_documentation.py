"""docs/openid4vp.md: its examples run, its commands and configuration are what there is."""

import re
from pathlib import Path
from typing import Any

import pytest

from giayto_sdk.cli.app import run
from giayto_sdk.cli.terminal import Exit
from giayto_sdk.config import load_verifier_config
from giayto_verifiers import Reason
from giayto_wallet_api.cli import main
from giayto_wallet_api.presentation_requests import problems

PAGE = (Path(__file__).parents[3] / "docs" / "openid4vp.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_run(example: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(example, "docs/openid4vp.md", "exec"), names)
    assert {"ask", "asking", "serve"} & set(names)


def test_the_configuration_can_be_loaded(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "verifier.toml").write_text(text)
    assert load_verifier_config(tmp_path / "verifier.toml").verifier_id == "bank-a"


@pytest.mark.parametrize("command", [["request"], ["wallet", "answer"], ["wallet", "history"]], ids=" ".join)
def test_the_commands_exist(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command, "--help"]) == Exit.SUCCESS
    shown = capsys.readouterr().out
    line = next((each for each in PAGE.splitlines() if each.startswith(f"    giayto {' '.join(command)} ")), "")
    assert all(option in shown for option in re.findall(r"--[a-z-]+", line))


@pytest.mark.parametrize("name", ["register-verifier", "permit-verifier"])
def test_the_operators_commands_exist(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = re.findall(rf"giayto-wallet-api {name}((?:.|\\\n)*?[^\\])\n", PAGE)
    with pytest.raises(SystemExit):
        main([name, "--help"])
    shown = capsys.readouterr().out
    assert all(option in shown for option in re.findall(r"--[a-z-]+", line))


def test_the_rules_of_over_asking_are_all_named() -> None:
    rules = {each.code for each in problems.OverAskingError.__subclasses__()}
    assert all(f"`{rule}`" in PAGE for rule in rules)


def test_the_reasons_of_requests_are_all_named() -> None:
    assert all(f"`{reason}`" in PAGE for reason in Reason if reason.concerns_request)
