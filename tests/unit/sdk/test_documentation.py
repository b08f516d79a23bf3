"""What docs/sdk.md says about the command and its configuration is what there is."""

import ast
import re
from itertools import takewhile
from pathlib import Path

import pytest

from giayto_sdk.cli.app import run
from giayto_sdk.cli.terminal import Exit
from giayto_sdk.config import load_agency_config, load_wallet_config

PAGE = (Path(__file__).parents[3] / "docs" / "sdk.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_configurations_can_be_loaded(tmp_path: Path) -> None:
    agency, wallet = blocks("toml")
    (tmp_path / "agency.toml").write_text(agency)
    (tmp_path / "wallet.toml").write_text(wallet)
    assert load_agency_config(tmp_path / "agency.toml").journal_folder == tmp_path / "journal"
    assert load_wallet_config(tmp_path / "wallet.toml").key_store_folder == tmp_path / "wallet"


def test_the_examples_import_what_exists() -> None:
    for block in blocks("python"):
        tree = ast.parse(block)
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert imports
        exec(compile(ast.Module(imports, []), "docs/sdk.md", "exec"), {})  # type: ignore[arg-type]


@pytest.mark.parametrize("line", re.findall(r"^    giayto (.*)$", PAGE, re.MULTILINE))
def test_the_commands_and_options_exist(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = list(takewhile(str.islower, line.split(" --")[0].split()))
    assert run([*command, "--help"]) == Exit.SUCCESS
    shown = capsys.readouterr().out
    assert f"Usage: giayto {' '.join(command)}" in shown
    assert set(re.findall(r"--[a-z-]+", line)) <= set(re.findall(r"--[a-z-]+", shown))


def test_the_exit_codes_are_these() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert listed == {code.value for code in Exit} - {Exit.INTERRUPTED}
