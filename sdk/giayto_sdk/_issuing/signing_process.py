"""A signing desk in a process of its own, so that all cores sign.

The process is started with no arguments: everything, the place of the key included, comes through its standard input,
and the key itself is read there by that process alone. It ends when its input ends, however its parent died. Both ends
are this program, and the pipe is theirs alone, which is what makes `pickle` fit between them.
"""

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import IO, Any, Self

from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import Signer
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.signing import IssuingAgency
from giayto_sdk._issuing.agency_keys import load_signer
from giayto_sdk._issuing.results import RowResult
from giayto_sdk._issuing.signing_desk import AnyRow, CopiesToSign, LocalDesk, Preparation
from giayto_sdk.errors import PushInterruptedError

_CLOSING_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key that lies in a file."""

    path: Path

    def __call__(self) -> Signer:
        """Read it; ConfigurationError when that cannot be done."""
        return load_signer(self.path)


OpenSigner = Callable[[], Signer]
"""Opens the agency's key. Each process calls it for itself, so it must be importable: a `KeyFile`, or a function of a
module, which opens a session of its own at a hardware module."""


@dataclass(frozen=True, slots=True)
class DeskSetup:
    """What a process needs to sign."""

    document_type: DocumentType
    agency_id: str
    issuer: str
    x5c: tuple[bytes, ...]
    open_signer: OpenSigner

    def local_desk(self) -> LocalDesk:
        """Open the key in this process."""
        agency = IssuingAgency(self.agency_id, self.issuer, self.open_signer(), self.x5c)
        return LocalDesk(self.document_type, agency)


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    arguments: tuple[Any, ...]


class DeskProcess:
    """A desk that another process stands behind."""

    def __init__(self, setup: DeskSetup) -> None:
        """Start the process; what goes wrong in it is raised by the first call."""
        self._calling = Lock()
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C goes to all processes of a terminal: this one is told by its parent when to end.
            start_new_session=True,
        )
        self._setup = setup
        self._is_set_up = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(self, batch: int, rows: Sequence[AnyRow], now: datetime) -> Preparation:
        """See `SigningDesk`."""
        prepared: Preparation = self._call(_Call("prepare", (batch, rows, now)))
        return prepared

    def sign(self, batch: int, rows: Sequence[CopiesToSign], outgoing: Path) -> tuple[RowResult, ...]:
        """See `SigningDesk`."""
        refused: tuple[RowResult, ...] = self._call(_Call("sign", (batch, rows, outgoing)))
        return refused

    def close(self) -> None:
        """End the process."""
        stdin, stdout = self._pipes()
        with suppress(OSError):
            stdin.close()
        try:
            self._process.wait(_CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        stdout.close()

    def _call(self, call: _Call) -> Any:
        stdin, stdout = self._pipes()
        with self._calling:
            try:
                if not self._is_set_up:
                    pickle.dump(self._setup, stdin)
                    self._is_set_up = True
                pickle.dump(call, stdin)
                stdin.flush()
                answer = pickle.load(stdout)  # noqa: S301
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                raise PushInterruptedError("a signing process ended before its work") from error
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise PushInterruptedError("a signing process has no pipes")
        return stdin, stdout


def main() -> None:
    """Answer calls until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    calls, answers = sys.stdin.buffer, sys.stdout.buffer
    # Whatever prints must not end up between the answers.
    sys.stdout = sys.stderr
    with suppress(EOFError):
        setup: DeskSetup = pickle.load(calls)  # noqa: S301
        desk: LocalDesk | None = None
        while True:
            call: _Call = pickle.load(calls)  # noqa: S301
            try:
                desk = desk or setup.local_desk()
                answer: Any = getattr(desk, call.method)(*call.arguments)
            except (GiaytoError, OSError) as error:
                answer = _portable(error)
            pickle.dump(answer, answers)
            answers.flush()


def _portable(error: GiaytoError | OSError) -> BaseException:
    """Return an error that another process can read: those with members of their own may not survive the way."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except TypeError:
        return PushInterruptedError(str(error))
    return error
