"""`giayto type`: write, check, look at document types, and make from them what other systems need."""

from pathlib import Path
from re import compile as compile_pattern
from typing import Annotated, Any, Final

import msgspec
from cyclopts import App, Parameter
from rich.text import Text

from giayto_issuers.document_type.loading import TYPE_FILE, check_folders, load_type, load_types
from giayto_issuers.document_type.mistake_codes import advice
from giayto_issuers.document_type.model import Claim, DocumentType
from giayto_issuers.document_type.page import INDEX, index, page, validity_in_words
from giayto_issuers.document_type.scaffold import new_type
from giayto_issuers.document_type.type_format import type_format_schema
from giayto_issuers.errors import TypeMistake
from giayto_issuers.subjects import SubjectKind
from giayto_sdk._files import write_atomically
from giayto_sdk.cli.arguments import AsJson, TypesFolder
from giayto_sdk.cli.json_output import write_json
from giayto_sdk.cli.terminal import Exit, err, out, print_entries, print_entry, print_mistake, safe
from giayto_sdk.cli.type_export import ExportFormat, export_type, write_export
from giayto_sdk.errors import ConfigurationError

type_app = App(name="type", help="Document types: check a folder, begin a new one, and export what follows from it.")

_CODE: Final = compile_pattern(r"[a-z0-9]+(-[a-z0-9]+)*")
_AGENCY: Final = compile_pattern(r"[A-Z]\d\d(\.\d{1,3}){0,3}")


@type_app.command
def check(folder: Path, /, *folders: Path, as_json: AsJson = False) -> Exit:
    """Say everything that is wrong with document types: file, line, place, reason and what to do.

    Parameters
    ----------
    folder
        Of a type, which holds type.toml, or of several types.
    """
    checked = check_folders((folder, *folders))
    if as_json:
        found = [_mistake(mistake) for mistake in checked.mistakes]
        write_json({"checked": [str(one) for one in checked.folders], "mistakes": found})
    else:
        for mistake in checked.mistakes:
            print_mistake(mistake)
        _print_counts(len(checked.folders), len(checked.mistakes))
    return Exit.FAILURE if checked.mistakes else Exit.SUCCESS


@type_app.command(name="list")
def list_types(*, types: TypesFolder = None, as_json: AsJson = False) -> None:
    """List the document types: those that come with giayto, and those of a folder."""
    known = sorted(load_types(types), key=lambda one: (one.code, one.version))
    if as_json:
        write_json([_summary(one) for one in known])
        return
    print_entries(known, lambda one: print_entry(one.code, f"{one.titles.vi} · {one.titles.en}", one.vct))


@type_app.command
def show(code: str, /, *, types: TypesFolder = None, as_json: AsJson = False) -> None:
    """Show one document type: whom it is about, how long it is good, and its claims.

    Parameters
    ----------
    code
        Code or vct of the type.
    """
    document_type = load_types(types)[code]
    if as_json:
        write_json(document_type.type_metadata())
    else:
        _print_type(document_type)


@type_app.command
def new(
    code: str,
    /,
    *,
    holder: Annotated[SubjectKind, Parameter(help="Whom its documents are about.")] = "person",
    agency: Annotated[str, Parameter(help="Agency that issues it, such as G18 or H26.12.")],
    folder: Annotated[Path, Parameter(name="--in", help="Where the folder of the type is made.")] = Path(),
) -> None:
    """Begin a new document type: a folder with a type.toml that passes every check.

    Parameters
    ----------
    code
        Of the type: small letters, digits and hyphens. It names the folder.
    """
    if not _CODE.fullmatch(code):
        raise ConfigurationError("code: small letters, digits and single hyphens are expected, such as library-card")
    if not _AGENCY.fullmatch(agency):
        raise ConfigurationError("--agency: an agency identifier such as G18 or H26.12 is expected")
    file = folder / code / TYPE_FILE
    if file.exists():
        raise ConfigurationError(f"{file}: is there already")
    _write(file, new_type(code, holder_kind=holder, agency=agency).encode("utf-8"))
    load_type(file.parent)
    err.print(Text(safe(file)))


@type_app.command
def export(
    code: str,
    /,
    *,
    form: Annotated[ExportFormat, Parameter(name="--as", help="What to make of the type.")],
    output: Annotated[Path | None, Parameter(name=["--out", "-o"], help="A file; standard output otherwise.")] = None,
    types: TypesFolder = None,
) -> None:
    """Make something from a document type for another system.

    json-schema: of its claims. metadata: SD-JWT VC type metadata. openid4vci: credential configuration. csv, xlsx: an
    empty table to fill in. markdown: its page.

    Parameters
    ----------
    code
        Code or vct of the type.
    """
    content = export_type(load_types(types)[code], form)
    if output is not None:
        _write(output, content)
    else:
        write_export(content, form)


@type_app.command
def schema() -> None:
    """Print the JSON Schema of type.toml, for editors that complete and check while one types."""
    write_json(type_format_schema())


@type_app.command
def pages(folder: Path, /, *, types: TypesFolder = None) -> None:
    """Write a Markdown page for every document type, and a list of them.

    Parameters
    ----------
    folder
        Where the pages are written.
    """
    known = load_types(types)
    for document_type in known:
        _write(folder / f"{document_type.code}.md", page(document_type).encode("utf-8"))
    _write(folder / INDEX, index(known).encode("utf-8"))


def _print_counts(types: int, mistakes: int) -> None:
    in_english = f"{types} document type{'s' * (types != 1)}, {mistakes} mistake{'s' * (mistakes != 1)}"
    err.print(Text(f"{types} loại giấy tờ, {mistakes} lỗi · {in_english}"))


def _mistake(mistake: TypeMistake) -> dict[str, Any]:
    return {
        "file": mistake.file,
        "line": mistake.line,
        "place": mistake.path,
        "code": mistake.code,
        "reason": msgspec.to_builtins(mistake.reason),
        "what_to_do": msgspec.to_builtins(advice(mistake.code)),
    }


def _summary(document_type: DocumentType) -> dict[str, Any]:
    return {
        "code": document_type.code,
        "version": document_type.version,
        "vct": document_type.vct,
        "holder_kind": document_type.holder_kind,
        "titles": {"vi": document_type.titles.vi, "en": document_type.titles.en},
    }


def _print_type(document_type: DocumentType) -> None:
    print_entry(
        f"{document_type.titles.vi} · {document_type.titles.en}",
        document_type.vct,
        document_type.description.vi,
        document_type.description.en,
        f"{document_type.holder_kind}, {validity_in_words(document_type.validity)}",
        f"{', '.join(document_type.agencies)}",
    )
    out.print()
    for claim in document_type.claims:
        _print_claim(claim, 0)


def _print_claim(claim: Claim, depth: int) -> None:
    marks = "*" * claim.mandatory
    line = f"{'  ' * depth}{claim.name}{marks}  {claim.label.vi} · {claim.label.en}"
    out.print(Text(safe(line), style="bold" if claim.mandatory else ""))
    for field in claim.fields:
        _print_claim(field, depth + 1)


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        raise ConfigurationError(f"file: {path.name} cannot be written ({error.strerror})") from error
