"""`giayto deposit`, `giayto offer`, `giayto withdraw`: records that are signed when a wallet fetches them."""

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from cyclopts import Parameter
from msgspec import structs
from rich.text import Text

from giayto_sdk._files import write_atomically
from giayto_sdk._issuing.depositing import (
    DepositOffer,
    DepositOutcome,
    DepositProgress,
    DepositReport,
    DepositResult,
)
from giayto_sdk._issuing.issuer import Issuer
from giayto_sdk._issuing.record_checks import Progress
from giayto_sdk._issuing.results import RowOutcome, RowResult
from giayto_sdk._pictures.drawing import QrSymbol, draw_qr
from giayto_sdk.cli.arguments import AgencyConfigFile, AsJson, EncodingName, MappingFile, TypesFolder
from giayto_sdk.cli.json_output import write_json, write_json_object
from giayto_sdk.cli.push_report import print_problems
from giayto_sdk.cli.records_progress import shown_progress
from giayto_sdk.cli.terminal import Exit, err, local_time, out, safe, say
from giayto_sdk.errors import ConfigurationError

_OUTCOMES: Final = {
    DepositOutcome.DEPOSITED: ("đã gửi · deposited", "green"),
    DepositOutcome.UNCHANGED: ("không đổi · unchanged", "green"),
    DepositOutcome.REFUSED: ("bị từ chối · refused", "red"),
}
_DOCUMENTS_SHOWN: Final = 10

DepositedDocument = Annotated[str, Parameter(help="As `giayto deposit` shows it.")]


def deposit(
    file: Path,
    /,
    *,
    document_type: Annotated[str, Parameter(name=["--type", "-t"], help="Code or vct, such as referral.")],
    config: AgencyConfigFile,
    mapping: MappingFile = None,
    encoding: EncodingName = None,
    types: TypesFolder = None,
    as_json: AsJson = False,
) -> Exit:
    """Leave every record of a file at the wallet backend, which signs each for the wallet that fetches it.

    The agency must let the operator sign for it: see `giayto issuer hosted-signing`. The same command again sends only
    what is new; after an interruption it goes on.

    Exit code: 0 every document can be fetched, 1 some rows were refused, 75 interrupted (run it again), 64 nothing was
    sent because the file is not one of this type.

    Parameters
    ----------
    file
        CSV, NDJSON or XLSX with one record a row, or a TOML file that names a database and a query.
    """
    with Issuer.from_file(config, types_folder=types) as issuer, shown_progress("deposit") as show:

        def tell(how_far: DepositProgress) -> None:
            show(Progress(how_far.done, how_far.failed, how_far.share_read))

        report = issuer.deposit(document_type, file, on_progress=tell, mapping=mapping, encoding=encoding)
    if as_json:
        _write_report(report)
    else:
        _print_report(report)
    return Exit.SUCCESS if report.all_deposited else Exit.FAILURE


def offer(
    document: DepositedDocument,
    /,
    *,
    config: AgencyConfigFile,
    tx_code: Annotated[bool, Parameter(help="Ask the wallet for a PIN.")] = True,
    png: Annotated[Path | None, Parameter(help="Draw the QR into this picture, too.")] = None,
    pin_file: Annotated[
        Path | None, Parameter(help="Write the PIN into this file, for its owner alone, instead of showing it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Offer a deposited document to a citizen, by a QR that any OpenID4VCI wallet reads; good once, for ten minutes.

    The PIN is shown apart: it must reach the citizen on another way than the QR. Only the link is written to standard
    output.
    """
    with Issuer.from_file(config) as issuer:
        made = issuer.offer(document, tx_code=tx_code)
    symbol = draw_qr(made.by_reference)
    if png is not None:
        _write(png, symbol.png())
    if pin_file is not None and made.tx_code is not None:
        _write(pin_file, f"{made.tx_code}\n".encode("ascii"), private=True)
    if as_json:
        write_json(msgspec.to_builtins(made if pin_file is None else structs.replace(made, tx_code=None)))
    else:
        _show_offer(made, symbol, is_pin_apart=pin_file is not None)


def withdraw(
    document: DepositedDocument,
    /,
    *,
    config: AgencyConfigFile,
    reason: Annotated[str, Parameter(help="For the audit log; no personal data.")],
) -> None:
    """Let nobody fetch a deposited document any more, and revoke the copies that were fetched."""
    with Issuer.from_file(config) as issuer:
        issuer.withdraw(document, reason)
    err.print("Đã rút lại. · Withdrawn.")


def _show_offer(made: DepositOffer, symbol: QrSymbol, *, is_pin_apart: bool) -> None:
    sys.stderr.write(symbol.text(colour=err.is_terminal and not err.no_color) + "\n")
    err.print(f"Quét bằng ví, trước · scan with a wallet, before {local_time(made.expires_at)}")
    say(made.by_reference)
    if made.tx_code is None:
        err.print("Không cần PIN: ai thấy mã QR này đều lấy được giấy tờ. · No PIN: whoever sees the QR gets it.")
    elif not is_pin_apart:
        err.print(Text.assemble("\nPIN ", (made.tx_code, "bold")))
        err.print("Gửi PIN theo đường khác, không kèm mã QR. · Send the PIN another way, never with the QR.")


def _print_report(report: DepositReport) -> None:
    for outcome, (words, style) in _OUTCOMES.items():
        count = report.counts.get(outcome, 0)
        if count:
            out.print(Text.assemble((f"{count:>9,}  ", "bold"), (words, style)))
    deposited = (each for each in report if each.outcome is not DepositOutcome.REFUSED)
    for each in islice(deposited, _DOCUMENTS_SHOWN):
        out.print(Text(f"{safe(each.row_key)}  {safe(each.document_id)}"))
    if len(report) - report.counts.get(DepositOutcome.REFUSED, 0) > _DOCUMENTS_SHOWN:
        out.print("…")
    print_problems(_as_push_results(report))
    words = "\nKết quả từng dòng: · The result of each row:"
    out.print(Text(f"{words}\n{safe(report.results_file)}", style="dim"))


def _write_report(report: DepositReport) -> None:
    members: dict[str, Any] = {
        "document_type": report.document_type,
        "rows": len(report),
        "all_deposited": report.all_deposited,
        "counts": {outcome.value: report.counts.get(outcome, 0) for outcome in DepositOutcome},
        "results_file": str(report.results_file),
    }
    write_json_object(members, "results", map(msgspec.to_builtins, report))


def _as_push_results(results: Iterable[DepositResult]) -> Iterator[RowResult]:
    """Yield what was refused as the results of a push, whose problems are told in the same words."""
    for each in results:
        if each.outcome is DepositOutcome.REFUSED:
            yield RowResult(each.row, each.row_key, RowOutcome.REFUSED, problem=each.problem)


def _write(path: Path, content: bytes, *, private: bool = False) -> None:
    try:
        write_atomically(path, content, private=private)
    except OSError as error:
        raise ConfigurationError(f"file: {path.name} cannot be written ({error.strerror})") from error
