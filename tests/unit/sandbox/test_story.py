"""What the sandbox tells: nothing of it is taken for markup, and a QR is drawn whole or not at all."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from giayto_sdk import Presentation
from giayto_sdk._pictures.drawing import draw_qr
from giayto_wallet_api.sandbox.folder import FolderError
from giayto_wallet_api.sandbox.story import STEPS, Story, Suggestion


def _told(*, terminal: bool = False, width: int = 80) -> tuple[Story, StringIO]:
    file = StringIO()
    return Story(Console(file=file, force_terminal=terminal, width=width, color_system=None)), file


def _presentation() -> Presentation:
    return Presentation("sd-jwt", "GT1:" + "A" * 300, draw_qr("GT1:" + "A" * 300))


def test_steps_are_numbered_and_named_in_both_languages() -> None:
    story, file = _told()
    for number in range(1, len(STEPS) + 1):
        story.step(number)
    lines = [line for line in file.getvalue().splitlines() if line]
    assert lines[0] == "[1/12] Record  Bản ghi nguồn"
    assert lines[-1].startswith("[12/12] ")


def test_text_is_not_markup() -> None:
    story, file = _told()
    story.fact("[red]not red[/red]")
    story.table(["A", "[b]B"], [["[bold]x", "1"]])
    assert "[red]not red[/red]" in file.getvalue()
    assert "[bold]x" in file.getvalue()
    assert "[b]B" in file.getvalue()


def test_a_qr_is_drawn_whole_into_a_file_whatever_its_width() -> None:
    story, file = _told(width=20)
    story.qr(_presentation())
    assert file.getvalue().rstrip("\n") == _presentation().terminal()


def test_a_narrow_terminal_gets_no_torn_qr() -> None:
    story, file = _told(terminal=True, width=40)
    story.qr(_presentation())
    assert "█" not in file.getvalue()
    assert "40 columns wide" in file.getvalue()


def test_a_wide_terminal_gets_it_in_colours_of_its_own() -> None:
    story, file = _told(terminal=True, width=200)
    story.qr(_presentation())
    assert _presentation().terminal(colour=True) in file.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_a_command_is_one_line_however_long(terminal: bool) -> None:
    story, file = _told(terminal=terminal, width=40)
    command = "giayto " + "x" * 300
    story.suggestions("Try", [Suggestion("something", command, needs_server=False)])
    assert f"  {command}\n" in file.getvalue()


def test_a_failure_is_told_in_both_languages_with_its_detail() -> None:
    story, file = _told(width=200)
    story.failure(FolderError(f"{Path('x')}: holds something"))
    assert FolderError.message_vi in file.getvalue()
    assert FolderError.message_en in file.getvalue()
    assert "sandbox_folder_unusable: x: holds something" in file.getvalue()
