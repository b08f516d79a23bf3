"""The clock that every part of the SDK is given, so that a test can set the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the current time, aware and in UTC."""


def system_clock() -> datetime:
    """Return the time of this machine, in UTC."""
    return datetime.now(UTC)
