"""One push: batch after batch of rows is validated, matched, reserved, journalled, signed and sent.

The steps of each batch, numbered as in docs/sdk.md:

1 validate the rows, decide and check what will be signed · 2 look up holder keys · 3 reserve status indexes ·
4 journal the intents · 5 sign, journal what was signed · 6 send as one stream, one answer a row · 7 journal the answers

Whatever interrupts a push, the journal says where to go on (see `journal`).
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import msgspec

from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import PublicKey
from giayto_crypto.sdjwt import StatusReference
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.errors import ClaimsError, RecordError
from giayto_issuers.records.readers import BrokenRow, SourceRow
from giayto_issuers.records.validation import ValidRecord, validate_record
from giayto_issuers.signing import IssuingAgency, PreparedDocument, prepare_document, sign_copy
from giayto_sdk._clock import Clock
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.problems import row_problem
from giayto_sdk._issuing.api import IssuerApi, Mismatch, NoWallet, Ready
from giayto_sdk._issuing.journal import Entry, Intent, Journal, Signed, batch_entry, read_results, result_entry
from giayto_sdk._issuing.results import OutcomeCounter, RowOutcome, RowResult
from giayto_sdk.errors import ColumnProblem, NetworkError, Problem, ProtocolError, PushInterruptedError

BATCH_ROWS: Final = 200
"""Rows of one look-up and one stream. The answers to so many rows fit into the buffers of a connection, so that server
and client cannot end up waiting for each other: this client reads after it has sent."""
MAX_STREAM_BYTES: Final = 4 * 1024 * 1024
_Row = SourceRow | BrokenRow


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A row whose document is decided and checked."""

    record: ValidRecord
    document: PreparedDocument


@dataclass(frozen=True, slots=True)
class _Reserved:
    """A prepared row with the copies that will be signed: holder key and status index of each."""

    record: ValidRecord
    document: PreparedDocument
    copies: tuple[tuple[PublicKey, StatusReference], ...]

    @property
    def intent(self) -> Intent:
        """What the journal must hold before any copy is signed."""
        return Intent(
            row=self.record.row_number,
            row_key=self.record.row_key,
            holder_keys=tuple(key.thumbprint for key, _ in self.copies),
            status_indexes=tuple((status.uri, status.idx) for _, status in self.copies),
        )


class Push:
    """One run of one job."""

    def __init__(
        self,
        *,
        http: HttpClient,
        api: IssuerApi,
        agency: IssuingAgency,
        clock: Clock,
        document_type: DocumentType,
        journal: Journal,
        counter: OutcomeCounter,
    ) -> None:
        """Put together what a push needs; `run` does it."""
        self._http = http
        self._api = api
        self._agency = agency
        self._clock = clock
        self._type = document_type
        self._journal = journal
        self._counter = counter

    def run(self, rows: Iterable[_Row]) -> None:
        """Push all rows that the journal does not know as finished.

        Raises:
            PushInterruptedError: the server could not be reached; the same call goes on from here.
            GiaytoError: the server or the source refuses the push as a whole.
        """
        try:
            for batch in _batches(self._unfinished(rows)):
                self._push_batch(batch)
            self._journal.append(Entry(done=True))
        except NetworkError as error:
            raise PushInterruptedError(error.detail) from error
        finally:
            self._journal.sync()

    def _unfinished(self, rows: Iterable[_Row]) -> Iterator[_Row]:
        for result in read_results(self._journal.path):
            self._counter.add(result)
        stopped_at = self._journal.open_batch()
        self._send(stopped_at.to_send_again)
        first = stopped_at.rows[0] if stopped_at.rows else 0
        finished = stopped_at.finished | stopped_at.signed.keys()
        return (row for row in rows if row.number >= first and row.number not in finished)

    def _push_batch(self, batch: Sequence[_Row]) -> None:
        self._journal.append(batch_entry([row.number for row in batch]))
        reserved = self._reserve(list(self._match(list(self._prepare(batch)))))
        self._journal.append(*(Entry(intent=each.intent) for each in reserved))
        # Nothing is signed before this returns.
        self._journal.sync()
        signed = list(self._sign(reserved))
        self._journal.append(*(Entry(signed=each) for each in signed))
        # What is sent can be sent again, byte for byte, whatever happens from here on.
        self._journal.sync()
        self._send(signed)
        self._journal.sync()

    def _prepare(self, batch: Iterable[_Row]) -> Iterator[_Prepared]:
        for row in batch:
            row_key = ""
            try:
                if isinstance(row, BrokenRow):
                    raise row.error
                record = validate_record(self._type, row.values, row.number)
                row_key = record.row_key
                document = prepare_document(self._type, record, agency=self._agency, now=self._clock())
            except GiaytoError as error:
                self._refuse(row.number, row_key, error)
            else:
                yield _Prepared(record, document)

    def _match(self, prepared: Sequence[_Prepared]) -> Iterator[tuple[_Prepared, tuple[PublicKey, ...]]]:
        if not prepared:
            return
        subjects = [(each.record.subject, each.record.identity) for each in prepared]
        for each, answer in zip(prepared, self._api.look_up(self._type.vct, subjects), strict=True):
            row, row_key = each.record.row_number, each.record.row_key
            match answer:
                case Ready(holder_keys) if holder_keys:
                    yield each, holder_keys
                case Ready() | NoWallet():
                    self._finish(RowResult(row, row_key, RowOutcome.WAITING_FOR_WALLET))
                case Mismatch(fields):
                    self._finish(RowResult(row, row_key, RowOutcome.MISMATCH, mismatching_fields=fields))

    def _reserve(self, matched: Sequence[tuple[_Prepared, tuple[PublicKey, ...]]]) -> list[_Reserved]:
        if not matched:
            return []
        count = sum(len(holder_keys) for _, holder_keys in matched)
        indexes = iter(self._api.reserve_status_indexes(self._type.vct, count))
        return [
            _Reserved(each.record, each.document, tuple((key, next(indexes)) for key in holder_keys))
            for each, holder_keys in matched
        ]

    def _sign(self, reserved: Iterable[_Reserved]) -> Iterator[Signed]:
        for each in reserved:
            record = each.record
            try:
                credentials = [
                    sign_copy(each.document, agency=self._agency, holder_key=key, status=status)
                    for key, status in each.copies
                ]
            except GiaytoError as error:
                # Its status indexes stay unused: they are never given to another row.
                self._refuse(record.row_number, record.row_key, error)
            else:
                yield Signed(record.row_number, record.row_key, self._line(record, credentials))

    def _line(self, record: ValidRecord, credentials: Sequence[str]) -> str:
        row: dict[str, object] = {
            "row_key": record.row_key,
            "document_type": self._type.vct,
            "subject": {"kind": record.subject.kind, "id": record.subject.id},
            "credentials": credentials,
            "replaces": record.replaces,
        }
        return msgspec.json.encode(row).decode("utf-8")

    def _send(self, lines: Iterable[Signed]) -> None:
        for portion in _portions(lines):
            pending = deque(portion)
            for attempt in self._http.retrying(repeatable=True):
                with attempt:
                    self._send_once(pending)

    def _send_once(self, pending: deque[Signed]) -> None:
        with self._api.push([signed.line for signed in pending]) as answers:
            for answer in answers:
                if not pending:
                    raise ProtocolError("push: more answers came than rows were sent")
                self._finish(_row_result(pending[0], answer))
                pending.popleft()
        if pending:
            # The connection ended in good order, but too early: send the rest.
            raise NetworkError(f"push: {len(pending)} rows have no answer", sent=True)

    def _refuse(self, row: int, row_key: str, error: GiaytoError) -> None:
        problem = Problem(
            0, error.code, error.detail, error.message_vi, error.message_en, columns=_column_problems(error)
        )
        self._finish(RowResult(row, row_key, RowOutcome.REFUSED, problem=problem))

    def _finish(self, result: RowResult) -> None:
        self._journal.append(result_entry(result))
        self._counter.add(result)


def _column_problems(error: GiaytoError) -> tuple[ColumnProblem, ...]:
    if not isinstance(error, RecordError | ClaimsError):
        return ()
    return tuple(ColumnProblem(problem.column, problem.found, problem.expected) for problem in error.problems)


def _batches(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _portions(lines: Iterable[Signed]) -> Iterator[list[Signed]]:
    portion: list[Signed] = []
    size = 0
    for signed in lines:
        if portion and size + len(signed.line) > MAX_STREAM_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(signed)
        size += len(signed.line)
    if portion:
        yield portion


def _row_result(signed: Signed, answer: Mapping[str, Any]) -> RowResult:
    if answer.get("row_key") not in {signed.row_key, None}:
        raise ProtocolError("push: an answer belongs to another row than the one that was sent")
    document_id = answer.get("document_id")
    match answer.get("result"):
        case ("stored" | "unchanged") as result if isinstance(document_id, str):
            return RowResult(signed.row, signed.row_key, RowOutcome(result), document_id=document_id)
        case "refused":
            problem = answer.get("problem")
            members = problem if isinstance(problem, dict) else {}
            return RowResult(signed.row, signed.row_key, RowOutcome.REFUSED, problem=row_problem(members))
        case _:
            raise ProtocolError("push: an answer that this version does not know")
