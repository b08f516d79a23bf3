"""`giayto wallet answer` and `giayto wallet history`: showing documents to verifiers that ask, and what was shown."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.text import Text

from giayto_issuers.document_type.loading import load_builtin_types
from giayto_sdk._pictures.reading import read_qr
from giayto_sdk._wallet.answering import Consent, PresentationRequestShown, ProposedDocument
from giayto_sdk._wallet.answering_history import HistoryEntry
from giayto_sdk._wallet.client import WalletClient
from giayto_sdk._wallet.presentation import path_text
from giayto_sdk.cli.arguments import PICTURE_SUFFIXES, AsJson, WalletConfigFile
from giayto_sdk.cli.json_output import write_json_array
from giayto_sdk.cli.terminal import Exit, err, local_time, out, print_entries, print_entry, safe, say


def answer(
    link: Annotated[str, Parameter(help="openid4vp://… as the QR holds it, or a picture of the QR.")],
    /,
    *,
    config: WalletConfigFile,
    yes: Annotated[bool, Parameter(help="Consent without being asked.", negative=())] = False,
    with_optional: Annotated[bool, Parameter(help="Show what is optional, too.", negative=())] = False,
) -> Exit:
    """Answer a verifier's request, after showing who asks, what for, and what would be shown.

    Exit code: 0 answered, 1 declined or refused.
    """
    with WalletClient.from_file(config) as wallet:

        def decide(shown: PresentationRequestShown) -> Consent:
            _show(shown)
            return Consent(given=yes or _consents(), with_optional=with_optional)

        outcome = wallet.answer(_link(link), decide)
    if not outcome.shown:
        err.print("Đã từ chối; không gửi gì. · Declined; nothing was sent.")
        return Exit.FAILURE
    err.print("Đã xuất trình. · Shown.")
    if outcome.redirect_uri is not None:
        say(outcome.redirect_uri)
    return Exit.SUCCESS


def history(*, config: WalletConfigFile, as_json: AsJson = False) -> None:
    """List what was shown to whom. Only this device knows it."""
    with WalletClient.from_file(config) as wallet:
        entries = wallet.history()
    if as_json:
        write_json_array(map(msgspec.to_builtins, entries))
    else:
        print_entries(entries, _print_entry)


def _link(text: str) -> str:
    path = Path(text)
    return read_qr(path) if path.suffix.lower() in PICTURE_SUFFIXES else text


def _show(shown: PresentationRequestShown) -> None:
    verifier = shown.verifier
    if verifier.names is None:
        warning = "CHƯA ĐĂNG KÝ · NOT A REGISTERED VERIFIER"
        out.print(Text(f"{warning}: {safe(verifier.certificate_name)}", style="bold red"))
    else:
        out.print(Text(f"{safe(verifier.names.vi)} · {safe(verifier.names.en)}", style="bold"))
    out.print(Text(f"→ {safe(verifier.response_host)}", style="dim"))
    if shown.purpose is not None:
        out.print(Text(f"Mục đích · purpose: {safe(shown.purpose.vi)} · {safe(shown.purpose.en)}"))
    for document in shown.documents:
        _show_document(document)
    for transaction in shown.transactions:
        _show_transaction(transaction)


def _show_document(proposed: ProposedDocument) -> None:
    known = load_builtin_types().find(proposed.document.document_type)
    title = proposed.document.titles
    name = f"{title.vi} · {title.en}" if title else proposed.document.document_type
    out.print(Text(f"• {safe(name)}{' (không bắt buộc · optional)' if proposed.optional else ''}", style="bold"))
    entry = known.catalogue_entry() if known else None
    for path in proposed.claims:
        label = entry.label(path) if entry else None
        out.print(Text(f"    {safe(f'{label.vi} · {label.en}' if label else path_text(path))}"))


def _show_transaction(transaction: Mapping[str, Any]) -> None:
    words = f"{transaction['statement_vi']} · {transaction['statement_en']} [{transaction['reference']}]"
    out.print(Text(f"Xác nhận · confirm: {safe(words)}", style="bold yellow"))


def _consents() -> bool:
    err.print("Đồng ý xuất trình? · Show this? (co/yes): ", end="")
    # Silence is not consent.
    return sys.stdin.readline().strip().lower() in {"co", "có", "yes", "y"}


def _print_entry(entry: HistoryEntry) -> None:
    name = f"{entry.verifier.vi} · {entry.verifier.en}" if entry.verifier else entry.client_id
    shown = (f"{each.document_type}: {', '.join(map(path_text, each.claims))}" for each in entry.documents)
    print_entry(f"{local_time(entry.at)} {entry.outcome}", name, "; ".join(shown))
