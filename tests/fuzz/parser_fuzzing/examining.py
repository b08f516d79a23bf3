"""What makes an answer wrong, and what an answer costs."""

import random
import tracemalloc
from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import thread_time
from traceback import extract_tb

from giayto_crypto import jws
from giayto_crypto.errors import GiaytoError

MAX_SECONDS = 0.05
MAX_BYTES = 64 << 20
ROUNDS = 5
"""So often is an answer that seems slow repeated: what counts is the fastest, which the machine did not disturb."""
_MEMORIES = (jws._parse_header, jws._decode_chain)
"""What they remember of one call would make the next one look fast."""


@dataclass(frozen=True)
class Parser:
    """One parser of what strangers send.

    Attributes:
        name: of its row and its folder.
        read: reads an input. Returns what it believed of it, or None where nothing is believed (no signature is
            checked, or the input was signed on the way). Raises GiaytoError for everything it refuses.
        seeds: inputs to start from.
        signed: whole inputs that are believed as they are.
    """

    name: str
    read: Callable[[bytes], Hashable | None]
    seeds: tuple[bytes, ...]
    signed: tuple[bytes, ...] = ()

    @cached_property
    def believable(self) -> frozenset[Hashable]:
        """What the seeds say that are believed, and so all that may be believed."""
        return frozenset(filter(None, map(self._believed, (*self.signed, *self.seeds))))

    def _believed(self, data: bytes) -> Hashable | None:
        try:
            return self.read(data)
        except GiaytoError:
            return None


@dataclass(frozen=True)
class Problem:
    """An answer that is wrong. Problems of one kind in one place are one problem."""

    kind: str
    place: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.place}"


@dataclass(frozen=True)
class Cost:
    """What an answer took: processor time, and memory of Python at its highest."""

    seconds: float
    peak_bytes: int

    def problem(self) -> Problem | None:
        """Return what is wrong with it, if anything."""
        if self.seconds > MAX_SECONDS:
            return Problem("too-slow", f"{self.seconds * 1000:.0f} ms")
        if self.peak_bytes > MAX_BYTES:
            return Problem("too-large", f"{self.peak_bytes >> 20} MiB")
        return None


def examine(parser: Parser, data: bytes) -> Problem | None:
    """Let a parser read an input and say what is wrong with its answer."""
    try:
        believed = parser.read(data)
    except GiaytoError:
        return None
    except Exception as error:
        return Problem("undeclared-error", f"{type(error).__name__} at {_raised_at(error)}")
    if believed is not None and believed not in parser.believable:
        return Problem("forgery", "something was believed that nobody signed")
    return None


def measure(parser: Parser, data: bytes) -> Cost:
    """Measure what reading an input costs, as if nothing had been read before."""
    seconds = _seconds(parser, data)
    for _ in range(ROUNDS - 1):
        if seconds <= MAX_SECONDS:
            break
        seconds = min(seconds, _seconds(parser, data))
    return Cost(seconds, _peak(parser, data))


def flipped(parser: Parser, most: int) -> Iterator[bytes]:
    """Yield signed inputs with one bit flipped: every bit, or as many as asked for, the same in every run."""
    for whole in parser.signed:
        bits = range(len(whole) * 8)
        for bit in random.Random(len(whole)).sample(bits, min(most, len(bits))):
            changed = bytearray(whole)
            changed[bit // 8] ^= 1 << bit % 8
            yield bytes(changed)


def examine_flipped(parser: Parser, data: bytes) -> Problem | None:
    """Say whether an input that differs from a signed one in a bit is believed."""
    try:
        believed = parser.read(data)
    except GiaytoError:
        return None
    except Exception:
        return examine(parser, data)
    return None if believed is None else Problem("flipped-bit", "a signed input is believed with a bit flipped")


def _seconds(parser: Parser, data: bytes) -> float:
    for memory in _MEMORIES:
        memory.cache_clear()
    begin = thread_time()
    with suppress(Exception):
        parser.read(data)
    return thread_time() - begin


def _peak(parser: Parser, data: bytes) -> int:
    for memory in _MEMORIES:
        memory.cache_clear()
    tracemalloc.start()
    try:
        with suppress(Exception):
            parser.read(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _raised_at(error: Exception) -> str:
    frames = [frame for frame in extract_tb(error.__traceback__) if "giayto" in Path(frame.filename).parent.as_posix()]
    frame = (frames or extract_tb(error.__traceback__))[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"
