"""`python -m giayto_wallet_api.sandbox`: the whole product once on this machine, then the wallet API to play with.

Exit code 0 when every step gave what it must, 1 otherwise, 2 for unusable arguments, 130 when interrupted half-way.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.app import create_app
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.sandbox.folder import DEFAULTS, FolderError, PlanRequest, SandboxFolder
from giayto_wallet_api.sandbox.loop import Loop
from giayto_wallet_api.sandbox.preparation import prepare
from giayto_wallet_api.sandbox.server import serving, take_port
from giayto_wallet_api.sandbox.story import Story
from giayto_wallet_api.sandbox.try_next import serve_again, suggestions
from giayto_wallet_api.settings import SettingsError
from giayto_wallet_api.structured_logs import configure_logging

_FEWEST_PEOPLE = 12  # among fewer there may not be an adult for each phone
_MOST_PEOPLE = 100_000
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped by a supervisor: as tidy as by Ctrl-C
    story = Story(Console())
    try:
        _run(options, story)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except GiaytoError as error:
        story.failure(error)
        return 1
    except SettingsError as error:
        story.failure(FolderError(f"{options.folder}: {error}; start over with --fresh"))
        return 1
    except OSError as error:
        story.failure(FolderError(f"{options.folder}: {error.strerror or error}"))
        return 1
    return 0


def _run(options: argparse.Namespace, story: Story) -> None:
    folder = SandboxFolder(options.folder)
    request = PlanRequest(port=options.port, seed=options.seed, people=options.people)
    # The port first: a sandbox that is being served must not be discarded under its server.
    listener = take_port(_port(folder, request, options.fresh))
    with listener:
        if options.fresh:
            folder.discard()
        now = system_clock()
        plan = folder.open(request, now.date())
        story.title(f"giayto sandbox in {folder.root}")
        sandbox = prepare(folder, plan, now=now)
        with _logging_to(folder.server_log), serving(create_app(sandbox.settings), listener):
            shown = Loop(sandbox, story).run()
            suggested = tuple(suggestions(sandbox, shown))
            if options.once:
                story.suggestions("Try next, with no server", (each for each in suggested if not each.needs_server))
                story.suggestions("Push, revoke and show more", (serve_again(folder),))
            else:
                story.suggestions("Try next, in another terminal", suggested)
                story.serving(plan.base_url)
                _wait_for_ctrl_c()


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    with path.open("a", encoding="utf-8") as file:
        configure_logging(file=file)
        yield


def _port(folder: SandboxFolder, request: PlanRequest, fresh: bool) -> int:
    if fresh:
        return request.port or DEFAULTS.port
    return folder.planned_port(request)


def _wait_for_ctrl_c() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m giayto_wallet_api.sandbox",
        description="Make up people, let three agencies push documents, show one as a QR, check it, and serve the API.",
    )
    parser.add_argument("--once", action="store_true", help="stop after the loop instead of serving on")
    parser.add_argument("--fresh", action="store_true", help="throw the sandbox in the folder away first")
    parser.add_argument("--folder", type=Path, default=Path(".sandbox"), help="where everything is kept (.sandbox)")
    parser.add_argument("--port", type=_port_number, help=f"of 127.0.0.1 ({DEFAULTS.port})")
    parser.add_argument("--people", type=_people_number, help=f"how many are made up ({DEFAULTS.people})")
    parser.add_argument("--seed", type=int, help="another seed, other people")
    return parser


def _port_number(text: str) -> int:
    return _integer_between(text, 1, 65_535)


def _people_number(text: str) -> int:
    return _integer_between(text, _FEWEST_PEOPLE, _MOST_PEOPLE)


def _integer_between(text: str, low: int, high: int) -> int:
    if text.isascii() and text.isdecimal() and low <= int(text) <= high:
        return int(text)
    raise argparse.ArgumentTypeError(f"a number from {low} to {high} is expected")


if __name__ == "__main__":
    sys.exit(main())
