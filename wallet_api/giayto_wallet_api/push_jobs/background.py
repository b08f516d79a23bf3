"""Carrying out the operations of jobs beside the requests: one portion after the other, with a pause in between.

Every process of the server does this. What an operation has reached lies in the store, so none of them needs to know
of the others, and a process that dies leaves nothing undone.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from giayto_wallet_api.push_jobs.operations import advance
from giayto_wallet_api.runtime import Runtime

IDLE_SECONDS: Final = 1.0
_BREATH_SECONDS: Final = 0.01
"""Between two portions, so that pushes and readers come in between."""
_AFTER_FAILURE_SECONDS: Final = 5.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def carrying_out_operations(runtime: Runtime) -> AsyncIterator[None]:
    """Carry out operations for as long as the block runs."""
    task = asyncio.create_task(_carry_out(runtime))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _carry_out(runtime: Runtime) -> None:
    while True:
        try:
            has_worked = await advance(runtime.database, runtime.clock())
            await asyncio.sleep(_BREATH_SECONDS if has_worked else IDLE_SECONDS)
        except (SQLAlchemyError, OSError) as error:
            # The portion was rolled back whole; the database may be restarting.
            log.warning("job_operation_postponed", error=type(error).__name__)
            await asyncio.sleep(_AFTER_FAILURE_SECONDS)
