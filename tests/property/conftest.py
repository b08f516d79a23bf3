"""One hypothesis profile: the same examples in every run, unless GIAYTO_EXAMPLES asks for a longer search."""

import os

from hypothesis import HealthCheck, settings

_searching = os.environ.get("GIAYTO_EXAMPLES")

settings.register_profile(
    "giayto",
    derandomize=_searching is None,
    max_examples=int(_searching or 60),
    deadline=None,  # two cores shared with the rest of the suite: time is bounded by the tests that are about time
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("giayto")
