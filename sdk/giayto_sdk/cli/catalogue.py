"""`giayto catalogue`: publish, show, compare and check editions, and ask whether a paper may be asked for."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from cyclopts import App, Parameter
from rich.text import Text

from giayto_crypto.catalogue_edition import CatalogueEdition, EditionDifference, EditionEntry
from giayto_crypto.errors import CertificateError, MalformedError, SignatureInvalidError
from giayto_sdk._checking.catalogue import Catalogue
from giayto_sdk.cli.arguments import AnchorFile, AsJson, read_day
from giayto_sdk.cli.fallback import fallback, fallbacks
from giayto_sdk.cli.json_output import write_json
from giayto_sdk.cli.terminal import Exit, err, local_time, out, print_entries, print_entry, print_error, safe
from giayto_sdk.errors import ConfigurationError
from giayto_verifiers.paper_rule import MayAsk

catalogue_app = App(name="catalogue", help="What may not be asked for on paper: publish, show, compare, check, ask.")
catalogue_app.command(fallback)
catalogue_app.command(fallbacks)

_OPERATOR_COMMAND: Final = "giayto-wallet-api"
Source = Annotated[str, Parameter(help="A signed edition: a file, its URL, or the base URL of the wallet backend.")]


@catalogue_app.command
def show(source: Source, /, *, anchor: AnchorFile, as_json: AsJson = False) -> None:
    """Check an edition's signature and tell what it holds."""
    edition = _open(source, anchor).edition
    if as_json:
        write_json({"edition_id": edition.edition_id, **msgspec.to_builtins(edition)})
        return
    _print_heading(edition)
    print_entries(edition.entries, _print_document)


@catalogue_app.command
def verify(source: Source, /, *, anchor: AnchorFile, as_json: AsJson = False) -> Exit:
    """Check that an edition was signed for the catalogue, up to the pinned root.

    Exit code: 0 authentic, 1 not, 64 unusable arguments or an unreadable file.
    """
    try:
        edition = _open(source, anchor).edition
    except (CertificateError, MalformedError, SignatureInvalidError) as error:
        if as_json:
            write_json({"authentic": False, "code": error.code})
        print_error(error)
        return Exit.FAILURE
    if as_json:
        write_json({"authentic": True, "edition_id": edition.edition_id, "documents": len(edition.entries)})
    else:
        _print_heading(edition)
    return Exit.SUCCESS


@catalogue_app.command
def diff(older: Source, newer: Source, /, *, anchor: AnchorFile, as_json: AsJson = False) -> None:
    """Tell what a newer edition adds, removes and changes."""
    found = _open(newer, anchor).changes_since(_open(older, anchor))
    if as_json:
        write_json(msgspec.to_builtins(found))
    else:
        _print_difference(found)


@catalogue_app.command(name="may-ask")
def may_ask(
    document: Annotated[str, Parameter(help="Code, such as birth-certificate, or vct.")],
    /,
    *,
    catalogue: Source,
    anchor: AnchorFile,
    procedure: Annotated[str | None, Parameter(help="Code, such as 1.000894.")] = None,
    purpose: Annotated[str | None, Parameter(help="Code of one of the document's purposes.")] = None,
    on: Annotated[str | None, Parameter(name="--date", help="YYYY-MM-DD; today in Vietnam by default.")] = None,
    as_json: AsJson = False,
) -> Exit:
    """Answer whether a paper may still be asked for.

    Exit code: 0 it may, 1 it may not, 64 unusable arguments or a document that the catalogue does not know.
    """
    day = None if on is None else read_day(on)
    answer = _open(catalogue, anchor).may_ask(document, procedure, on=day, purpose=purpose)
    if as_json:
        write_json(msgspec.to_builtins(answer))
    else:
        _print_answer(answer)
    return Exit.SUCCESS if answer.may_ask else Exit.FAILURE


@catalogue_app.command
def publish(
    *,
    month: Annotated[str, Parameter(help="YYYY-MM: this month or the next.")],
    correction: Annotated[str | None, Parameter(help="Correct the month's edition; everybody reads the note.")] = None,
    as_json: AsJson = False,
) -> int:
    """Freeze and sign the edition of a month, on the machine of the wallet backend.

    It is what `giayto-wallet-api catalogue publish` does, under the same settings (GIAYTO_BASE_URL and so on), and ends
    with its exit code: 0 published, 1 refused, 64 unusable settings.
    """
    command = Path(sys.executable).with_name(_OPERATOR_COMMAND)
    if not command.exists():
        raise ConfigurationError(f"publish: {_OPERATOR_COMMAND} is not installed here; it holds the catalogue's key")
    arguments = ["catalogue", "publish", "--month", month]
    arguments += [] if correction is None else [f"--correction={correction}"]
    ended = subprocess.run([command, *arguments, *(["--json"] if as_json else [])], check=False)  # noqa: S603
    return Exit(ended.returncode) if ended.returncode in set(Exit) else Exit.FAILURE


def _open(source: str, anchor: Path) -> Catalogue:
    if source.startswith(("https://", "http://")):
        catalogue = Catalogue(anchor=anchor, refresh_from=source)
        catalogue.close()
        return catalogue
    return Catalogue(source, anchor=anchor)


def _print_heading(edition: CatalogueEdition) -> None:
    out.print(Text(f"Kỳ công bố · edition {edition.edition_id}", style="bold"))
    out.print(Text(f"Công bố · issued   {local_time(edition.issued_at)}"))
    out.print(Text(f"Giấy tờ · documents {len(edition.entries)}"))
    if edition.correction_note:
        out.print(Text(f"Đính chính · correction: {safe(edition.correction_note)}"))


def _print_document(entry: EditionEntry) -> None:
    since = "" if entry.since is None else f" {entry.since}"
    print_entry(
        entry.vct,
        f"{entry.titles.vi} · {entry.titles.en}",
        f"{entry.owner.agency_id}, {entry.holder_kind}, {entry.stage}{since}, demand: {entry.demand}",
    )


def _print_difference(found: EditionDifference) -> None:
    out.print(Text(f"{found.older} → {found.newer}", style="bold"))
    for sign, entries in (("+", found.added), ("-", found.removed)):
        for entry in entries:
            print_entry(f"{sign} {entry.vct}", f"{entry.titles.vi} · {entry.titles.en}")
    for change in found.changed:
        print_entry(f"~ {change.vct}", *(f"{each.field}: {_short(each.before)} → {_short(each.after)}"
                                         for each in change.fields))  # fmt: skip
    if found.is_empty:
        err.print("Hai kỳ giống nhau. · Both editions say the same.")


def _short(value: Any) -> str:
    return msgspec.json.encode(value).decode() if not isinstance(value, str) else value


def _print_answer(answer: MayAsk) -> None:
    out.print(Text("Được · yes" if answer.may_ask else "Không · no", style="bold yellow" if answer.may_ask else "bold"))
    out.print(Text(f"{answer.message.vi}\n{answer.message.en}"))
    if answer.show_from_wallet == "for_purposes":
        out.print(Text("Mục đích · purposes: " + ", ".join(each.code for each in answer.purposes)))
    for ground in answer.legal_basis:
        print_entry(ground.reference, ground.source_note)
    out.print(Text(f"{answer.edition}, {answer.on}, {answer.reason}", style="dim"))
