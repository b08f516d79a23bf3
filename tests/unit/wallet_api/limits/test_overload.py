"""Ten times more than a server can do: it goes on doing what it can, and nobody urgent is turned away.

The server here takes a fixed time for each request and does a few at once, so that its capacity is known. An answer
counts when it comes while its client still waits: a server that lets everybody in answers everybody too late.
All of it runs in simulated time.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

from giayto_wallet_api.limits.admission import Admission
from giayto_wallet_api.limits.priorities import Priority
from giayto_wallet_api.limits.problems import OverloadedError
from simulated_time import run

SERVICE_SECONDS, AT_ONCE = 0.02, 4
CAPACITY = AT_ONCE / SERVICE_SECONDS
CLIENT_PATIENCE = 0.5
SECONDS = 2.0


def clock() -> float:
    return asyncio.get_running_loop().time()


class Server:
    """Answers requests behind an admission."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._places = asyncio.Semaphore(AT_ONCE)

    async def answer(self, priority: Priority) -> str:
        begin = clock()
        try:
            async with self._admission.admitted(priority), self._places:
                await asyncio.sleep(SERVICE_SECONDS)
        except OverloadedError:
            return "shed"
        return "in time" if clock() - begin < CLIENT_PATIENCE else "too late"


async def open_loop(per_second: float, send: Callable[[], Awaitable[str]]) -> Counter[str]:
    """Send at fixed moments, whatever has become of the requests before; return what became of all."""
    begin = clock()
    tasks = []
    for number in range(int(per_second * SECONDS)):
        await asyncio.sleep(max(0.0, begin + number / per_second - clock()))
        tasks.append(asyncio.create_task(send()))
    done, late = await asyncio.wait(tasks, timeout=CLIENT_PATIENCE)
    for each in late:
        each.cancel()
    return Counter(each.result() for each in done) + Counter({"too late": len(late)})


async def overloaded(admission: Admission) -> tuple[Counter[str], Counter[str]]:
    server = Server(admission)
    return await asyncio.gather(
        open_loop(10 * CAPACITY, lambda: server.answer(Priority.BULK)),
        open_loop(CAPACITY / 20, lambda: server.answer(Priority.VITAL)),
    )


def test_goodput_stays_and_what_is_vital_is_answered() -> None:
    bulk, vital = run(overloaded(Admission()))
    assert bulk["in time"] >= 0.8 * (CAPACITY - CAPACITY / 20) * SECONDS
    assert bulk["shed"] > bulk["in time"]
    assert set(vital) == {"in time"}


def test_a_server_that_admits_everybody_is_late_for_most() -> None:
    """What the test above is worth: without admission it fails."""

    class Open(Admission):
        @asynccontextmanager
        async def admitted(self, priority: Priority):
            yield

    bulk, vital = run(overloaded(Open()))
    assert bulk["in time"] < 0.8 * (CAPACITY - CAPACITY / 20) * SECONDS
    assert vital["too late"] > vital["in time"]
