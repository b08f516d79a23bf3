"""What docs/push.md says about commands, numbers and examples is what there is."""

import ast
import re
from itertools import takewhile
from pathlib import Path

import pytest

from giayto_sdk._issuing.corrections import _OWN
from giayto_sdk._issuing.push import BATCH_ROWS
from giayto_sdk._issuing.results import RowOutcome
from giayto_sdk._issuing.row_streams import STREAM_ROWS
from giayto_sdk._issuing.status_indexes import BLOCK
from giayto_sdk.cli.app import run
from giayto_sdk.cli.terminal import Exit

PAGE = (Path(__file__).parents[3] / "docs" / "push.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", re.findall(r"^    giayto (.*)$", PAGE, re.MULTILINE))
def test_the_commands_and_options_exist(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = line.split(" --")[0].split()
    command = [word for word in takewhile(str.islower, words) if "." not in word]
    assert run([*command, "--help"]) == Exit.SUCCESS
    shown = capsys.readouterr().out
    assert set(re.findall(r"--[a-z-]+", line)) <= set(re.findall(r"--[a-z-]+", shown))


def test_the_example_runs_as_far_as_it_can_without_a_server() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(ast.parse(block), "docs/push.md", "exec"), {})


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"batches of {BATCH_ROWS}" in PAGE
    assert f"streams of {STREAM_ROWS} rows" in PAGE
    assert f"blocks of {BLOCK:,}" in PAGE


def test_every_outcome_and_every_added_column_is_named() -> None:
    for name in (*RowOutcome, *_OWN):
        assert f"`{name}`" in PAGE
