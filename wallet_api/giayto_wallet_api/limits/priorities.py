"""What is served first. The order is the product's: what protects people, then what people wait for, then bulk."""

import re
from enum import IntEnum
from typing import Final


class Priority(IntEnum):
    """Lower numbers are served first."""

    VITAL = 0
    """Revoking and suspending, statuses, trust, presentations: with these late, somebody is deceived or turned away."""
    INTERACTIVE = 1
    """Everything that a person or an agency's clerk waits for."""
    BULK = 2
    """Streams of rows, and what a job asks for around them: nobody waits, and the job comes back."""


_VITAL: Final = re.compile(
    r"/public/v1/|/\.well-known/|/verifier/v1/|/openid4vp/|/oauth/token$"
    r"|/issuer/v1/(documents|push-jobs)/[^/]+/(revoke|suspend)$"
)
_BULK: Final = re.compile(
    r"/issuer/v1/(documents/bulk|status-indexes|holder-keys/lookup|push-jobs|signing-requests)(/|$)"
)
_UNCOUNTED: Final = re.compile(r"/health/|/.*/events$")


def priority_of(path: str) -> Priority | None:
    """Return how urgent a request is; None for what is never held up: health checks, and event streams, which wait."""
    path = path.rstrip("/") or "/"
    if _UNCOUNTED.match(path):
        return None
    if _VITAL.match(path):
        return Priority.VITAL
    return Priority.BULK if _BULK.match(path) else Priority.INTERACTIVE
