"""Verification over processes: each worker loads the bundle once and shares nothing with the others."""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from bench.harness import Bound, Row, compare
from bench.scheme import NOW, Scheme
from giayto_crypto.sdjwt import UnverifiedSdJwt
from giayto_verifiers import InMemoryReplayGuard, Policy, Valid, Verifier

PRESENTATIONS = 4000
ROUNDS = 5

_scheme: Scheme
"""What the parent made before it forked; workers read it."""
_presentations: list[str]


def rows() -> list[Row]:
    """Compare all cores with one core: the limit is perfect scaling."""
    global _scheme, _presentations
    cores = len(os.sched_getaffinity(0))
    _scheme = Scheme.create()
    credential = UnverifiedSdJwt.parse_issued(_scheme.credential())
    _presentations = [_scheme.presentation(credential) for _ in range(PRESENTATIONS)]
    alone: list[float] = []
    together: list[float] = []
    with ProcessPoolExecutor(cores, mp_context=get_context("fork")) as workers:
        list(workers.map(_verify_share, [(0, PRESENTATIONS)] * cores))  # warm up
        for _ in range(ROUNDS):
            alone.append(_elapsed(workers, [(0, 1)]))
            together.append(_elapsed(workers, [(worker, cores) for worker in range(cores)]))
    one, all_cores = (sorted(times)[ROUNDS // 2] / PRESENTATIONS * 1e6 for times in (alone, together))
    limit = Bound(f"one process / {cores}", one / cores, 0.8)
    return [compare(f"verify over {cores} processes", all_cores, limit, Bound("one process", one))]


def _elapsed(workers: ProcessPoolExecutor, shares: list[tuple[int, int]]) -> float:
    begin = time.perf_counter()
    if sum(workers.map(_verify_share, shares)) != PRESENTATIONS:
        raise RuntimeError("the benchmark's own presentations are refused")
    return time.perf_counter() - begin


def _verify_share(share: tuple[int, int]) -> int:
    """Verify every `step`-th presentation from `first` on; return how many are valid."""
    first, step = share
    verifier = Verifier(_scheme.bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())
    verdicts = (verifier.verify(text, now=NOW) for text in _presentations[first::step])
    return sum(isinstance(verdict, Valid) for verdict in verdicts)
