"""One run of a job: batches of rows are validated, matched, reserved, journalled, signed and sent, side by side.

The steps of each batch, numbered as in docs/push.md:

1 send again what an earlier run signed · 2 validate the rows, decide and check what will be signed · 3 look up holder
keys · 4 reserve status indexes · 5 journal the intents, durably · 6 sign into a file, durably · 7 send it as streams,
one answer a row, and journal the answers · 8 let rows without a wallet wait, and report what was never sent · 9 close

Each batch goes through its steps in a thread of its own, and so few batches are under way at a time that memory does
not grow with the source. While one waits for the server another one is being signed. Whatever interrupts a run, the
journal says where to go on (see `job_state`).
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from threading import Condition, Event, Lock
from typing import Final, Protocol

from giayto_crypto.sdjwt import StatusReference
from giayto_issuers.document_type.model import DocumentType
from giayto_sdk._clock import Clock
from giayto_sdk._issuing.api import IssuerApi, Mismatch, NoWallet, Ready
from giayto_sdk._issuing.corrections import PushedRows
from giayto_sdk._issuing.job_folder import OpenJob
from giayto_sdk._issuing.job_state import OpenBatch
from giayto_sdk._issuing.records import BatchBegun, BatchClosed, BatchResults, Intent, JobLinked, PartDone, Result
from giayto_sdk._issuing.results import (
    DELIVERED,
    ProgressListener,
    PushProgress,
    ResultListener,
    RowOutcome,
    RowResult,
)
from giayto_sdk._issuing.sending import Sender, signed_rows
from giayto_sdk._issuing.signing_desk import AnyRow, CopiesToSign, PreparedRow, SigningDesk
from giayto_sdk._issuing.status_indexes import IndexStock
from giayto_sdk.errors import Problem

BATCH_ROWS: Final = 400
"""Rows of one look-up, of one wait for the disk, and of one file of signed rows."""
BATCHES_PER_DESK: Final = 2
"""One batch is signed while another one is on its way."""
_CONFLICT: Final = Problem(
    0,
    "row_key_conflict",
    "a row with this key waits for another subject or type",
    "Mã dòng đã được dùng cho nội dung khác.",
    "The row key was used for other content.",
)


class JobServer(Protocol):
    """What a run tells the server's job, beside the streams."""

    def report(self, job_id: str, results: Sequence[RowResult]) -> None:
        """Tell of rows of which nothing was signed."""
        ...

    def wait_for_wallets(self, document_type: str, rows: Sequence[PreparedRow]) -> set[int]:
        """Let rows wait for the wallets of their subjects; returns those whose row key stands for something else."""
        ...


@dataclass(frozen=True, slots=True)
class _Work:
    """A batch to be done: rows in the order of the source, and whether there are more behind it."""

    number: int
    rows: tuple[AnyRow, ...]
    results: dict[int, RowResult]
    more_to_come: bool


@dataclass(frozen=True, slots=True)
class _Matched:
    """A batch after the look-up."""

    ready: dict[int, Ready] = field(default_factory=dict)
    row_keys: dict[int, str] = field(default_factory=dict)
    waiting: list[PreparedRow] = field(default_factory=list)
    mismatches: list[RowResult] = field(default_factory=list)


class _Order:
    """Lets a batch with new versions wait until all batches before it are closed: what it replaces may be in them."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._changed = Condition()

    def enter(self, batch: int) -> None:
        with self._changed:
            self._open.add(batch)

    def leave(self, batch: int) -> None:
        with self._changed:
            self._open.discard(batch)
            self._changed.notify_all()

    def wait_for_earlier(self, batch: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: min(self._open) >= batch)


class _StoppedError(Exception):
    """Another batch failed; this one ends between two of its steps."""


class Push:
    """One run of one job."""

    def __init__(
        self,
        *,
        api: IssuerApi,
        server: JobServer,
        sender: Sender,
        desks: Sequence[SigningDesk],
        document_type: DocumentType,
        job: OpenJob,
        job_id: str,
        clock: Clock,
        on_result: ResultListener | None = None,
        on_progress: ProgressListener | None = None,
    ) -> None:
        """Put together what a run needs; `run` does it."""
        self._api = api
        self._server = server
        self._sender = sender
        self._desks = desks
        self._type = document_type
        self._job = job
        self._job_id = job_id
        self._clock = clock
        self._on_result = on_result
        self._on_progress = on_progress
        self._indexes = IndexStock(job, lambda count: api.reserve_status_indexes(document_type.vct, count))
        self._order = _Order()
        self._failed = Event()
        self._telling = Lock()
        self._share_read = 0.0

    def run(self, rows: PushedRows) -> None:
        """Push all rows that the journal does not know as finished.

        Raises:
            KeyboardInterrupt: raised when the batches under way are finished; the same call goes on from there.
            GiaytoError: the server or the source refuses the push as a whole, or stays away.
        """
        if self._job.state.job_id != self._job_id:
            self._job.record(JobLinked(self._job_id))
        if self._job.state.part_is_done:
            return
        limit = len(self._desks) * BATCHES_PER_DESK
        with ThreadPoolExecutor(limit, thread_name_prefix="push") as pool:
            try:
                self._push_all(pool, rows, limit)
            except KeyboardInterrupt:
                # Leaving the block lets the batches that are under way end in good order.
                raise
            except BaseException:
                self._failed.set()
                raise
        self._job.record(PartDone())
        self._job.journal.sync()

    def _push_all(self, pool: ThreadPoolExecutor, rows: PushedRows, limit: int) -> None:
        under_way: set[Future[None]] = set()
        for work in self._works(rows):
            self._order.enter(work.number)
            under_way.add(pool.submit(self._push_batch, work))
            if len(under_way) == limit:
                under_way = _raise_first_failure(under_way, FIRST_COMPLETED)
        _raise_first_failure(under_way, ALL_COMPLETED)

    def _works(self, rows: PushedRows) -> Iterator[_Work]:
        taken_up = self._job.state.last_position
        numbered = enumerate(rows.rows(), start=1)
        for batch in sorted(self._job.state.open_batches.values(), key=lambda each: each.first_position):
            yield _unfinished(batch, numbered)
        fresh = (each for each in numbered if each[0] > taken_up)
        chunk = list(islice(fresh, BATCH_ROWS))
        while chunk:
            following = list(islice(fresh, BATCH_ROWS))
            self._share_read = rows.share_read() if following else 1.0
            number = self._job.state.next_batch
            self._job.record(BatchBegun(number, chunk[0][0], chunk[-1][0]))
            yield _Work(number, tuple(row for _, row in chunk), {}, more_to_come=bool(following))
            chunk = following

    def _push_batch(self, work: _Work) -> None:
        try:
            results = self._send(work.number, work.results)  # 1
            rows = [row for row in work.rows if row.number not in results]
            self._push_rows(work, rows)
            earlier = [each for each in work.results.values() if each.outcome not in DELIVERED]
            self._server.report(self._job_id, earlier)
            self._close(work.number)  # 9
        except _StoppedError:
            return
        except BaseException:
            self._failed.set()
            raise
        finally:
            self._order.leave(work.number)

    def _push_rows(self, work: _Work, rows: Sequence[AnyRow]) -> None:
        if not rows:
            return
        number = work.number
        desk = self._desks[number % len(self._desks)]
        preparation = desk.prepare(number, rows, self._clock())  # 2
        self._go_on()
        matched = self._match(preparation.prepared)  # 3
        keys = [
            (row, matched.row_keys[row], tuple(key.thumbprint for key in ready.holder_keys))
            for row, ready in matched.ready.items()
        ]
        intents = self._indexes.intend(number, keys, more_to_come=work.more_to_come)  # 4, 5
        # Nothing is signed before this returns.
        self._job.journal.sync()
        to_sign = [_copies(intent, matched.ready[intent.row]) for intent in intents]
        unsignable = desk.sign(number, to_sign, self._job.outgoing(number))  # 6
        self._go_on()
        self._send(number, {})  # 7
        self._tell_of_unsent(number, [*preparation.refused, *matched.mismatches, *unsignable], matched.waiting)  # 8

    def _match(self, prepared: Sequence[PreparedRow]) -> _Matched:
        matched = _Matched()
        if not prepared:
            return matched
        subjects = [(each.subject, each.identity) for each in prepared]
        for each, answer in zip(prepared, self._api.look_up(self._type.vct, subjects), strict=True):
            match answer:
                case Ready(holder_keys) if holder_keys:
                    matched.ready[each.row] = answer
                    matched.row_keys[each.row] = each.row_key
                case Ready() | NoWallet():
                    matched.waiting.append(each)
                case Mismatch(fields):
                    mismatch = RowResult(each.row, each.row_key, RowOutcome.MISMATCH, mismatching_fields=fields)
                    matched.mismatches.append(mismatch)
        return matched

    def _send(self, batch: int, results: dict[int, RowResult]) -> dict[int, RowResult]:
        """Send what was signed of a batch and has no result; return the results with those that came."""
        results = dict(results)
        for portion in signed_rows(self._job.outgoing(batch), without=results.keys()):
            self._go_on()
            if any(row.replaces is not None for row in portion):
                self._order.wait_for_earlier(batch)
                self._go_on()
            answered: list[RowResult] = []
            try:
                self._sender.send(portion, answered.append)
            finally:
                self._enter(batch, answered)
                results |= {result.row: result for result in answered}
        return results

    def _tell_of_unsent(self, batch: int, results: list[RowResult], waiting: Sequence[PreparedRow]) -> None:
        if waiting:
            conflicts = self._server.wait_for_wallets(self._type.vct, waiting)
            results += [_waiting_result(row, conflicts) for row in waiting]
        self._enter(batch, results)
        self._server.report(self._job_id, results)

    def _enter(self, batch: int, results: Sequence[RowResult]) -> None:
        if not results:
            return
        self._job.record(BatchResults(batch, tuple(map(Result.of, results))))
        with self._telling:
            for result in results:
                if self._on_result is not None:
                    self._on_result(result)
            if self._on_progress is not None:
                counts = self._job.state.rows.counts_by_outcome()
                self._on_progress(PushProgress(counts, self._share_read))

    def _close(self, batch: int) -> None:
        self._job.record(BatchClosed(batch))
        # Only when the answers are durable may go what could be sent again.
        self._job.journal.sync()
        self._job.outgoing(batch).unlink(missing_ok=True)

    def _go_on(self) -> None:
        if self._failed.is_set():
            raise _StoppedError


def _raise_first_failure(under_way: set[Future[None]], return_when: str) -> set[Future[None]]:
    """Wait until some or all are done, and return the others."""
    done, others = wait(under_way, return_when=return_when)
    for each in done:
        each.result()
    return others


def _unfinished(batch: OpenBatch, numbered: Iterable[tuple[int, AnyRow]]) -> _Work:
    rows = []
    for position, row in numbered:
        if position >= batch.first_position:
            rows.append(row)
        if position == batch.last_position:
            break
    return _Work(batch.number, tuple(rows), dict(batch.results), more_to_come=True)


def _copies(intent: Intent, ready: Ready) -> CopiesToSign:
    statuses = (StatusReference(uri, idx) for uri, idx in intent.status_indexes)
    copies = tuple((key.jwk, status) for key, status in zip(ready.holder_keys, statuses, strict=True))
    return CopiesToSign(intent.row, copies)


def _waiting_result(row: PreparedRow, conflicts: set[int]) -> RowResult:
    if row.row in conflicts:
        return RowResult(row.row, row.row_key, RowOutcome.REFUSED, problem=_CONFLICT)
    return RowResult(row.row, row.row_key, RowOutcome.WAITING_FOR_WALLET)
