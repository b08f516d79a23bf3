"""Carrying out the operations of jobs beside the requests: one portion after the other."""

from contextlib import AbstractAsyncContextManager

from giayto_wallet_api.background import repeating
from giayto_wallet_api.push_jobs.operations import advance
from giayto_wallet_api.runtime import Runtime


def carrying_out_operations(runtime: Runtime) -> AbstractAsyncContextManager[None]:
    """Carry out operations for as long as the block runs."""
    return repeating(lambda: advance(runtime.database, runtime.clock()), name="job_operation")
