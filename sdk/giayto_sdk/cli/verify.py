"""`giayto verify`: one check, with no network, that remembers nothing unless it is told to."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE
from giayto_sdk._checking.verifier import Verifier
from giayto_sdk._clock import Clock, system_clock
from giayto_sdk.cli.arguments import AnchorFile, AsJson, BundleFile, ShownFile, read_presentation, read_time
from giayto_sdk.cli.receipt import ReceiptOptions, receipt_writer
from giayto_sdk.cli.terminal import Exit, err, show_panel
from giayto_sdk.cli.verdict_panel import verdict_panel
from giayto_sdk.errors import ConfigurationError
from giayto_verifiers import FileReplayGuard, InMemoryReplayGuard, Policy, Verdict

_EXIT_OF = {"valid": Exit.SUCCESS, "invalid": Exit.FAILURE, "unknown": Exit.UNKNOWN}


def verify(
    file: ShownFile,
    /,
    *,
    bundle: BundleFile,
    anchor: AnchorFile,
    at: Annotated[str | None, Parameter(help="Time of the check (RFC 3339); now by default.")] = None,
    challenge: Annotated[str | None, Parameter(help="What this verifier showed the holder to sign.")] = None,
    max_status_age: Annotated[timedelta, Parameter(help="Oldest acceptable status data.")] = timedelta(hours=24),
    audience: Annotated[str, Parameter(help="The verifier's name that the holder signed.")] = IN_PERSON_AUDIENCE,
    purpose_code: Annotated[
        str | None, Parameter(help="Why you ask for it, as the catalogue lists it; none: the holder shows it unasked.")
    ] = None,
    replay_guard: Annotated[Path | None, Parameter(help="Remembers accepted presentations in this file.")] = None,
    record: ReceiptOptions | None = None,
    as_json: AsJson = False,
) -> Exit:
    """Check what a holder shows. Works with no network.

    Exit code: 0 valid, 1 invalid, 2 unknown, 64 unusable arguments, an unreadable picture, or a receipt that cannot be
    made.

    Parameters
    ----------
    file
        A picture (PNG, JPEG) of the QR, a text file with the QR's text or a standard SD-JWT string, or - for
        standard input.
    """
    writer = receipt_writer(record)
    verifier = Verifier(
        bundle,
        anchor=anchor,
        policy=_policy(audience, max_status_age, purpose_code),
        # Without a file a presentation can be checked again and again: nothing is remembered between two calls.
        replay_guard=InMemoryReplayGuard() if replay_guard is None else FileReplayGuard(replay_guard),
        clock=_clock(at),
    )
    verdict = verifier.verify(read_presentation(file), challenge=challenge)
    if writer is not None:
        receipt = writer.write(verdict)
        err.print(f"Biên bản · receipt {receipt.receipt_id}: {receipt.evidence.value}")
    _show(verdict, as_json=as_json)
    return _EXIT_OF[verdict.outcome]


def _policy(audience: str, max_status_age: timedelta, purpose_code: str | None) -> Policy:
    try:
        return Policy(audience=audience, max_status_age=max_status_age, purpose=purpose_code)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _clock(at: str | None) -> Clock:
    if at is None:
        return system_clock
    time = read_time(at)
    return lambda: time


def _show(verdict: Verdict, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(verdict.to_json(), ensure_ascii=False, indent=2) + "\n")
    else:
        show_panel(verdict_panel(verdict))
