"""Time is handed in, so that tests can stand at any moment."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, aware and in UTC."""


def system_clock() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)
