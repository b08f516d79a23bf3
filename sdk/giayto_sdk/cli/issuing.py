"""`giayto push`, `revoke`, `suspend`, `resume` and `issuer status`: what an agency does."""

from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from giayto_sdk._issuing.api import IssuedDocument
from giayto_sdk._issuing.issuer import Issuer
from giayto_sdk._issuing.results import PushReport, RowOutcome, RowResult
from giayto_sdk.cli.arguments import AgencyConfigFile
from giayto_sdk.cli.terminal import Exit, err, listing, local_time, out, safe
from giayto_sdk.errors import ConfigurationError

_ROWS_NAMED: Final = 20
_OUTCOMES: Final = {
    RowOutcome.STORED: ("đã lưu · stored", "green"),
    RowOutcome.UNCHANGED: ("không đổi · unchanged", "green"),
    RowOutcome.WAITING_FOR_WALLET: ("chưa có ví · waiting for a wallet", "yellow"),
    RowOutcome.MISMATCH: ("không khớp dân cư · mismatch", "red"),
    RowOutcome.REFUSED: ("bị từ chối · refused", "red"),
}

RowKey = Annotated[str | None, Parameter(help="The agency's own key of the row.")]
DocumentId = Annotated[str | None, Parameter(name="--document", help="The wallet backend's name of the document.")]
Reason = Annotated[str, Parameter(help="For the audit log; no personal data.")]

issuer_app = App(name="issuer", help="Look at what an agency has pushed.")


def push(
    file: Path,
    /,
    *,
    document_type: Annotated[str, Parameter(name=["--type", "-t"], help="Code or vct, such as health-book.")],
    config: AgencyConfigFile,
) -> Exit:
    """Validate, sign and push every row of a file; the same command again goes on after an interruption.

    Exit code: 0 every document is in its wallet, 1 some are not, 75 interrupted (run it again).

    Parameters
    ----------
    file
        CSV or NDJSON with one record a row.
    """
    with Issuer.from_file(config) as issuer, _progress() as progress:
        task = progress.add_task("push", total=None)
        report = issuer.push(document_type, file, on_result=lambda _: progress.advance(task))
        progress.update(task, total=len(report))
    _print_report(report)
    return Exit.SUCCESS if report.all_delivered else Exit.FAILURE


def revoke(*, config: AgencyConfigFile, reason: Reason, row_key: RowKey = None, document: DocumentId = None) -> None:
    """Withdraw a document for good. It cannot be undone."""
    with Issuer.from_file(config) as issuer:
        _print_document(issuer.revoke(_document_id(issuer, row_key, document), reason))


def suspend(*, config: AgencyConfigFile, reason: Reason, row_key: RowKey = None, document: DocumentId = None) -> None:
    """Withhold a document until it is resumed."""
    with Issuer.from_file(config) as issuer:
        _print_document(issuer.suspend(_document_id(issuer, row_key, document), reason))


def resume(*, config: AgencyConfigFile, row_key: RowKey = None, document: DocumentId = None) -> None:
    """Let a suspended document stand again."""
    with Issuer.from_file(config) as issuer:
        _print_document(issuer.resume(_document_id(issuer, row_key, document)))


@issuer_app.command
def status(
    *,
    config: AgencyConfigFile,
    row_key: RowKey = None,
    document: DocumentId = None,
    state: Annotated[str | None, Parameter(help="Only active, suspended, superseded or revoked ones.")] = None,
) -> None:
    """Tell the state of one document, or of all that this agency has pushed."""
    with Issuer.from_file(config) as issuer:
        if row_key is not None or document is not None:
            _print_document(issuer.document(_document_id(issuer, row_key, document)))
            return
        table = listing("row key", "document", "type", "version", "state", "changed")
        for each in issuer.documents(state=state):
            table.add_row(
                Text(safe(each.row_key)),
                each.document_id,
                Text(safe(each.document_type)),
                str(each.version),
                each.state,
                local_time(each.changed_at),
            )
    out.print(table)


def _document_id(issuer: Issuer, row_key: str | None, document_id: str | None) -> str:
    if (row_key is None) == (document_id is None):
        raise ConfigurationError("arguments: exactly one of --row-key and --document is needed")
    if document_id is not None:
        return document_id
    found = issuer.find(str(row_key))
    if found is None:
        raise ConfigurationError("row key: this agency has pushed no such row")
    return found.document_id


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    )


def _print_report(report: PushReport) -> None:
    for outcome, (words, style) in _OUTCOMES.items():
        count = report.counts.get(outcome, 0)
        if count:
            out.print(Text.assemble((f"{count:>9,}  ", "bold"), (words, style)))
    undelivered = (result for result in report if result.outcome not in {RowOutcome.STORED, RowOutcome.UNCHANGED})
    for _, result in zip(range(_ROWS_NAMED), undelivered, strict=False):
        out.print(_row(result))
    if not report.all_delivered:
        out.print(Text(f"{report.journal}: mọi dòng · every row", style="dim"))


def _row(result: RowResult) -> Text:
    words, style = _OUTCOMES[result.outcome]
    line = Text.assemble(f"dòng · row {result.row} ", safe(result.row_key), " ", (words, style))
    if result.mismatching_fields:
        line.append(f": {safe(', '.join(result.mismatching_fields))}")
    if result.problem is not None:
        line.append(f": {result.problem.code}\n    {safe(result.problem.message_vi)} {safe(result.problem.message_en)}")
        line.append(f"\n    {safe(result.problem.detail)}", style="dim")
    return line


def _print_document(document: IssuedDocument) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_row("document", document.document_id)
    table.add_row("row key", Text(safe(document.row_key)))
    table.add_row("type", Text(safe(document.document_type)))
    table.add_row("version", str(document.version))
    table.add_row("state", Text(document.state, style="bold"))
    table.add_row("changed", local_time(document.changed_at))
    if document.holder is not None and document.holder.answer is not None:
        table.add_row("holder", Text(safe(document.holder.answer)))
        if document.holder.reason:
            table.add_row("reason", Text(safe(document.holder.reason)))
    out.print(table)
