"""`giayto catalogue fallback` and `fallbacks`: paper is asked for all the same, and what became of the data."""

import sys
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from giayto_crypto import strict_json
from giayto_sdk._requesting.fallbacks import FallbackCase, PaperFallback, PaperFallbacks
from giayto_sdk.cli.arguments import AsJson
from giayto_sdk.cli.json_output import write_json, write_json_array
from giayto_sdk.cli.terminal import local_time, print_entries, print_entry
from giayto_sdk.errors import ConfigurationError

AskerConfigFile = Annotated[
    Path, Parameter(help="Configuration of the agency or of the verifier (TOML).", name=["--config", "-c"])
]
_LARGEST: Final = 64 * 1024


def fallback(
    case: Annotated[Path, Parameter(help="The case as JSON; - reads it from standard input.")],
    /,
    *,
    config: AskerConfigFile,
    as_json: AsJson = False,
) -> None:
    """Record that paper is asked for because data is missing or wrong; a correction is opened.

    The case comes from a file, because it names a person: case_key, document, reason (data_missing or data_wrong),
    subject (kind and id), details, and where they matter procedure, purpose and agency_id. Recording the same case
    again changes nothing.
    """
    read = _read(case)
    with PaperFallbacks.from_file(config) as fallbacks:
        recorded = fallbacks.record(read)
    if as_json:
        write_json(msgspec.to_builtins(recorded))
    else:
        _print(recorded)


def fallbacks(*, config: AskerConfigFile, as_json: AsJson = False) -> None:
    """List the recorded fallbacks with the answers of the agencies, newest first."""
    with PaperFallbacks.from_file(config) as asked:
        if as_json:
            write_json_array(msgspec.to_builtins(each) for each in asked.recorded())
        else:
            print_entries(asked.recorded(), _print)


def _read(file: Path) -> FallbackCase:
    try:
        content = sys.stdin.buffer.read(_LARGEST + 1) if str(file) == "-" else file.read_bytes()
        return msgspec.convert(strict_json.loads(content, max_bytes=_LARGEST), FallbackCase)
    except OSError as error:
        raise ConfigurationError(f"case: {file.name} cannot be read ({error.strerror})") from error
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"case: {error}") from None


def _print(recorded: PaperFallback) -> None:
    answered = f"{recorded.outcome}: {recorded.answer}" if recorded.state == "answered" else "chờ trả lời · open"
    print_entry(
        recorded.case_key,
        f"{recorded.document_type}, {recorded.reason}, {recorded.ticket_id}",
        f"{recorded.owner_agency_id}, trước · before {local_time(recorded.due_at)}",
        answered,
    )
