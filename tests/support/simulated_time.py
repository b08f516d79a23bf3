"""Runs coroutines in simulated time: where all of them wait, the clock jumps to the next moment that one waits for.

Nothing takes any real time, so that what a test measures does not depend on how busy its machine is.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class _JumpingSelector(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Tells at once that nothing happened, however long it should wait, and moves the clock by that time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everything waits for what never happens")
        self.now += timeout
        return super().select(0)


class _SimulatedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _JumpingSelector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` to its end; within it `asyncio.get_running_loop().time()` is the simulated clock, in seconds."""
    with asyncio.Runner(loop_factory=_SimulatedLoop) as runner:
        return runner.run(work)
