"""What the sandbox tells while it runs: numbered steps, facts, a QR, verdicts, and what to try next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from giayto_crypto.errors import GiaytoError
from giayto_sdk import HostedVerdict, Presentation, Verdict
from giayto_sdk.cli.verdict_panel import verdict_panel

_INDENT = (0, 0, 0, 6)
_COLOURS = {"valid": "green", "invalid": "red", "unknown": "yellow"}
_QUIET_MODULES = 8
"""White on both sides of a drawn QR."""
_WIDTH_OF_FILES = 110
"""Columns where the story goes into a file or a pipe instead of a terminal."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a document's life, by number, with its name in English and Vietnamese."""

    number: int
    name: str
    name_vi: str


STEPS = (
    Step(1, "Record", "Bản ghi nguồn"),
    Step(2, "Match", "Đối khớp"),
    Step(3, "Intent", "Ghi trước khi ký"),
    Step(4, "Sign", "Ký số"),
    Step(5, "Push", "Đẩy vào ví"),
    Step(6, "Confirm", "Xác nhận tích hợp"),
    Step(7, "Show", "Xuất trình"),
    Step(8, "Check", "Kiểm tra"),
    Step(9, "Change", "Thay đổi trạng thái"),
    Step(10, "Deposit", "Gửi bản ghi, ký thay"),
    Step(11, "Fetch", "Nhận giấy tờ (OpenID4VCI)"),
    Step(12, "Ask", "Hỏi và trả lời (OpenID4VP)"),
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a command does, the command, and whether the wallet API must be serving for it."""

    purpose: str
    command: str
    needs_server: bool


class Story:
    """Writes to one console. Values come from signed or generated data and are printed as they are, never as markup."""

    def __init__(self, console: Console) -> None:
        self._console = console
        if not console.is_terminal:
            console.width = _WIDTH_OF_FILES

    def title(self, text: str) -> None:
        """Begin."""
        self._console.print(Text(text, style="bold"))

    def step(self, number: int) -> None:
        """Announce step `number`, from 1."""
        step = STEPS[number - 1]
        heading = Text.assemble(
            (f"[{step.number}/{len(STEPS)}] ", "bold cyan"), (step.name, "bold"), (f"  {step.name_vi}", "dim")
        )
        self._console.print()
        self._console.print(heading)

    def fact(self, text: str) -> None:
        """Say one thing that happened."""
        self._indented(Text(text))

    def warning(self, text: str) -> None:
        """Say one thing that was refused, as it should be."""
        self._indented(Text(text, style="yellow"))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Show rows under headings; a column of numbers is flush right."""
        kept = list(rows)
        table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
        for column, cells in zip(columns, zip(*kept, strict=True), strict=True):
            justify: JustifyMethod = "right" if all(cell.isdecimal() for cell in cells) else "left"
            table.add_column(Text(column), justify=justify, overflow="fold")
        for row in kept:
            table.add_row(*map(Text, row))
        self._indented(table)

    def qr(self, presentation: Presentation) -> None:
        """Draw a QR, unless the terminal is too narrow to show it whole."""
        needed = presentation.qr_modules + _QUIET_MODULES
        if self._console.is_terminal and self._console.width < needed:
            self.fact(f"(the terminal is {self._console.width} columns wide, the QR needs {needed}: see the picture)")
            return
        self._console.file.write(presentation.terminal(colour=self._console.is_terminal) + "\n")
        self._console.file.flush()

    def verdict(self, verdict: Verdict) -> None:
        """Show a verdict as `giayto verify` does."""
        self._indented(verdict_panel(verdict))

    def outcome(self, what: str, verdict: Verdict | HostedVerdict) -> None:
        """Say in one line what a check gave."""
        line = Text(f"{what}: ")
        line.append(verdict.outcome, style=f"bold {_COLOURS[verdict.outcome]}")
        if verdict.reasons:
            line.append(f" ({', '.join(verdict.reasons)})")
        self._indented(line)

    def suggestions(self, heading: str, suggestions: Iterable[Suggestion]) -> None:
        """List what a newcomer can try: what it does, and the command, which can be copied whole."""
        self._console.print()
        self._console.print(Text(heading, style="bold"))
        for suggestion in suggestions:
            self._console.print(Text(f"  # {suggestion.purpose}", style="dim"))
            # Never broken into lines of the terminal's width: what is copied must work.
            self._console.print(Text(f"  {suggestion.command}"), soft_wrap=True)

    def serving(self, base_url: str) -> None:
        """Say where the API answers."""
        self._console.print()
        self._console.print(
            Text.assemble("The wallet API serves ", (base_url, "bold"), f"  (try it at {base_url}/schema)")
        )
        catalogue = f"{base_url}/public/v1/catalogue"
        self._console.print(Text(f"What nobody may ask for on paper: {catalogue}"))
        self._console.print(Text("Ctrl-C stops it; everything stays in the folder.", style="dim"))

    def _indented(self, what: RenderableType) -> None:
        self._console.print(Padding(what, _INDENT, expand=False))

    def failure(self, error: GiaytoError) -> None:
        """Say what went wrong: for people in both languages, then the detail for developers."""
        self._console.print()
        self._console.print(Text(f"✗ {error.message_vi} / {error.message_en}", style="bold red"))
        self._console.print(Text(f"  {error}"))
