"""Interleaved timing: every workload runs in turn, many times, so that a noisy machine disturbs all of them alike.

A single absolute time says little on a shared machine. The ratio of two medians that were taken alternately in one
process says how far a piece of work is from its limit, or from another library, on any machine.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

Workload = Callable[[], object]

ROUNDS = 60
SLICE_SECONDS = 0.003
"""How long one workload runs before the next has its turn: long beside the timer, short beside disturbances."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result.

    Attributes:
        name: what was measured.
        median_us: microseconds, or bytes where `unit` says so.
        limit: what cannot be beaten, in words.
        ratio_to_limit: 1.0 is the limit itself; smaller is further away.
        peer: another library doing the same work.
        ratio_to_peer: how many times as fast as the peer.
        target: the ratios that are aimed at, in words.
        met: whether every ratio that has a target reaches it.
        unit: of `median_us`.
    """

    name: str
    median_us: float
    limit: str
    ratio_to_limit: float
    peer: str | None
    ratio_to_peer: float | None
    target: str
    met: bool
    unit: str = "us"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a figure is compared with: a limit or a peer, its own figure, and the ratio that is asked for."""

    name: str
    figure: float
    wanted: float | None = None


def compare(name: str, figure: float, limit: Bound, peer: Bound | None = None, *, unit: str = "us") -> Row:
    """Make a row of a figure and what it is measured against; less is better in all of them."""
    to_limit = limit.figure / figure
    to_peer = peer.figure / figure if peer else None
    reached = [to_limit >= (limit.wanted or 0), to_peer is None or to_peer >= ((peer and peer.wanted) or 0)]
    targets = [f">= {limit.wanted:.2f} of the limit" if limit.wanted else ""]
    targets += [f">= {peer.wanted:g} x the peer" if peer and peer.wanted else ""]
    return Row(
        name=name,
        median_us=round(figure, 3),
        limit=limit.name,
        ratio_to_limit=round(to_limit, 3),
        peer=peer.name if peer else None,
        ratio_to_peer=round(to_peer, 2) if to_peer is not None else None,
        target=", ".join(filter(None, targets)),
        met=all(reached),
        unit=unit,
    )


def medians(workloads: Mapping[str, Workload], *, rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median time of one call of each workload, in microseconds."""
    repeats = {name: _repeats(workload) for name, workload in workloads.items()}
    samples: dict[str, list[float]] = {name: [] for name in workloads}
    for _ in range(rounds):
        for name, workload in workloads.items():
            samples[name].append(_seconds(workload, repeats[name]) / repeats[name])
    return {name: statistics.median(times) * 1e6 for name, times in samples.items()}


def write_results(rows: Iterable[Row], path: Path) -> None:
    """Write the rows as JSON, one object each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False) + "\n")


def _repeats(workload: Workload) -> int:
    workload()
    repeats = 1
    while (elapsed := _seconds(workload, repeats)) < SLICE_SECONDS / 4:
        repeats *= 4
    return max(1, round(repeats * SLICE_SECONDS / elapsed))


def _seconds(workload: Workload, repeats: int) -> float:
    begin = time.perf_counter()
    for _ in range(repeats):
        workload()
    return time.perf_counter() - begin
