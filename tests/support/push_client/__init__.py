"""A push in a process of its own, in small batches, that kills itself at a named point when it is told to."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

POINTS = (
    "before_intents",
    "after_intents",
    "before_sign",
    "after_sign",
    "before_send",
    "half_way_through_the_answers",
    "after_send",
    "before_report",
    "after_report",
    "before_close",
    "after_close",
    "before_finish",
)


@dataclass(frozen=True)
class Order:
    """What the process is to do."""

    config: str
    source: str
    document_type: str
    processes: int = 1
    kill_at: str | None = None
    """One of `POINTS`."""
    kill_at_time: int = 1
    """How many times the point is reached: the last one kills."""
    batch_rows: int = 8
    stream_rows: int = 3


@dataclass(frozen=True)
class Done:
    """How it ended."""

    code: int
    told: dict[str, Any]
    errors: str


def start(order: Order) -> "subprocess.Popen[str]":
    """Start the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "push_client"],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(order)) + "\n")
    process.stdin.flush()
    return process


def wait_for(process: "subprocess.Popen[str]", seconds: float = 60) -> Done:
    """Return how it ended."""
    output, errors = process.communicate(timeout=seconds)
    lines = output.splitlines()
    return Done(process.returncode, json.loads(lines[-1]) if lines else {}, errors)


def push(order: Order) -> Done:
    """Start the process and wait for it."""
    return wait_for(start(order))
