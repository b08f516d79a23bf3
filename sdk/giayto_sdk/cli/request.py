"""`giayto request`: ask a wallet through the backend, show the QR, wait for the verdict."""

import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.panel import Panel
from rich.text import Text

from giayto_issuers.document_type.loading import load_builtin_types
from giayto_sdk._files import write_atomically
from giayto_sdk._pictures.drawing import draw_qr
from giayto_sdk._requesting.hosted import HostedRequest, HostedRequests, HostedStatus, HostedVerdict
from giayto_sdk.cli.arguments import AsJson, read_claim_path
from giayto_sdk.cli.claims import claims_table
from giayto_sdk.cli.json_output import write_json
from giayto_sdk.cli.terminal import Exit, err, local_time, out, safe, show_panel
from giayto_sdk.errors import ConfigurationError
from giayto_verifiers import Reason

_EXIT_OF = {"valid": Exit.SUCCESS, "invalid": Exit.FAILURE, "unknown": Exit.UNKNOWN}
_HEADINGS = {
    "valid": ("HỢP LỆ · VALID", "bold green"),
    "invalid": ("KHÔNG HỢP LỆ · INVALID", "bold red"),
    "unknown": ("CHƯA KẾT LUẬN ĐƯỢC · UNKNOWN", "bold yellow"),
}

VerifierConfigFile = Annotated[Path, Parameter(help="Configuration of the verifier (TOML).", name=["--config", "-c"])]


def request(
    *,
    config: VerifierConfigFile,
    document_type: Annotated[str, Parameter(name="--type", help="Code of the document type, or its vct.")],
    claims: Annotated[str, Parameter(help="What to ask for: full_name,visits[*].date")] = "",
    purpose: Annotated[str, Parameter(help="Code of a purpose that the verifier is registered for.")],
    transaction: Annotated[str, Parameter(help="The verifier's name for it; no personal data.")] = "",
    lifetime: Annotated[int, Parameter(help="Seconds that the QR is good for: 30 to 900.")] = 300,
    png: Annotated[Path | None, Parameter(help="Draw the QR into this picture, too.")] = None,
    receipts: Annotated[Path | None, Parameter(help="Write the receipts into this file, one a line.")] = None,
    as_json: AsJson = False,
) -> Exit:
    """Ask a wallet for documents: shows a QR, and waits live for the verdict.

    Exit code: 0 valid, 1 invalid, 2 unknown, 64 unusable arguments or a request that may not be made; 75 nobody
    answered in time, or the holder declined.
    """
    paths = [read_claim_path(text) for text in claims.split(",")] if claims else []
    with HostedRequests.from_file(config) as requests:
        asked = requests.ask(
            document_type=_vct(document_type),
            claims=paths,
            purpose=purpose,
            transaction=transaction,
            lifetime_seconds=lifetime,
        )
        try:
            _show_question(asked, png)
            verdict = requests.wait(asked, on_change=_tell)
        except KeyboardInterrupt:
            requests.cancel(asked.request_id)
            raise
    if receipts is not None:
        _write(receipts, "".join(f"{each}\n" for each in verdict.receipts()).encode("ascii"))
    _show_answer(verdict, as_json=as_json)
    return _EXIT_OF[verdict.outcome]


def _vct(name: str) -> str:
    types = load_builtin_types()
    return next((each.vct for each in types if each.code == name), name)


def _show_question(asked: HostedRequest, png: Path | None) -> None:
    symbol = draw_qr(asked.qr_text)
    if png is not None:
        _write(png, symbol.png())
    # To standard error: the verdict alone is the result.
    sys.stderr.write(symbol.text(colour=err.is_terminal and not err.no_color) + "\n")
    err.print(Text(asked.same_device_link, style="dim"))
    err.print(f"Quét bằng ví, trước · scan with a wallet, before {local_time(asked.expires_at)}")


def _tell(status: HostedStatus) -> None:
    if status.state == "pending" and status.fetched_at is not None:
        err.print("Ví đã mở yêu cầu, chờ người dân đồng ý. · A wallet has opened it; waiting for consent.")


def _show_answer(verdict: HostedVerdict, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(msgspec.to_builtins(verdict.members), ensure_ascii=False, indent=2) + "\n")
        return
    heading, style = _HEADINGS[verdict.outcome]
    for each in verdict.members["credentials"]:
        told = each["verdict"]
        entry = next((known for known in load_builtin_types() if known.vct == told["document_type"]), None)
        if told["claims"] and entry is not None:
            show_panel(Panel(claims_table(entry.catalogue_entry(), told["claims"]), title=safe(heading), style=style))
        elif told["claims"]:
            write_json(told["claims"])
    out.print(Text(heading, style=style))
    for code in verdict.members["reasons"]:
        words = Reason(code).text if code in Reason.__members__.values() else None
        out.print(Text(f"• {words.message_vi} · {words.message_en} [{code}]" if words else f"• {safe(code)}"))


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise ConfigurationError(f"file: {path.name} cannot be written ({error.strerror})") from error
