"""`giayto revoke`, `suspend`, `resume` and `issuer status`: what an agency decides about one document."""

from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from giayto_sdk._issuing.api import IssuedDocument
from giayto_sdk._issuing.issuer import Issuer
from giayto_sdk.cli.arguments import AgencyConfigFile, AsJson
from giayto_sdk.cli.json_output import write_json, write_json_array
from giayto_sdk.cli.terminal import local_time, print_entries, print_entry
from giayto_sdk.errors import ConfigurationError

RowKey = Annotated[str | None, Parameter(help="The agency's own key of the row.")]
DocumentId = Annotated[str | None, Parameter(name="--document", help="The wallet backend's name of the document.")]
Reason = Annotated[str, Parameter(help="For the audit log; no personal data.")]

issuer_app = App(name="issuer", help="Look at what an agency has pushed.")


def revoke(*, config: AgencyConfigFile, reason: Reason, row_key: RowKey = None, document: DocumentId = None) -> None:
    """Withdraw a document for good. It cannot be undone."""
    with Issuer.from_file(config) as issuer:
        _print_document(issuer.revoke(_document_id(issuer, row_key, document), reason))


def suspend(*, config: AgencyConfigFile, reason: Reason, row_key: RowKey = None, document: DocumentId = None) -> None:
    """Withhold a document until it is resumed."""
    with Issuer.from_file(config) as issuer:
        _print_document(issuer.suspend(_document_id(issuer, row_key, document), reason))


@issuer_app.command
def consume(*, config: AgencyConfigFile, row_key: RowKey = None, document: DocumentId = None) -> None:
    """Mark a document that is good for one use, such as a re-examination slip, as used."""
    with Issuer.from_file(config) as issuer:
        _print_document(issuer.consume(_document_id(issuer, row_key, document)))


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
    state: Annotated[str | None, Parameter(help="Only in this state, such as active or consumed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell the state of one document, or of all that this agency has pushed."""
    with Issuer.from_file(config) as issuer:
        if row_key is not None or document is not None:
            one = issuer.document(_document_id(issuer, row_key, document))
            if as_json:
                write_json(msgspec.to_builtins(one))
            else:
                _print_document(one)
        elif as_json:
            write_json_array(map(msgspec.to_builtins, issuer.documents(state=state)))
        else:
            print_entries(issuer.documents(state=state), _print_document)


def _document_id(issuer: Issuer, row_key: str | None, document_id: str | None) -> str:
    if (row_key is None) == (document_id is None):
        raise ConfigurationError("arguments: exactly one of --row-key and --document is needed")
    if document_id is not None:
        return document_id
    found = issuer.find(str(row_key))
    if found is None:
        raise ConfigurationError("row key: this agency has pushed no such row")
    return found.document_id


def _print_document(document: IssuedDocument) -> None:
    details = [
        ("row key", document.row_key),
        ("type", document.document_type),
        ("version", document.version),
        ("state", document.state),
        ("changed", local_time(document.changed_at)),
    ]
    if document.holder is not None and document.holder.answer is not None:
        details.append(("holder", document.holder.answer))
        if document.holder.reason:
            details.append(("reason", document.holder.reason))
    print_entry(document.document_id, *(f"{name:<8} {value}" for name, value in details))
