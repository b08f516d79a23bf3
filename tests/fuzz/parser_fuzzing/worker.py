"""The search through one parser, in a process of its own: `python -m parser_fuzzing.worker PARSER SECONDS FOLDER`.

Nothing of giayto may be imported before `instrument_imports`: only what is imported inside it tells atheris which code
an input reached.
"""

import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, thread_time
from typing import Any

import atheris

INSTRUMENTED = ["giayto_crypto", "giayto_issuers", "giayto_verifiers", "giayto_wallet_api"]
LONGEST_INPUT = 70_000
"""A little more than the 64 KiB that are read of a presentation."""
KEPT_SLOWEST = 5
"""Instrumented code is slow; the slowest inputs are measured again without atheris."""


@dataclass
class Log:
    """What one search found, written to its folder every half second: libFuzzer ends the process without a word."""

    folder: Path
    executions: int = 0
    slowest: list[tuple[float, bytes]] = field(default_factory=list)
    problems: set[str] = field(default_factory=set)
    began: float = field(default_factory=monotonic)
    written: float = 0.0

    def note(self, data: bytes, seconds: float, problem: str | None) -> None:
        """Count one execution."""
        self.executions += 1
        if len(self.slowest) < KEPT_SLOWEST or seconds > self.slowest[-1][0]:
            self.slowest = sorted([*self.slowest, (seconds, data)], reverse=True)[:KEPT_SLOWEST]
        if problem is not None and problem not in self.problems:
            self.problems.add(problem)
            (self.folder / "suspects" / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        if monotonic() - self.written > 0.5:
            self.write()

    def write(self) -> None:
        """Write numbers and slowest inputs."""
        self.written = monotonic()
        numbers = {"executions": self.executions, "seconds": self.written - self.began}
        (self.folder / "numbers.json").write_text(json.dumps(numbers))
        for rank, (_, data) in enumerate(self.slowest):
            (self.folder / "slowest" / str(rank)).write_bytes(data)


def search(name: str, seconds: int, folder: Path) -> None:
    """Search through one parser for so many seconds. Does not return: libFuzzer ends the process."""
    with atheris.instrument_imports(include=INSTRUMENTED):
        from parser_fuzzing.examining import examine
        from parser_fuzzing.parsers import all_parsers
    parser: Any = all_parsers()[name]
    log = Log(folder)
    assert parser.believable or not parser.signed

    def once(data: bytes) -> None:
        begin = thread_time()
        problem = examine(parser, data)
        log.note(data, thread_time() - begin, None if problem is None else str(problem))

    arguments = [
        sys.argv[0],
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST_INPUT}",
        "-len_control=0",
        "-timeout=10",
        "-rss_limit_mb=2048",
        f"-dict={folder / 'dictionary'}",
        f"-artifact_prefix={folder / 'suspects'}/",
        str(folder / "corpus"),
        str(folder / "seeds"),
    ]
    atheris.Setup(arguments, once)
    atheris.Fuzz()


if __name__ == "__main__":
    search(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
