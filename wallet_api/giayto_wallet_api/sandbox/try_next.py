"""Commands that a newcomer can copy and try once the loop has run."""

import os
import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from giayto_wallet_api.sandbox.agencies import HOSPITAL
from giayto_wallet_api.sandbox.folder import SandboxFolder
from giayto_wallet_api.sandbox.loop import SHOWN, SHOWN_CLAIMS, ShownDocument
from giayto_wallet_api.sandbox.preparation import PreparedSandbox
from giayto_wallet_api.sandbox.story import Suggestion
from giayto_wallet_api.sandbox.verifiers import CLINIC


def suggestions(sandbox: PreparedSandbox, shown: ShownDocument) -> Iterator[Suggestion]:
    """Yield commands that work in the current folder, in an order in which they can be tried."""
    folder, giayto = sandbox.folder, _giayto()
    picture, bundle, anchor = folder.presentation("png"), folder.bundle, folder.anchor
    trust = ("--bundle", bundle, "--anchor", anchor)
    wallet = ("--config", folder.wallet_config(shown.citizen.number))
    agency = ("--config", folder.agency_config(SHOWN.agency_id))
    document = shown.document.document_id
    again = folder.root / "again.png"
    claims = [part for path in SHOWN_CLAIMS for part in ("--claim", str(path[0]))]

    yield Suggestion(
        "check the QR as of the minute in which it was shown",
        _line(giayto, "verify", picture, *trust, "--at", _rfc3339(shown.checkable_at)),
        needs_server=False,
    )
    yield Suggestion(
        "check it now: a QR is good for a minute", _line(giayto, "verify", picture, *trust), needs_server=False
    )
    yield Suggestion(
        "see the standard SD-JWT string in it",
        _line(giayto, "qr", "unpack", picture, "--bundle", bundle),
        needs_server=False,
    )
    yield Suggestion("look into the citizen's wallet", _line(giayto, "wallet", "list", *wallet), needs_server=True)
    yield Suggestion(
        "show the document anew, and check it within a minute",
        _line(giayto, "wallet", "present", document, *wallet, *claims, "--png", again)
        + " && "
        + _line(giayto, "verify", again, *trust),
        needs_server=True,
    )
    yield Suggestion(
        "push an agency's records again: nothing is doubled",
        _line(giayto, "push", sandbox.records_file(SHOWN), "--type", SHOWN.type_code, *agency),
        needs_server=True,
    )
    yield from _open_standards(sandbox, shown)
    yield Suggestion(
        "revoke the document for good, fetch a fresh bundle, and check again",
        _line(giayto, "revoke", *agency, "--document", document, "--reason", "trying it out")
        + " && "
        + _line(giayto, "bundle", "fetch", sandbox.settings.base_url, "--anchor", anchor, "--output", bundle)
        + " ; "
        + _line(giayto, "verify", picture, *trust),
        needs_server=True,
    )


def _open_standards(sandbox: PreparedSandbox, shown: ShownDocument) -> Iterator[Suggestion]:
    folder, giayto = sandbox.folder, _giayto()
    hospital = ("--config", folder.agency_config(HOSPITAL.agency_id))
    patient = ("--config", folder.wallet_config(shown.patient.number))
    asking = ("--config", folder.verifier_config(CLINIC.verifier_id), "--type", CLINIC.type_code)
    asked_for = ("--claims", ",".join(str(path[0]) for path in CLINIC.claims), "--purpose", CLINIC.purpose.code)
    qr, pin, question = folder.offer("png"), folder.offer("pin"), folder.question
    scanned = _line(giayto, "wallet", "accept-offer", qr, *patient)

    yield Suggestion(
        "leave the hospital's records, to be signed when they are fetched: nothing is doubled",
        _line(giayto, "deposit", sandbox.records_file(HOSPITAL), "--type", HOSPITAL.type_code, *hospital),
        needs_server=True,
    )
    yield Suggestion(
        "offer the referral by QR and PIN, and fetch fresh copies of it (OpenID4VCI)",
        _line(giayto, "offer", shown.referral_id, *hospital, "--png", qr, "--pin-file", pin)
        + f" && {scanned} < {_line(pin)}",
        needs_server=True,
    )
    yield Suggestion(
        "ask for the referral by QR, wait, and let the citizen answer meanwhile (OpenID4VP)",
        f"rm -f {_line(question)}; ("
        f"for i in $(seq 300); do [ -e {_line(question)} ] && break; sleep 0.2; done; "
        + _line(giayto, "wallet", "answer", question, *patient, "--yes")
        + ") & "
        + _line(giayto, "request", *asking, *asked_for, "--png", question),
        needs_server=True,
    )
    yield Suggestion(
        "see what the citizen has shown to whom", _line(giayto, "wallet", "history", *patient), needs_server=True
    )


def serve_again(folder: SandboxFolder) -> Suggestion:
    """Return how to run the sandbox of `folder` once more, and have it serve."""
    if folder.root.absolute() == Path.cwd() / ".sandbox" and Path("Makefile").exists():
        command = "make run"
    else:
        command = _line(_from_here(Path(sys.executable)), "-m", "giayto_wallet_api.sandbox", "--folder", folder.root)
    return Suggestion("go through the loop again, and go on serving", command, needs_server=False)


def _giayto() -> str:
    """Return how to call the command from here: by its name when a shell finds this very one, else by its path."""
    command = Path(sys.executable).with_name("giayto")
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    found = next((folder / "giayto" for folder in folders if (folder / "giayto").exists()), None)
    if found is not None and found.absolute() == command.absolute():
        return "giayto"
    return _from_here(command)


def _line(*words: str | Path) -> str:
    return shlex.join(_from_here(word) if isinstance(word, Path) else word for word in words)


def _from_here(path: Path) -> str:
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolving links would leave the virtual environment
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
