"""Sending what was signed: streams of rows, one answer a row; what was not answered is sent again, byte for byte."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.problems import row_problem
from giayto_sdk._issuing.api import IssuerApi
from giayto_sdk._issuing.results import ResultListener, RowOutcome, RowResult
from giayto_sdk.errors import NetworkError, ProtocolError

STREAM_ROWS: Final = 200
"""Rows of one stream. The answers to so many fit into the buffers of a connection, so that server and client cannot end
up waiting for each other: this client reads after it has sent."""
MAX_STREAM_BYTES: Final = 4 * 1024 * 1024


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
    portion: list[SignedRow] = []
    size = 0
    try:
        with outgoing.open("rb") as lines:
            for line in lines:
                names = _READ_NAMES.decode(line)
                if names.row in without:
                    continue
                if portion and (len(portion) == STREAM_ROWS or size + len(line) > MAX_STREAM_BYTES):
                    yield portion
                    portion, size = [], 0
                portion.append(SignedRow(names.row, names.row_key, names.replaces, line))
                size += len(line)
    except FileNotFoundError:
        return
    if portion:
        yield portion


class Sender:
    """Sends rows of one job."""

    def __init__(self, http: HttpClient, api: IssuerApi, job_id: str) -> None:
        """Send over these connections."""
        self._http = http
        self._api = api
        self._job_id = job_id

    def send(self, rows: Iterable[SignedRow], answered: ResultListener) -> None:
        """Send rows until each is answered; a row that arrives twice is stored once.

        Args:
            rows: for one stream.
            answered: told of each answer, in order, also when more go missing afterwards.

        Raises:
            NetworkError: the server stayed away, and no further row was answered.
            ApiError: the server refuses the stream as a whole.
        """
        pending = deque(rows)
        while pending:
            before = len(pending)
            try:
                for attempt in self._http.retrying(repeatable=True):
                    with attempt:
                        self._send_once(pending, answered)
            except NetworkError:
                # A connection that breaks again and again may still carry some rows each time.
                if len(pending) == before:
                    raise

    def _send_once(self, pending: deque[SignedRow], answered: ResultListener) -> None:
        with self._api.push([row.line for row in pending], job_id=self._job_id) as answers:
            for answer in answers:
                if not pending:
                    raise ProtocolError("push: more answers came than rows were sent")
                answered(_result(pending[0], answer))
                pending.popleft()
        if pending:
            # The connection ended in good order, but too early: send the rest.
            raise NetworkError(f"push: {len(pending)} rows have no answer", sent=True)


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
