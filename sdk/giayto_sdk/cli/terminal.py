"""How the command speaks: results on standard output, everything else on standard error, no colour under NO_COLOR."""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from cyclopts import CycloptsError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from giayto_crypto.errors import GiaytoError
from giayto_sdk.errors import ApiError

UNPRINTABLE: Final = "\N{REPLACEMENT CHARACTER}"


class Exit(IntEnum):
    """Exit codes of the command."""

    SUCCESS = 0
    FAILURE = 1
    """Something was refused; for `verify`: the verdict is invalid."""
    UNKNOWN = 2
    """Only of `verify` and `receipt check`: this verifier cannot tell."""
    USAGE = 64
    """Unusable arguments, or a file that cannot be used (EX_USAGE)."""
    SOFTWARE = 70
    """A fault of the command itself (EX_SOFTWARE); never to be taken for a verdict."""
    TEMPORARY = 75
    """The same call may succeed later (EX_TEMPFAIL)."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C."""


out: Final = Console(highlight=False, soft_wrap=True)
err: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def safe(value: object) -> str:
    """Return a value as text that cannot steer a terminal: whoever wrote a document must not write on the screen."""
    return "".join(
        character if character.isprintable() or character == "\n" else UNPRINTABLE for character in str(value)
    )


def say(value: object) -> None:
    """Write one line of output as it is, for people and for programs."""
    out.print(Text(safe(value)))


def print_error(error: GiaytoError) -> None:
    """Tell about an expected error: what it is, for people in both languages and for developers."""
    line = Text.assemble(("error ", "bold red"), (error.code, "bold"))
    err.print(line)
    err.print(Text(f"  {safe(error.message_vi)}"))
    err.print(Text(f"  {safe(error.message_en)}"))
    if error.detail:
        err.print(Text(f"  {safe(error.detail)}", style="dim"))
    if isinstance(error, ApiError) and error.request_id:
        err.print(Text(f"  request {safe(error.request_id)}", style="dim"))


def print_usage_error(error: CycloptsError) -> None:
    """Tell about arguments that cannot be understood."""
    err.print(Text.assemble(("error ", "bold red"), ("usage", "bold"), f"\n  {safe(error)}"))
    err.print(Text("  giayto --help", style="dim"))


def local_time(time: datetime) -> str:
    """Write a time in the time zone of this machine."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def rfc3339(time: datetime) -> str:
    """Write a time for programs."""
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def listing(*headings: str) -> Table:
    """Return an empty table whose cells are never cut short: what is listed is there to be copied."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
