"""The whole run: search through every parser, measure what was found, and write down what is wrong."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from parser_fuzzing.examining import Cost, Parser, Problem, examine, examine_flipped, flipped, measure
from parser_fuzzing.parsers import all_parsers

TOKENS = (
    *"~.=-_{}[],:\"'\\",
    '"_sd":[',
    '"_sd_alg":"sha-256"',
    '{"...":"',
    '"cnf":{"jwk":',
    '"status":{"status_list":{"idx":',
    '"exp":',
    "1e999",
    "9007199254740993",
    "\\\\ud800",
    "\\\\u0000",
    "null",
    "true",
    "-1",
    "GT1:",
    "e30",
)
"""What libFuzzer puts in now and then, besides what it learns."""
FLIPS_PER_SECOND = 20
"""Flipped bits that are tried for every second of the whole search, of each signed input."""


@dataclass(frozen=True)
class Finding:
    """An input that is answered wrongly, kept in a file."""

    parser: str
    problem: Problem
    file: Path


@dataclass
class Row:
    """What the run did to one parser."""

    parser: str
    executions: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    peak_bytes: int = 0
    flipped_bits: int = 0
    findings: list[Finding] = field(default_factory=list)

    def account(self, cost: Cost) -> None:
        """Remember what is highest."""
        self.slowest = max(self.slowest, cost.seconds)
        self.peak_bytes = max(self.peak_bytes, cost.peak_bytes)


def run(names: Iterable[str], seconds: int, folder: Path) -> Iterator[Row]:
    """Search through these parsers for so many seconds in all, as many at a time as there are processors."""
    parsers = [all_parsers()[name] for name in names]
    at_once = os.cpu_count() or 1
    each = max(1, seconds * min(at_once, len(parsers)) // len(parsers))
    with ThreadPoolExecutor(at_once) as pool:
        rows = [pool.submit(_search, parser, each, folder) for parser in parsers]
        for parser, row in zip(parsers, rows, strict=True):
            yield _judged(parser, row.result(), folder, FLIPS_PER_SECOND * seconds)


def folder_of(parser: str, folder: Path) -> Path:
    """Return the folder of a parser."""
    return folder / re.sub(r"[^a-z0-9]+", "-", parser.lower())


def parser_of(file: Path) -> Parser:
    """Return the parser that a kept input belongs to."""
    by_folder = {folder_of(name, Path()).name: parser for name, parser in all_parsers().items()}
    return by_folder[file.resolve().parent.parent.name]


def _search(parser: Parser, seconds: int, folder: Path) -> Row:
    own = folder_of(parser.name, folder)
    for name in ("seeds", "suspects", "slowest"):
        shutil.rmtree(own / name, ignore_errors=True)
    for name in ("seeds", "suspects", "slowest", "corpus", "findings"):
        (own / name).mkdir(parents=True, exist_ok=True)
    for seed in (*parser.seeds, *parser.signed):
        (own / "seeds" / _name(seed)).write_bytes(seed)
    (own / "dictionary").write_text("".join(f'"{_escaped(token)}"\n' for token in TOKENS))
    (own / "numbers.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "parser_fuzzing.worker", parser.name, str(seconds), str(own)]
    with (own / "log.txt").open("w") as log:
        ended = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
    row = Row(parser.name)
    if not (own / "numbers.json").exists() or (ended.returncode and not any((own / "suspects").iterdir())):
        raise RuntimeError(f"the search through {parser.name} failed: see {own / 'log.txt'}")
    numbers = json.loads((own / "numbers.json").read_text())
    row.executions, row.seconds = numbers["executions"], numbers["seconds"]
    return row


def _judged(parser: Parser, row: Row, folder: Path, flips: int) -> Row:
    """Read again, without atheris, what reached new code, what was slow and what seemed wrong."""
    own = folder_of(parser.name, folder)
    for name in ("seeds", "corpus", "slowest", "suspects"):
        for file in sorted((own / name).iterdir()):
            data = file.read_bytes()
            cost = measure(parser, data)
            row.account(cost)
            _keep(row, own, data, examine(parser, data) or cost.problem())
    for data in flipped(parser, flips):
        row.flipped_bits += 1
        _keep(row, own, data, examine_flipped(parser, data))
    return row


def _keep(row: Row, own: Path, data: bytes, problem: Problem | None) -> None:
    if problem is None or problem in [finding.problem for finding in row.findings]:
        return
    file = own / "findings" / f"{problem.kind}-{_name(data)}"
    file.write_bytes(data)
    row.findings.append(Finding(row.parser, problem, file))


def _name(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]


def _escaped(token: str) -> str:
    return token.replace("\\", "\\\\").replace('"', '\\"')
