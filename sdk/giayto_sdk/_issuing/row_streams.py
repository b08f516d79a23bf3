"""Rows as streams of newline-delimited JSON, one answer a row; what was not answered is sent again, byte for byte."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Generic, Protocol, TypeVar

from giayto_sdk._http.client import HttpClient
from giayto_sdk.errors import NetworkError, ProtocolError

STREAM_ROWS: Final = 200
"""Rows of one stream. The answers to so many fit into the buffers of a connection, so that server and client cannot end
up waiting for each other: this client reads after it has sent."""
MAX_STREAM_BYTES: Final = 4 * 1024 * 1024


class Sent(Protocol):
    """What is sent: one line of a stream, and whatever its answer is matched with."""

    @property
    def line(self) -> bytes:
        """JSON, with the end of the line."""
        ...


SentRow = TypeVar("SentRow", bound=Sent)
RowAnswer = TypeVar("RowAnswer")
OpenStream = Callable[[Sequence[bytes]], AbstractContextManager[Iterator[Mapping[str, Any]]]]
"""Sends lines as one stream and gives its answers as they come."""


class RowStreams(Generic[SentRow, RowAnswer]):
    """Sends rows until each is answered. A row that arrives twice must count once at the server."""

    def __init__(
        self, http: HttpClient, open_stream: OpenStream, read_answer: Callable[[SentRow, Mapping[str, Any]], RowAnswer]
    ) -> None:
        """Prepare the streams.

        Args:
            http: says how often, and with what pauses, something is tried again.
            open_stream: sends one stream.
            read_answer: makes the answer to a row of what came; raises ProtocolError for what is none.
        """
        self._http = http
        self._open_stream = open_stream
        self._read_answer = read_answer

    def send(self, rows: Iterable[SentRow], answered: Callable[[RowAnswer], object]) -> None:
        """Send the rows of one stream, again where answers went missing.

        Args:
            rows: at most `STREAM_ROWS`.
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

    def _send_once(self, pending: deque[SentRow], answered: Callable[[RowAnswer], object]) -> None:
        with self._open_stream([row.line for row in pending]) as answers:
            for answer in answers:
                if not pending:
                    raise ProtocolError("stream: more answers came than rows were sent")
                answered(self._read_answer(pending[0], answer))
                pending.popleft()
        if pending:
            # The connection ended in good order, but too early: send the rest.
            raise NetworkError(f"stream: {len(pending)} rows have no answer", sent=True)


def portions(rows: Iterable[SentRow]) -> Iterator[list[SentRow]]:
    """Cut rows into portions for one stream each; a row that is too long alone still gets its own."""
    portion: list[SentRow] = []
    size = 0
    for row in rows:
        if portion and (len(portion) == STREAM_ROWS or size + len(row.line) > MAX_STREAM_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(row)
        size += len(row.line)
    if portion:
        yield portion
