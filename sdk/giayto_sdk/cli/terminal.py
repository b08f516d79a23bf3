"""How the command speaks: results on standard output, everything else on standard error, no colour under NO_COLOR."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import IntEnum
from textwrap import indent
from typing import Final, TypeVar

from cyclopts import CycloptsError
from rich.console import Console, RenderableType
from rich.text import Text

from giayto_crypto.errors import GiaytoError
from giayto_issuers.document_type.mistake_codes import advice
from giayto_issuers.errors import MistakesError, TypeMistake
from giayto_sdk.errors import ApiError

Item = TypeVar("Item")
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
    """Stopped by Ctrl-C, or because nobody reads the output any more."""


class _Terminal(Console):
    def on_broken_pipe(self) -> None:
        # rich would end the process with 1, which of `verify` is a verdict.
        if not self.stderr:
            raise BrokenPipeError
        self.quiet = True


out: Final = _Terminal(highlight=False, soft_wrap=True)
err: Final = _Terminal(stderr=True, highlight=False, soft_wrap=True)


def safe(value: object) -> str:
    """Return a value as text that cannot steer a terminal: whoever wrote a document must not write on the screen."""
    return "".join(
        character if character.isprintable() or character == "\n" else UNPRINTABLE for character in str(value)
    )


def say(value: object) -> None:
    """Write one line of output as it is, for people and for programs."""
    out.print(Text(safe(value)))


def show_panel(panel: RenderableType) -> None:
    """Write a panel or table for people, its text broken over as many lines as it takes: nothing of it is cut off."""
    out.print(panel, soft_wrap=False)


def print_error(error: GiaytoError) -> None:
    """Tell about an expected error: what it is, for people in both languages and for developers."""
    line = Text.assemble(("error ", "bold red"), (error.code, "bold"))
    err.print(line)
    err.print(Text(f"  {safe(error.message_vi)}"))
    err.print(Text(f"  {safe(error.message_en)}"))
    if isinstance(error, MistakesError):
        for mistake in error.mistakes:
            print_mistake(mistake, err)
    elif error.detail:
        err.print(Text(indent(safe(error.detail), "  "), style="dim"))
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


def print_mistake(mistake: TypeMistake, console: Console = out) -> None:
    """Write a mistake of a file that a clerk wrote: where, what is wrong in both languages, and what to do about it."""
    what_to_do = advice(mistake.code)
    place = f"{mistake.path}: " if mistake.path else ""
    reason = f"{place}{mistake.reason.vi} · {mistake.reason.en}"
    print_entry(mistake.place, reason, f"{what_to_do.vi} · {what_to_do.en} [{mistake.code}]", console=console)


def print_entry(name: object, *details: object, console: Console = out) -> None:
    """Write one entry of a list: its name on a line of its own, and below it what there is to say.

    No line is cut or broken to fit the terminal: names, types and addresses are there to be copied.
    """
    console.print(Text(safe(name), style="bold"))
    for detail in details:
        console.print(Text(f"  {safe(detail)}"))


def print_entries(items: Iterable[Item], show: Callable[[Item], None]) -> None:
    """Write a list entry by entry, as they come; an empty one is said to be empty, on standard error."""
    is_empty = True
    for item in items:
        is_empty = False
        show(item)
    if is_empty:
        err.print("Danh sách trống. · The list is empty.")
