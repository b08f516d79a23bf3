"""`giayto wallet`: what a citizen's phone does, from the command line."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import App, Parameter
from rich.text import Text

from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE, ClaimPath
from giayto_issuers.document_type.loading import load_types
from giayto_issuers.document_type.model import DocumentTypes
from giayto_sdk._files import write_atomically
from giayto_sdk._wallet.answers import RefusalReport, WalletDocument, WalletDocumentDetail, WalletPreparation
from giayto_sdk._wallet.authentication import BrowserAuthenticator
from giayto_sdk._wallet.client import WalletClient
from giayto_sdk._wallet.presentation import Presentation
from giayto_sdk.cli.arguments import AsJson, WalletConfigFile, read_claim_path, read_day
from giayto_sdk.cli.claims import claims_table
from giayto_sdk.cli.json_output import write_json, write_json_array
from giayto_sdk.cli.terminal import err, local_time, out, print_entries, print_entry, safe, say, show_panel
from giayto_sdk.config import load_wallet_config
from giayto_sdk.errors import ConfigurationError

wallet_app = App(name="wallet", help="Hold and show documents as a citizen's phone does.")

DocumentId = Annotated[str, Parameter(help="As `giayto wallet list` and `inbox` show it.")]


@wallet_app.command
def login(
    *,
    config: WalletConfigFile,
    sandbox: Annotated[
        bool, Parameter(help="Log in at the sandbox by a number, read from standard input.", negative=())
    ] = False,
    holder: Annotated[Literal["person", "organisation"], Parameter(help="Who logs in.")] = "person",
) -> None:
    """Log in, enrol this machine as a device with a new key, and register holder keys."""
    with WalletClient.from_file(config) as wallet:
        if sandbox:
            wallet.log_in_at_sandbox(_ask_number(), holder_kind=holder)
        else:
            wallet.log_in(BrowserAuthenticator(), holder_kind=holder)
    err.print("Đã đăng nhập và ghi danh thiết bị này. · Logged in, this device is enrolled.")


@wallet_app.command
def inbox(*, config: WalletConfigFile, as_json: AsJson = False) -> None:
    """List the documents that await your confirmation, and those that are being prepared."""
    with WalletClient.from_file(config) as wallet:
        items: list[WalletDocument | WalletPreparation] = [*wallet.inbox(), *wallet.preparing()]
    if as_json:
        write_json_array(map(msgspec.to_builtins, items))
    else:
        print_entries(items, _print_inbox_item)


@wallet_app.command(name="list")
def list_documents(*, config: WalletConfigFile, as_json: AsJson = False) -> None:
    """List the documents of the wallet."""
    with WalletClient.from_file(config) as wallet:
        _list(wallet.documents(), as_json=as_json)


@wallet_app.command
def confirm(document: DocumentId, /, *, config: WalletConfigFile) -> None:
    """Accept a document of the inbox."""
    with WalletClient.from_file(config) as wallet:
        wallet.confirm(document)
    err.print("Đã xác nhận. · Confirmed.")


@wallet_app.command
def decline(
    document: DocumentId,
    /,
    *,
    config: WalletConfigFile,
    reason: Annotated[str, Parameter(help="The agency reads it.")],
) -> None:
    """Refuse a document of the inbox."""
    with WalletClient.from_file(config) as wallet:
        wallet.decline(document, reason)
    err.print("Đã từ chối. · Declined.")


@wallet_app.command
def show(document: DocumentId, /, *, config: WalletConfigFile, as_json: AsJson = False) -> None:
    """Show what a document says."""
    with WalletClient.from_file(config) as wallet:
        detail = wallet.document(document)
    if as_json:
        write_json(detail.claims)
    else:
        _print_detail(detail, load_types(load_wallet_config(config).types_folder))


@wallet_app.command
def present(
    document: DocumentId,
    /,
    *,
    config: WalletConfigFile,
    claim: Annotated[list[str], Parameter(help="What to show, such as full_name or visits[0].diagnosis; repeatable.")],
    challenge: Annotated[str | None, Parameter(help="What the verifier's screen shows.")] = None,
    audience: Annotated[str, Parameter(help="The verifier, when it has named itself.")] = IN_PERSON_AUDIENCE,
    png: Annotated[Path | None, Parameter(help="Draw the QR into this picture.")] = None,
    text: Annotated[Path | None, Parameter(help="Write the QR's text into this file.")] = None,
    sd_jwt: Annotated[Path | None, Parameter(name="--sd-jwt", help="Write the standard string into this file.")] = None,
) -> None:
    """Show chosen claims of a document as a QR. It is good for about a minute, and once."""
    with WalletClient.from_file(config) as wallet:
        presentation = wallet.present(document, _paths(claim), audience=audience, challenge=challenge)
    _write_files(presentation, png, text, sd_jwt)
    if png is None and text is None and sd_jwt is None:
        colour = out.is_terminal and not out.no_color
        sys.stdout.write(presentation.terminal(colour=colour) + "\n")
    err.print(f"QR: version {presentation.qr_version}, {presentation.qr_modules} x {presentation.qr_modules} modules")


@wallet_app.command
def changes(
    *,
    config: WalletConfigFile,
    since: Annotated[int, Parameter(help="Number of the last change that is known.")] = 0,
) -> None:
    """List what happened in the wallet, oldest first."""
    with WalletClient.from_file(config) as wallet:
        for change in wallet.changes(since):
            print_entry(f"{change.sequence} {change.kind}", change.object_id, local_time(change.occurred_at))


@wallet_app.command(name="report-refusal")
def report_refusal(
    document: Annotated[str, Parameter(help="Code of the paper that was asked for, such as birth-certificate.")],
    /,
    *,
    config: WalletConfigFile,
    verifier: Annotated[str, Parameter(help="Who asked; only you read it again.")],
    text: Annotated[str, Parameter(help="What happened; only you read it again.")],
    asked_on: Annotated[str, Parameter(name="--date", help="The day, YYYY-MM-DD.")],
    verifier_id: Annotated[str | None, Parameter(help="Its registered identifier or domain, if known.")] = None,
    procedure: Annotated[str | None, Parameter(help="Code, such as 1.000894.")] = None,
    as_json: AsJson = False,
) -> None:
    """Report that somebody asked for a paper although nobody may."""
    with WalletClient.from_file(config) as wallet:
        report = wallet.report_refusal(
            document,
            verifier_name=verifier,
            asked_on=read_day(asked_on),
            text=text,
            verifier_id=verifier_id,
            procedure=procedure,
        )
    if as_json:
        write_json(msgspec.to_builtins(report))
    else:
        err.print(f"Đã gửi phản ánh. · Reported: {report.report_id} ({report.reason}, {report.edition})")


@wallet_app.command(name="refusal-reports")
def refusal_reports(*, config: WalletConfigFile, as_json: AsJson = False) -> None:
    """List what you reported."""
    with WalletClient.from_file(config) as wallet:
        if as_json:
            write_json_array(map(msgspec.to_builtins, wallet.refusal_reports()))
        else:
            print_entries(wallet.refusal_reports(), _print_report)


@wallet_app.command
def keys(*, config: WalletConfigFile) -> None:
    """Register holder keys until enough are unused, and list them by thumbprint."""
    with WalletClient.from_file(config) as wallet:
        made = wallet.replenish_holder_keys()
        for key in wallet.holder_keys():
            say(f"{key.key_thumbprint}  {key.credential_count}")
    err.print(f"{made} khóa mới · new keys")


def _print_report(report: RefusalReport) -> None:
    print_entry(report.report_id, f"{report.asked_on}, {report.document_type}", report.verifier_name, report.text)


def _ask_number() -> str:
    if sys.stdin.isatty():
        err.print("Số định danh cá nhân hoặc mã số thuế · personal number or tax code: ", end="")
    number = sys.stdin.readline().strip()
    if not number:
        raise ConfigurationError("login: a number is expected on standard input")
    return number


def _paths(claims: Iterable[str]) -> list[ClaimPath]:
    return [read_claim_path(claim) for claim in claims]


def _write_files(presentation: Presentation, png: Path | None, text: Path | None, sd_jwt: Path | None) -> None:
    contents: list[tuple[Path | None, bytes]] = [
        (text, presentation.qr_text.encode("ascii")),
        (sd_jwt, presentation.sd_jwt.encode("ascii")),
    ]
    if png is not None:
        contents.append((png, presentation.png()))
    for path, content in contents:
        if path is None:
            continue
        try:
            write_atomically(path, content)
        except OSError as error:
            raise ConfigurationError(f"file: {path.name} cannot be written ({error.strerror})") from error


def _list(documents: Iterable[WalletDocument], *, as_json: bool) -> None:
    if as_json:
        write_json_array(map(msgspec.to_builtins, documents))
    else:
        print_entries(documents, _print_document)


def _print_inbox_item(item: WalletDocument | WalletPreparation) -> None:
    if isinstance(item, WalletDocument):
        _print_document(item)
    else:
        title = item.document_type if item.titles is None else f"{item.titles.vi} · {item.titles.en}"
        waiting = f"{item.agency_id}, {item.state}, {local_time(item.since)}"
        print_entry(item.preparation_id, title, waiting, item.message.vi, item.message.en)


def _print_document(document: WalletDocument) -> None:
    state = f"{document.agency_id}, {document.state}, {local_time(document.state_since)}"
    print_entry(document.document_id, _title(document), state)


def _print_detail(document: WalletDocumentDetail, types: DocumentTypes) -> None:
    out.print(Text(safe(_title(document)), style="bold"))
    known = types.find(document.document_type)
    if known is None:
        write_json(document.claims)
    else:
        show_panel(claims_table(known.catalogue_entry(), document.claims))
    out.print(Text(f"{document.state}, {local_time(document.state_since)}", style="dim"))


def _title(document: WalletDocument) -> str:
    titles = document.titles
    return document.document_type if titles is None else f"{titles.vi} · {titles.en}"
