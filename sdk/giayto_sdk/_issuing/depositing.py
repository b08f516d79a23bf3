"""Leaving records at the wallet backend, which has them signed when a wallet fetches them (docs/openid4vci.md).

Rows are validated here first: what makes no document is not sent. The others go as streams, a few hundred rows in
memory at a time. Each has the agency's own row key, so that rows that are sent again count once: a deposit that was
interrupted is simply made again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from giayto_crypto.errors import GiaytoError
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.records.validation import REPLACES, ROW_KEY, ValidRecord, validate_row
from giayto_issuers.values.times import day_in_vietnam
from giayto_sdk._clock import Clock
from giayto_sdk._files import make_private_folder, new_file
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.messages import Request, read_object
from giayto_sdk._http.problems import row_problem
from giayto_sdk._issuing.row_streams import RowStreams, portions
from giayto_sdk._issuing.signing_desk import AnyRow, refusal
from giayto_sdk._issuing.sources import RowSource
from giayto_sdk.errors import DepositInterruptedError, JournalError, NetworkError, Problem, ProtocolError

_PATH: Final = "/issuer/v1/deposits"
_NDJSON: Final = "application/x-ndjson"
_RESULTS_FOLDER: Final = "deposits"
_NAME_DIGITS: Final = 16


class DepositOutcome(StrEnum):
    """How a row ended. After the first two the document can be fetched."""

    DEPOSITED = "deposited"
    """New, or a new version of what was there."""
    UNCHANGED = "unchanged"
    """Exactly this was deposited before."""
    REFUSED = "refused"
    """The record is not valid, or the server refused it: `problem` says why."""


@dataclass(frozen=True, slots=True)
class DepositResult:
    """The answer to one row."""

    row: int
    """Number of the row in its source; for a CSV file, its line."""
    row_key: str
    """The agency's own key of the row; empty when the row has none that can be read."""
    outcome: DepositOutcome
    document_id: str | None = None
    """The name under which the document is offered and withdrawn; None when the row was refused."""
    version: int | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class DepositProgress:
    """How far a deposit is."""

    counts: Mapping[DepositOutcome, int]
    share_read: float | None
    """How much of the source has been read, from 0 to 1; None where its size is not known."""

    @property
    def done(self) -> int:
        """Rows that have ended."""
        return sum(self.counts.values())

    @property
    def failed(self) -> int:
        """Rows that are to be corrected."""
        return self.counts.get(DepositOutcome.REFUSED, 0)


@dataclass(frozen=True, slots=True)
class DepositReport:
    """The outcome of a whole deposit. Iterating reads the result of each row from a file."""

    document_type: str
    """vct"""
    counts: Mapping[DepositOutcome, int]
    """How many rows ended how."""
    results_file: Path
    """NDJSON, a result a line, in the order in which they came."""

    def __iter__(self) -> Iterator[DepositResult]:
        with self.results_file.open("rb") as lines:
            yield from map(_READ_RESULT.decode, lines)

    def __len__(self) -> int:
        return sum(self.counts.values())

    @property
    def all_deposited(self) -> bool:
        """Whether every row's document can be fetched now."""
        return not self.counts.get(DepositOutcome.REFUSED, 0)


class DepositOffer(msgspec.Struct, frozen=True, kw_only=True):
    """A credential offer (OpenID4VCI 1.0 §4.1), good for one wallet and until `expires_at`.

    Whoever has the link and the transaction code gets the document: the two must reach the citizen on different ways.
    """

    by_reference: str
    """Link for a QR: short, and fetched once."""
    by_value: str
    """Link that holds the whole offer."""
    expires_at: datetime
    tx_code: str | None = None
    """The PIN; None when the offer needs none."""

    def __repr__(self) -> str:
        return f"DepositOffer(expires_at={self.expires_at!r}, …)"


DepositListener = Callable[[DepositResult], object]
DepositProgressListener = Callable[[DepositProgress], object]
_READ_RESULT: Final = msgspec.json.Decoder(DepositResult)


@dataclass(frozen=True, slots=True)
class _SentRecord:
    row: int
    row_key: str
    line: bytes


class Deposits:
    """Calls about deposits in the name of one agency."""

    def __init__(self, http: HttpClient, client: AuthorisedClient, clock: Clock) -> None:
        """Use a client that holds the agency's tokens."""
        self._http = http
        self._client = client
        self._clock = clock

    def offer(self, document_id: str, *, tx_code: bool) -> DepositOffer:
        """Make a credential offer of a deposit; NotFoundError, or ConflictError when it was withdrawn."""
        answer = self._client.post(f"{_PATH}/{document_id}/offers", {"tx_code": tx_code})
        try:
            return msgspec.convert(answer.json(), DepositOffer)
        except msgspec.ValidationError as error:
            raise ProtocolError("offer: an answer that this version does not know") from error

    def withdraw(self, document_id: str, reason: str) -> None:
        """Let nobody fetch a deposit any more, and revoke the copies that were fetched."""
        self._client.post(f"{_PATH}/{document_id}/withdraw", {"reason": reason})

    def deposit(
        self,
        document_type: DocumentType,
        source: RowSource,
        folder: Path,
        *,
        on_result: DepositListener | None,
        on_progress: DepositProgressListener | None,
    ) -> DepositReport:
        """Validate and send every row; see `Issuer.deposit`."""
        path = _results_file(folder, document_type, source)
        counts: Counter[DepositOutcome] = Counter()
        with _new_results(path) as results:

            def note(result: DepositResult) -> None:
                counts[result.outcome] += 1
                results.write(msgspec.json.encode(result) + b"\n")
                if on_result is not None:
                    on_result(result)

            streams = RowStreams(self._http, partial(self._stream, document_type.vct), _result)
            try:
                for portion in portions(self._valid_rows(document_type, source.rows(), note)):
                    streams.send(portion, note)
                    if on_progress is not None:
                        on_progress(DepositProgress(dict(counts), source.source.progress))
            except NetworkError as error:
                raise DepositInterruptedError(error.detail) from error
        return DepositReport(document_type.vct, dict(counts), path)

    def _valid_rows(
        self, document_type: DocumentType, rows: Iterable[AnyRow], note: DepositListener
    ) -> Iterator[_SentRecord]:
        today: date = day_in_vietnam(self._clock())
        for row in rows:
            try:
                record = validate_row(document_type, row, today=today)
            except GiaytoError as error:
                refused = refusal(row.number, "", error)
                note(DepositResult(row.number, "", DepositOutcome.REFUSED, problem=refused.problem))
            else:
                yield _SentRecord(record.row_number, record.row_key, _line(record))

    @contextmanager
    def _stream(self, vct: str, lines: Sequence[bytes]) -> Iterator[Iterator[Mapping[str, Any]]]:
        headers = {"Content-Type": _NDJSON, "Accept": _NDJSON}
        request = Request("POST", _PATH, params={"document_type": vct}, headers=headers, content=b"".join(lines))
        with self._client.stream(request) as response:
            yield (read_object(line.encode("utf-8")) for line in response.iter_lines() if line)


def _line(record: ValidRecord) -> bytes:
    replaced = {} if record.replaces is None else {REPLACES: record.replaces}
    return msgspec.json.encode({ROW_KEY: record.row_key, **record.claims, **replaced}) + b"\n"


def _result(sent: _SentRecord, answer: Mapping[str, Any]) -> DepositResult:
    if answer.get("row_key") not in {sent.row_key, None}:
        raise ProtocolError("deposit: an answer belongs to another row than the one that was sent")
    document_id, version = answer.get("document_id"), answer.get("version")
    match answer.get("result"):
        case ("deposited" | "unchanged") as result if isinstance(document_id, str) and isinstance(version, int):
            return DepositResult(sent.row, sent.row_key, DepositOutcome(result), document_id, version)
        case "refused":
            problem = answer.get("problem")
            told = row_problem(problem if isinstance(problem, dict) else {})
            return DepositResult(sent.row, sent.row_key, DepositOutcome.REFUSED, problem=told)
        case _:
            raise ProtocolError("deposit: an answer that this version does not know")


def _results_file(folder: Path, document_type: DocumentType, source: RowSource) -> Path:
    # The same rows write the same file: a deposit that is made again leaves one account of itself.
    return folder / _RESULTS_FOLDER / f"{document_type.code}-{source.sha256[:_NAME_DIGITS]}.ndjson"


@contextmanager
def _new_results(path: Path) -> Iterator[IO[bytes]]:
    try:
        make_private_folder(path.parent)
        with new_file(path) as file:
            yield file
    except OSError as error:
        raise JournalError(f"journal: {path.name} cannot be written ({error.strerror})") from error
