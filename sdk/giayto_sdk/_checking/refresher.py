"""A thread that does one thing now and then, until it is told to stop."""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread

from giayto_crypto.errors import GiaytoError

_log = logging.getLogger("giayto_sdk")


class Refresher:
    """Calls `refresh` at once and then at each interval; what it raises is logged by its code and forgotten."""

    def __init__(self, refresh: Callable[[], object], interval: timedelta) -> None:
        """Start the thread. It does not keep the program alive."""
        self._refresh = refresh
        self._interval = interval.total_seconds()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="giayto-bundle-refresh", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Return when the thread has ended; a call in progress is waited for."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self._refresh()
            except GiaytoError as error:
                # The bundle at hand stays in use; as it ages, verdicts turn from valid to unknown by themselves.
                _log.warning("verifier bundle not refreshed: %s", error.code)
            if self._stopped.wait(self._interval):
                return
