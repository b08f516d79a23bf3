"""The progress of working through a source: share, rows, rows a second, time left, rows refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from giayto_sdk._issuing.record_checks import Listener
from giayto_sdk._issuing.record_checks import Progress as Done
from giayto_sdk.cli.terminal import err

_BETWEEN_UPDATES: Final = 0.1


class _Rows(ProgressColumn):
    def render(self, task: Task) -> Text:
        rows, refused = task.fields["rows"], task.fields["refused"]
        rate = rows / task.elapsed if task.elapsed else 0.0
        text = Text(f"{rows:,} dòng · rows  {rate:,.0f}/s")
        if refused:
            text.append(f"  {refused:,} lỗi · refused", style="red")
        return text


@contextmanager
def shown_progress(what: str) -> Iterator[Listener]:
    """Show a bar on standard error as long as it is a terminal; yields what is to be told of every row."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        _Rows(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    shown_at = 0.0
    with bar:
        task = bar.add_task(what, total=None, rows=0, refused=0)

        def show(done: Done) -> None:
            nonlocal shown_at
            # Ten times a second is enough for people, and costs nothing.
            if monotonic() - shown_at < _BETWEEN_UPDATES:
                return
            shown_at = monotonic()
            total = None if done.share is None else 1.0
            bar.update(task, total=total, completed=done.share or 0.0, rows=done.rows, refused=done.refused)

        yield show
