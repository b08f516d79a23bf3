"""The root of the `giayto` command: its parts, and how each call ends."""

import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from cyclopts import App, CycloptsError
from stamina.instrumentation import set_on_retry_hooks

from giayto_crypto import engines
from giayto_crypto.engines import EngineMissingError, EngineUnknownError
from giayto_crypto.errors import GiaytoError
from giayto_sdk._version import VERSION
from giayto_sdk.cli.bundle import bundle_app
from giayto_sdk.cli.catalogue import catalogue_app
from giayto_sdk.cli.depositing import deposit, offer, withdraw
from giayto_sdk.cli.hosted_signing import hosted_signing_app
from giayto_sdk.cli.issuing import resume, revoke, suspend
from giayto_sdk.cli.job import job_app
from giayto_sdk.cli.pushing import push
from giayto_sdk.cli.qr import qr_app
from giayto_sdk.cli.receipt import receipt_app
from giayto_sdk.cli.records import records_app
from giayto_sdk.cli.request import request
from giayto_sdk.cli.signing_work import issuer_app
from giayto_sdk.cli.terminal import Exit, err, print_error, print_usage_error
from giayto_sdk.cli.type import type_app
from giayto_sdk.cli.verify import verify
from giayto_sdk.cli.wallet import wallet_app
from giayto_sdk.cli.wallet_answer import answer, history
from giayto_sdk.cli.wallet_offers import add_offer_commands
from giayto_sdk.errors import (
    ConfigurationError,
    DocumentTypeError,
    MissingLibraryError,
    NotSignableError,
    PictureError,
    RequestNotFoundError,
    SourceError,
    UnknownDocumentTypeError,
    WalletDeclinedError,
)

# A NotSignableError that ends a call says that this agency can sign nothing of this type: no row was looked at.
_UNUSABLE_ARGUMENTS: Final = (
    EngineMissingError,
    EngineUnknownError,
    ConfigurationError,
    DocumentTypeError,
    MissingLibraryError,
    NotSignableError,
    PictureError,
    SourceError,
    UnknownDocumentTypeError,
)

ENGINE_VARIABLE: Final = "GIAYTO_ENGINE"
"""Names the library that signs and verifies: see `giayto_crypto.engines`."""

app = App(
    name="giayto",
    help="Signed documents: push them, hold them, check them.",
    version=VERSION,
    help_epilogue="Errors go to standard error. NO_COLOR is respected.",
)
for command in (verify, request, push, deposit, offer, withdraw, revoke, suspend, resume):
    app.command(command)
for wallet_command in (answer, history):
    wallet_app.command(wallet_command)
add_offer_commands(wallet_app)
issuer_app.command(hosted_signing_app)
for group in (wallet_app, issuer_app, job_app, bundle_app, catalogue_app, qr_app, receipt_app, records_app, type_app):
    app.command(group)


def run(tokens: Sequence[str]) -> int:
    """Run one call and return its exit code.

    Args:
        tokens: the arguments, without the name of the command.
    """
    try:
        engines.use(os.environ.get(ENGINE_VARIABLE, "openssl"))
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
        return int(result) if isinstance(result, Exit) else Exit.SUCCESS
    except CycloptsError as error:
        print_usage_error(error)
        return Exit.USAGE
    except GiaytoError as error:
        print_error(error)
        return _exit_code(error, tokens)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return Exit.INTERRUPTED
    except Exception:
        err.print_exception()
        return Exit.SOFTWARE


def main() -> NoReturn:
    """Run the command with the arguments of this process."""
    # By itself stamina tells of retries through structlog, where that is installed: on standard output, amid the JSON.
    set_on_retry_hooks([])
    sys.exit(run(sys.argv[1:]))


def _discard_output() -> None:
    # What is still buffered would fail once more when the process ends (see the documentation of SIGPIPE in Python).
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _exit_code(error: GiaytoError, tokens: Sequence[str]) -> Exit:
    # Of these, 1 and 2 are answers: whatever keeps them from reaching one counts as an unusable argument.
    answering = list(tokens[:1]) in ([verify.__name__], ["receipt"], ["catalogue"])
    if list(tokens[:1]) == [request.__name__]:
        # An answer may still come to a new request; one that may not be made will not be allowed the next time.
        no_answer = isinstance(error, RequestNotFoundError | WalletDeclinedError) or error.retryable
        return Exit.TEMPORARY if no_answer else Exit.USAGE
    if isinstance(error, _UNUSABLE_ARGUMENTS) or answering:
        return Exit.USAGE
    return Exit.TEMPORARY if error.retryable else Exit.FAILURE
