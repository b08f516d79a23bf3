"""See `push_client`."""

import functools
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from giayto_sdk import Issuer
from giayto_sdk._issuing import issuer, push, row_streams, sending
from giayto_sdk._issuing.jobs_api import JobsApi
from giayto_sdk._issuing.signing_desk import LocalDesk
from giayto_sdk._issuing.signing_process import DeskProcess
from giayto_sdk._issuing.status_indexes import IndexStock
from giayto_sdk.errors import GiaytoError
from push_client import Order

PLACES: dict[str, tuple[list[tuple[Any, str]], bool]] = {
    "before_intents": ([(IndexStock, "intend")], True),
    "after_intents": ([(IndexStock, "intend")], False),
    "before_sign": ([(LocalDesk, "sign"), (DeskProcess, "sign")], True),
    "after_sign": ([(LocalDesk, "sign"), (DeskProcess, "sign")], False),
    "before_send": ([(sending.Sender, "send")], True),
    "half_way_through_the_answers": ([(sending, "_result")], False),
    "after_send": ([(sending.Sender, "send")], False),
    "before_report": ([(JobsApi, "report")], True),
    "after_report": ([(JobsApi, "report")], False),
    "before_close": ([(push.Push, "_close")], True),
    "after_close": ([(push.Push, "_close")], False),
    "before_finish": ([(JobsApi, "finish")], True),
}


def kill_at(point: str, time: int) -> None:
    """Let this process die without another word when it gets to a point so many times."""
    places, is_before = PLACES[point]
    reached = itertools.count(1)

    def dying(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*arguments: Any, **named: Any) -> Any:
            is_last = next(reached) >= time
            if is_last and is_before:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = original(*arguments, **named)
            if is_last:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return call

    for owner, name in places:
        setattr(owner, name, dying(getattr(owner, name)))


def main() -> int:
    order = Order(**json.loads(sys.stdin.readline()))
    push.BATCH_ROWS = issuer.BATCH_ROWS = order.batch_rows  # type: ignore[misc]
    row_streams.STREAM_ROWS = order.stream_rows  # type: ignore[misc]
    if order.kill_at is not None:
        kill_at(order.kill_at, order.kill_at_time)
    try:
        with Issuer.from_file(order.config, processes=order.processes) as agency:
            report = agency.push(order.document_type, Path(order.source))
    except GiaytoError as error:
        sys.stdout.write(json.dumps({"error": error.code, "detail": error.detail}) + "\n")
        return 1
    told = {
        "counts": {outcome.value: count for outcome, count in report.counts.items()},
        "agrees": report.reconciliation.is_equal,
        "differences": [str(each) for each in report.reconciliation.differences],
        "job_id": report.job_id,
        "journal": str(report.journal),
        "refused_file": report.refused_file and str(report.refused_file),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
