"""Work beside the requests: a failure is waited out, and who stops lets the step under way finish."""

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from giayto_wallet_api import background
from giayto_wallet_api.background import repeating
from simulated_time import run


def test_it_goes_on_at_once_while_there_is_work_and_rests_when_there_is_none() -> None:
    async def steps_within(seconds: float, work: int) -> int:
        taken = 0

        async def step() -> bool:
            nonlocal taken
            taken += 1
            return taken <= work

        async with repeating(step, name="work"):
            await asyncio.sleep(seconds)
        return taken

    assert run(steps_within(0.5, work=20)) == 21
    assert run(steps_within(2.5, work=0)) == 3


def test_what_fails_is_tried_again_later() -> None:
    async def outcomes() -> list[str]:
        told: list[str] = []

        async def step() -> bool:
            told.append("tried")
            if len(told) == 1:
                raise OperationalError("SELECT 1", {}, OSError("the database restarts"))
            return False

        async with repeating(step, name="work"):
            await asyncio.sleep(4)
            told.append("four seconds")
            await asyncio.sleep(1.5)
        return told

    assert run(outcomes()) == ["tried", "four seconds", "tried"]


@pytest.mark.parametrize(("seconds", "is_finished"), [(4.0, True), (6.0, False)])
def test_the_step_under_way_is_finished_unless_it_takes_too_long(seconds: float, is_finished: bool) -> None:
    finished: list[bool] = []

    async def stopped_meanwhile() -> float:
        async def step() -> bool:
            await asyncio.sleep(seconds)
            finished.append(True)
            return True

        async with repeating(step, name="work"):
            await asyncio.sleep(0.5)
        return asyncio.get_running_loop().time()

    took = run(stopped_meanwhile())
    assert bool(finished) is is_finished
    assert took <= 0.5 + background._GRACE_SECONDS + 0.1
