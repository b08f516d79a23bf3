"""Admission: how much runs at the same time in one worker, and who waits or is sent away when there is more.

A request starts when less than its priority's share is running among its own and all less urgent priorities, and less
than the largest share among all. The shares grow with urgency, so that whatever bulk does, there is room for the rest.
Who cannot start waits in the line of
its priority, for a bounded time in a bounded line, and is told to come back otherwise: a server that answers some and
refuses the others at once does more than one that lets all of them wait in vain.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from giayto_wallet_api.limits.priorities import Priority
from giayto_wallet_api.limits.problems import OverloadedError


@dataclass(frozen=True, slots=True)
class Share:
    """What a priority may take of one worker.

    Args:
        running: most requests at the same time, of this priority and of all less urgent ones.
        waiting: longest line.
        patience: seconds that one waits in it.
        retry_after: seconds after which one who is sent away should come back.
    """

    running: int
    waiting: int
    patience: float
    retry_after: int


SHARES: Final[Mapping[Priority, Share]] = {
    Priority.VITAL: Share(running=48, waiting=256, patience=5.0, retry_after=1),
    Priority.INTERACTIVE: Share(running=32, waiting=64, patience=2.0, retry_after=2),
    Priority.BULK: Share(running=16, waiting=16, patience=2.0, retry_after=5),
}


class Admission:
    """The requests of one worker, running and waiting."""

    def __init__(self, shares: Mapping[Priority, Share] = SHARES) -> None:
        self._shares = shares
        self._running = dict.fromkeys(Priority, 0)
        self._lines: dict[Priority, deque[asyncio.Future[None]]] = {priority: deque() for priority in Priority}

    @asynccontextmanager
    async def admitted(self, priority: Priority) -> AsyncIterator[None]:
        """Run the block as soon as there is room for it.

        Raises:
            OverloadedError: the line is full, or the turn did not come in time.
        """
        await self._enter(priority)
        try:
            yield
        finally:
            self._running[priority] -= 1
            self._call_next()

    async def _enter(self, priority: Priority) -> None:
        line, share = self._lines[priority], self._shares[priority]
        if not line and self._has_room(priority):
            self._running[priority] += 1
            return
        if len(line) >= share.waiting:
            raise OverloadedError("too many requests wait already", retry_after_seconds=share.retry_after)
        turn = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            async with asyncio.timeout(share.patience):
                await turn
        except (TimeoutError, asyncio.CancelledError) as error:
            self._leave(priority, turn)
            if isinstance(error, asyncio.CancelledError):
                raise
            raise OverloadedError("no turn in time", retry_after_seconds=share.retry_after) from error

    def _leave(self, priority: Priority, turn: asyncio.Future[None]) -> None:
        """Give up waiting; a turn that came at the same moment goes to the next."""
        if turn in self._lines[priority]:
            self._lines[priority].remove(turn)
        elif turn.done() and not turn.cancelled():
            self._running[priority] -= 1
            self._call_next()

    def _has_room(self, priority: Priority) -> bool:
        alike = sum(count for each, count in self._running.items() if each >= priority)
        everything = sum(self._running.values())
        return alike < self._shares[priority].running and everything < self._shares[Priority.VITAL].running

    def _call_next(self) -> None:
        """Start whoever may start now, the most urgent first."""
        for priority in Priority:
            line = self._lines[priority]
            while line and self._has_room(priority):
                turn = line.popleft()
                if not turn.done():
                    self._running[priority] += 1
                    turn.set_result(None)
