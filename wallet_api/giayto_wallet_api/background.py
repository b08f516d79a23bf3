"""Work beside the requests: step after step, with a pause in between.

Every process of the server does this. What the work has reached lies in the store, so none of them needs to know of
the others, and a process that dies leaves nothing undone.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from giayto_wallet_api.store.errors import StoreError

IDLE_SECONDS: Final = 1.0
_BREATH_SECONDS: Final = 0.01
"""Between two steps, so that requests come in between."""
_AFTER_FAILURE_SECONDS: Final = 5.0
_GRACE_SECONDS: Final = 5.0
"""How long a server that stops waits for the step under way."""

Step = Callable[[], Awaitable[object]]
"""Does some of the work, and returns what is false when there was nothing to do."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def repeating(step: Step, *, name: str) -> AsyncIterator[None]:
    """Take steps for as long as the block runs; the step under way is finished, if it does not take too long.

    Args:
        step: one piece of the work.
        name: of the work, for the log.
    """
    stopping = asyncio.Event()
    task = asyncio.create_task(repeat(step, name=name, stopping=stopping))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait({task}, timeout=_GRACE_SECONDS)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def repeat(step: Step, *, name: str, stopping: asyncio.Event) -> None:
    """Take steps until `stopping` is set."""
    while not stopping.is_set():
        pause = await _take(step, name)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)


async def _take(step: Step, name: str) -> float:
    """Take one step and return how many seconds to pause."""
    try:
        return _BREATH_SECONDS if await step() else IDLE_SECONDS
    except (SQLAlchemyError, StoreError, OSError) as error:
        # What the step did was rolled back whole; the database may be restarting.
        log.warning("work_postponed", work=name, error=type(error).__name__)
        return _AFTER_FAILURE_SECONDS
