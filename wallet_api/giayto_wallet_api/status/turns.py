"""Turns: of many requests for one list, one makes the token and the others take it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Turns:
    """A lock for each name, for as long as somebody holds it or waits for it; of one process."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Wait until nobody else has the turn of this name."""
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            yield
