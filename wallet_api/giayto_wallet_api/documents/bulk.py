"""The stream: NDJSON in, NDJSON out, one answer a row, in bounded memory.

Rows are gathered for a moment, checked and stored together, and answered when they are durable. The client may send on
while it reads answers. When the connection breaks, what was answered is stored, and what was not may or may not be:
the client sends it again and is answered `unchanged` where it was.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import msgspec
import structlog
from litestar.exceptions import HTTPException

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.documents.ndjson import LineSplitter
from giayto_wallet_api.documents.problems import RowTooLargeError
from giayto_wallet_api.documents.push import Bookkeeper, push_rows, read_row
from giayto_wallet_api.documents.schemas import MAX_ROW_BYTES, BulkAnswer, PushAnswer, PushRow, RowProblem
from giayto_wallet_api.documents.storing import Outcome
from giayto_wallet_api.problems import TooManyRequestsError, problem_of
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.errors import StoreConflictError, StoreFullError, StoreUnavailableError

BATCH_ROWS = 200
BATCH_BYTES = 4 * 1024 * 1024
BATCH_SECONDS = 0.05
IDLE_SECONDS = 60.0
"""A client that sends nothing for so long is let go."""

_encoder = msgspec.json.Encoder()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the stream; `content` is None when it was longer than rows may be."""

    number: int
    content: bytes | None

    @property
    def size(self) -> int:
        return len(self.content or b"")


class _Gathered:
    """Lines that wait for their batch."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, lines: Sequence[_Line]) -> None:
        self._lines += lines

    def take(self, *, everything: bool) -> Sequence[_Line]:
        """Return the next batch; nothing when it is not full yet, unless everything is wanted."""
        sizes = accumulate(line.size for line in self._lines[:BATCH_ROWS])
        fitting = max(1, sum(size <= BATCH_BYTES for size in sizes))
        is_full = fitting == BATCH_ROWS or fitting < len(self._lines)
        if not is_full and not everything:
            return ()
        batch, self._lines = self._lines[:fitting], self._lines[fitting:]
        return batch


async def answer_stream(
    runtime: Runtime, client: AgencyClient, body: AsyncIterator[bytes], *, bookkeeper: Bookkeeper | None = None
) -> AsyncIterator[bytes]:
    """Push the rows of a request body as they come in; yield the answers of a batch when it is durable."""
    async for batch in _batches(body):
        rows = await asyncio.to_thread(_read_all, batch)
        try:
            outcomes = await push_rows(runtime, client, rows, bookkeeper=bookkeeper)
        except (TooManyRequestsError, StoreConflictError, StoreFullError, StoreUnavailableError) as error:
            log.warning("push_cut_short", code=error.code, rows=len(rows))
            return  # rows without an answer are sent again, and the new stream is told when
        # A list: the encoder never lets go of an iterator, and with it of the rows (msgspec 0.22).
        yield _encoder.encode_lines(list(map(_answer, batch, rows, outcomes)))


async def _batches(body: AsyncIterator[bytes]) -> AsyncIterator[Sequence[_Line]]:
    """Gather lines until a batch is full or the client pauses. One chunk is read ahead, not more."""
    chunks = _lines_by_chunk(body)
    gathered = _Gathered()
    arriving = asyncio.ensure_future(anext(chunks, None))
    try:
        while True:
            done, _ = await asyncio.wait({arriving}, timeout=BATCH_SECONDS if gathered else IDLE_SECONDS)
            if not done and not gathered:
                return
            lines = arriving.result() if done else None
            if lines is not None:
                gathered.add(lines)
                arriving = asyncio.ensure_future(anext(chunks, None))
            while batch := gathered.take(everything=lines is None):
                yield batch
            if done and lines is None:
                return
    finally:
        arriving.cancel()
        await asyncio.gather(arriving, return_exceptions=True)


async def _lines_by_chunk(body: AsyncIterator[bytes]) -> AsyncIterator[Sequence[_Line]]:
    splitter = LineSplitter(MAX_ROW_BYTES)
    number = 0
    try:
        async for chunk in body:
            lines = [_Line(position, content) for position, content in enumerate(splitter.feed(chunk), number + 1)]
            number += len(lines)
            yield lines
    except HTTPException:
        # The connection broke. A line without its end may be cut off: it must not be read as if it were whole.
        log.info("push_cut_off", rows=number)
        return
    yield [_Line(number + 1, content) for content in splitter.finish()]


def _read_all(batch: Sequence[_Line]) -> list[PushRow | GiaytoError]:
    return [_read(line) for line in batch]


def _read(line: _Line) -> PushRow | GiaytoError:
    if line.content is None:
        return RowTooLargeError(f"a row has at most {MAX_ROW_BYTES} bytes", limit=MAX_ROW_BYTES)
    return read_row(line.content)


def _answer(line: _Line, row: PushRow | GiaytoError, outcome: Outcome) -> BulkAnswer:
    row_key = row.row_key if isinstance(row, PushRow) else None
    if isinstance(outcome, PushAnswer):
        return BulkAnswer(
            row=line.number,
            row_key=row_key,
            result=outcome.result,
            document_id=outcome.document_id,
            version=outcome.version,
        )
    problem = problem_of(outcome)
    reason = RowProblem(problem.code, problem.detail, problem.message_vi, problem.message_en)
    return BulkAnswer(row=line.number, row_key=row_key, result="refused", problem=reason)
