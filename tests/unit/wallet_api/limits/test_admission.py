"""Who runs, who waits and who is sent away."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from giayto_wallet_api.limits.admission import SHARES, Admission, Share
from giayto_wallet_api.limits.priorities import Priority, priority_of
from giayto_wallet_api.limits.problems import OverloadedError

SMALL = {
    Priority.VITAL: Share(running=3, waiting=2, patience=0.05, retry_after=1),
    Priority.INTERACTIVE: Share(running=2, waiting=2, patience=0.05, retry_after=2),
    Priority.BULK: Share(running=1, waiting=1, patience=0.05, retry_after=5),
}


async def test_bulk_leaves_room_for_the_rest_and_both_for_what_is_vital() -> None:
    admission = Admission(SMALL)
    async with AsyncExitStack() as stack:
        for priority in (Priority.BULK, Priority.INTERACTIVE, Priority.VITAL):
            await stack.enter_async_context(admission.admitted(priority))
        for priority in Priority:
            with pytest.raises(OverloadedError) as refused:
                async with admission.admitted(priority):
                    raise AssertionError
            assert refused.value.response_headers() == {"Retry-After": str(SMALL[priority].retry_after)}


async def test_what_is_vital_may_take_everything() -> None:
    admission = Admission(SMALL)
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(admission.admitted(Priority.VITAL))
        with pytest.raises(OverloadedError):
            async with admission.admitted(Priority.BULK):
                raise AssertionError


async def test_a_full_line_refuses_at_once() -> None:
    admission = Admission({**SMALL, Priority.BULK: Share(running=1, waiting=1, patience=30, retry_after=5)})
    async with admission.admitted(Priority.BULK):
        waiting = asyncio.create_task(enter(admission, Priority.BULK, []))
        await asyncio.sleep(0)
        async with asyncio.timeout(1):
            with pytest.raises(OverloadedError):
                await enter(admission, Priority.BULK, [])
    await waiting


async def test_the_most_urgent_is_called_first_and_equals_in_order() -> None:
    admission = Admission({priority: Share(1, 9, 5, 1) for priority in Priority})
    order: list[str] = []
    async with admission.admitted(Priority.BULK):
        tasks = []
        for name, priority in (("b1", 2), ("b2", 2), ("i1", 1), ("v1", 0), ("v2", 0)):
            tasks.append(asyncio.create_task(enter(admission, Priority(priority), order, name)))
            await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert order == ["v1", "v2", "i1", "b1", "b2"]


async def test_whoever_gives_up_leaves_no_place_taken() -> None:
    admission = Admission(SMALL)
    async with admission.admitted(Priority.BULK):
        waiting = asyncio.create_task(enter(admission, Priority.BULK, []))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    for _ in range(3):
        async with admission.admitted(Priority.BULK):
            pass


async def test_a_turn_that_comes_while_one_gives_up_goes_to_the_next() -> None:
    admission = Admission({priority: Share(1, 9, 5, 1) for priority in Priority})
    order: list[str] = []
    async with admission.admitted(Priority.BULK):
        leaving = asyncio.create_task(enter(admission, Priority.BULK, order, "leaving"))
        next_one = asyncio.create_task(enter(admission, Priority.BULK, order, "next"))
        await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    async with asyncio.timeout(1):
        await next_one
    assert order == ["next"]


async def enter(admission: Admission, priority: Priority, order: list[str], name: str = "") -> None:
    async with admission.admitted(priority):
        order.append(name)


def test_shares_grow_with_urgency() -> None:
    assert SHARES[Priority.VITAL].running > SHARES[Priority.INTERACTIVE].running > SHARES[Priority.BULK].running


@pytest.mark.parametrize(
    ("path", "priority"),
    [
        ("/public/v1/status-lists/sl_1", Priority.VITAL),
        ("/public/v1/bundle", Priority.VITAL),
        ("/verifier/v1/requests", Priority.VITAL),
        ("/openid4vp/v/r/response", Priority.VITAL),
        ("/issuer/v1/documents/doc_1/revoke", Priority.VITAL),
        ("/issuer/v1/push-jobs/job_1/revoke", Priority.VITAL),
        ("/oauth/token", Priority.VITAL),
        ("/issuer/v1/documents", Priority.INTERACTIVE),
        ("/wallet/v1/inbox", Priority.INTERACTIVE),
        ("/issuer/v1/documents/bulk", Priority.BULK),
        ("/issuer/v1/documents/bulk/", Priority.BULK),
        ("/issuer/v1/status-indexes", Priority.BULK),
        ("/issuer/v1/push-jobs/job_1/rows", Priority.BULK),
        ("/health/ready", None),
        ("/wallet/v1/events", None),
    ],
)
def test_priorities(path: str, priority: Priority | None) -> None:
    assert priority_of(path) == priority
