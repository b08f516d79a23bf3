"""`giayto records`: check a source of records, map its columns, write it as NDJSON. Nothing is sent anywhere."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Annotated, Final

from cyclopts import App, Parameter
from rich.text import Text

from giayto_issuers.document_type.loading import load_types
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.encodings.detection import Encoding
from giayto_issuers.mapping.proposing import Proposal, mapping_text, propose
from giayto_issuers.mapping.reading import read_mapping
from giayto_issuers.quality import Dimension, QualityReport, Severity
from giayto_issuers.quality.findings import FindingGroup
from giayto_issuers.quality.html import html_report
from giayto_issuers.sources import RecordSource, open_source
from giayto_issuers.values.times import day_in_vietnam
from giayto_sdk._clock import system_clock
from giayto_sdk._files import new_file
from giayto_sdk._issuing.record_checks import check_records, convert_records
from giayto_sdk.cli.arguments import EncodingName, MappingFile, TypesFolder
from giayto_sdk.cli.records_progress import shown_progress
from giayto_sdk.cli.terminal import Exit, err, out, safe
from giayto_sdk.errors import ConfigurationError

TypeName = Annotated[str, Parameter(name=["--type", "-t"], help="Code or vct, such as health-book.")]
_RANGES_ON_SCREEN: Final = 12

records_app = App(name="records", help="Look at a source of records before it is pushed.")


@records_app.command
def check(
    file: Path,
    /,
    *,
    document_type: TypeName,
    mapping: MappingFile = None,
    encoding: EncodingName = None,
    report: Annotated[Path | None, Parameter(help="Write the report as a page (HTML) into this file.")] = None,
    json_file: Annotated[
        Path | None, Parameter(name="--json", help="Write the report for programs (JSON) into this file.")
    ] = None,
    rows: Annotated[Path | None, Parameter(help="Write every finding, row by row, into this file (CSV).")] = None,
    types: TypesFolder = None,
) -> Exit:
    """Check every row as a push would, and the rows against each other; report by the five words of data quality.

    Reports name rows, columns and classes of values, never a value.

    Exit code: 0 every row can become a document, 1 some cannot, 64 the file is not one of this type or cannot be read.

    Parameters
    ----------
    file
        CSV, NDJSON or XLSX, or a TOML file that names a database and a query.
    """
    known_type = load_types(types)[document_type]
    today = day_in_vietnam(system_clock())
    with (
        _source(file, known_type, mapping, encoding) as source,
        _findings_file(rows) as findings,
        shown_progress("check") as show,
    ):
        found = check_records(known_type, source, today=today, listener=show, findings_file=findings)
    if report is not None:
        with _text_file(report) as page:
            page.writelines(html_report(found, file.name))
    if json_file is not None:
        with _text_file(json_file) as written:
            json.dump(found.members(file.name), written, ensure_ascii=False, indent=2)
    _print_report(found)
    return Exit.SUCCESS if found.is_good else Exit.FAILURE


@records_app.command(name="map")
def propose_mapping(
    file: Path,
    /,
    *,
    document_type: TypeName,
    encoding: EncodingName = None,
    output: Annotated[Path | None, Parameter(help="Write the mapping into this new file; else to the screen.")] = None,
    types: TypesFolder = None,
) -> Exit:
    """Propose a mapping of columns from the header of a file; read it over before you use it.

    Exit code: 0 every mandatory claim has a column, 1 some have none.

    Parameters
    ----------
    file
        CSV or XLSX, or a TOML file that names a database and a query.
    """
    known_type = load_types(types)[document_type]
    with open_source(file, encoding=encoding) as source:
        columns = source.columns
    if columns is None:
        raise ConfigurationError("mapping: the rows of NDJSON name their own columns; there is no header to map")
    proposal = propose(known_type, columns)
    text = mapping_text(known_type, proposal)
    if output is None:
        out.print(Text(safe(text)))
    else:
        with _text_file(output, may_exist=False) as written:
            written.write(text)
    _print_proposal(proposal)
    return Exit.FAILURE if proposal.missing else Exit.SUCCESS


@records_app.command
def convert(
    file: Path,
    /,
    *,
    document_type: TypeName,
    output: Annotated[Path, Parameter(help="NDJSON; readable by its owner alone, for it holds the records.")],
    mapping: MappingFile = None,
    encoding: EncodingName = None,
    types: TypesFolder = None,
) -> Exit:
    """Write the rows that make documents as NDJSON: claims by name, in normal form, ready to be pushed.

    Exit code: 0 all rows were written, 1 some were left out because they make no document (`giayto records check`).

    Parameters
    ----------
    file
        CSV, NDJSON or XLSX, or a TOML file that names a database and a query.
    """
    known_type = load_types(types)[document_type]
    today = day_in_vietnam(system_clock())
    with (
        _source(file, known_type, mapping, encoding) as source,
        _new(output) as written,
        shown_progress("convert") as show,
    ):
        done = convert_records(known_type, source, today=today, listener=show, output=written)
    err.print(f"{done.rows - done.refused:,} dòng đã ghi · rows written; {done.refused:,} bỏ qua · left out")
    return Exit.FAILURE if done.refused else Exit.SUCCESS


@contextmanager
def _source(
    file: Path, document_type: DocumentType, mapping: Path | None, encoding: Encoding | None
) -> Iterator[RecordSource]:
    columns = None if mapping is None else read_mapping(mapping, document_type)
    with open_source(file, mapping=columns, encoding=encoding) as source:
        yield source


@contextmanager
def _new(path: Path, *, may_exist: bool = True) -> Iterator[IO[bytes]]:
    if not may_exist and path.exists():
        raise ConfigurationError(f"file: {path.name} is there already")
    try:
        with new_file(path) as file:
            yield file
    except OSError as error:
        raise ConfigurationError(f"file: {path.name} cannot be written ({error.strerror})") from error


@contextmanager
def _text_file(path: Path, *, may_exist: bool = True) -> Iterator[IO[str]]:
    with _new(path, may_exist=may_exist) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()


@contextmanager
def _findings_file(path: Path | None) -> Iterator[IO[str] | None]:
    if path is None:
        yield None
        return
    with _text_file(path) as file:
        # Spreadsheets take a CSV without this mark for something else than UTF-8.
        file.write("\ufeff")
        yield file


def _print_report(report: QualityReport) -> None:
    refused = len(report.refused)
    out.print(Text(f"{report.rows:>9,}  dòng · rows", style="bold"))
    out.print(Text(f"{report.rows - refused:>9,}  dùng được · accepted", style="green"))
    if refused:
        out.print(Text(f"{refused:>9,}  có lỗi · refused", style="red"))
    for dimension in Dimension:
        errors, warnings = len(report.tally.errors[dimension]), len(report.tally.warnings[dimension])
        if errors or warnings:
            counts = f"{errors:,} lỗi · errors, {warnings:,} cần xem lại · to be looked at"
            out.print(Text(f"{'':>11}{dimension.names.vi} · {dimension.names.en}: {counts}"))
    for group in report.groups:
        out.print(_finding_text(group))


def _finding_text(group: FindingGroup) -> Text:
    style = "red" if group.severity is Severity.ERROR else "yellow"
    severity, names = group.severity.names, group.dimension.names
    column = f" {group.column}" if group.column else ""
    label = f"{severity.vi} · {severity.en}, {names.vi} · {names.en}"
    text = Text.assemble("\n", (label, style), safe(f":{column} ({len(group.rows):,}) "))
    ranges = group.rows.range_texts()
    shown = [text_of_range for _, text_of_range in zip(range(_RANGES_ON_SCREEN), ranges, strict=False)]
    text.append(", ".join(shown) + (", …" if next(ranges, None) else ""))
    text.append(safe(f"\n    cần {group.expected.vi}\n    expected {group.expected.en}"))
    return text


def _print_proposal(proposal: Proposal) -> None:
    counts = (len(proposal.certain), len(proposal.likely), len(proposal.unmatched), len(proposal.missing))
    err.print(
        "{} khớp · matched, {} phỏng đoán · guesses, {} cột thừa · columns left, {} thiếu · missing".format(*counts)
    )
