"""Sending what was signed, in streams of rows, and what the answers say of each."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.problems import row_problem
from giayto_sdk._issuing.api import IssuerApi
from giayto_sdk._issuing.results import ResultListener, RowOutcome, RowResult
from giayto_sdk._issuing.row_streams import RowStreams, portions
from giayto_sdk.errors import ProtocolError


class _Names(msgspec.Struct, frozen=True):
    row: int
    row_key: str
    replaces: str | None = None


_READ_NAMES: Final = msgspec.json.Decoder(_Names)


@dataclass(frozen=True, slots=True)
class SignedRow:
    """One line of a stream, and what it is about."""

    row: int
    row_key: str
    replaces: str | None
    line: bytes


def signed_rows(outgoing: Path, *, without: Collection[int]) -> Iterator[list[SignedRow]]:
    """Read what was signed of a batch, in portions for one stream each; a missing file holds nothing.

    Args:
        outgoing: the file.
        without: numbers of rows that are answered already.
    """
    yield from portions(_unanswered(outgoing, without))


def _unanswered(outgoing: Path, without: Collection[int]) -> Iterator[SignedRow]:
    try:
        with outgoing.open("rb") as lines:
            for line in lines:
                names = _READ_NAMES.decode(line)
                if names.row not in without:
                    yield SignedRow(names.row, names.row_key, names.replaces, line)
    except FileNotFoundError:
        return


class Sender:
    """Sends rows of one job."""

    def __init__(self, http: HttpClient, api: IssuerApi, job_id: str) -> None:
        """Send over these connections."""

        def open_stream(lines: Sequence[bytes]) -> AbstractContextManager[Iterator[Mapping[str, Any]]]:
            return api.push(lines, job_id=job_id)

        self._streams = RowStreams(http, open_stream, _result)

    def send(self, rows: Iterable[SignedRow], answered: ResultListener) -> None:
        """Send rows until each is answered; a row that arrives twice is stored once. See `RowStreams.send`."""
        self._streams.send(rows, answered)


def _result(row: SignedRow, answer: Mapping[str, Any]) -> RowResult:
    if answer.get("row_key") not in {row.row_key, None}:
        raise ProtocolError("push: an answer belongs to another row than the one that was sent")
    document_id = answer.get("document_id")
    match answer.get("result"):
        case ("stored" | "unchanged") as result if isinstance(document_id, str):
            return RowResult(row.row, row.row_key, RowOutcome(result), document_id=document_id)
        case "refused":
            problem = answer.get("problem")
            members = problem if isinstance(problem, dict) else {}
            return RowResult(row.row, row.row_key, RowOutcome.REFUSED, problem=row_problem(members))
        case _:
            raise ProtocolError("push: an answer that this version does not know")
