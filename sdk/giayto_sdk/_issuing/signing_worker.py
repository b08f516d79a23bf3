"""`SigningWorker`: signs what citizens wait for, in the background, with the agency's own key.

One round: 1 take requests · 2 find and check their records · 3 match the subjects · 4 reserve status indexes ·
5 journal the intents · 6 sign · 7 push through the route of every push · 8 give back what could not be done.

Pushing a row completes its requests. Whatever interrupts a round, the requests come back when their lease ends.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

import httpx2
import msgspec

from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import LocalSigner, PublicKey, Signer
from giayto_crypto.sdjwt import StatusReference
from giayto_issuers.document_type.loading import load_types
from giayto_issuers.document_type.model import DocumentType, DocumentTypes
from giayto_issuers.records.validation import ValidRecord, validate_record
from giayto_issuers.signing import IssuingAgency, PreparedDocument, prepare_document, sign_copy
from giayto_sdk._clock import Clock, system_clock
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._issuing.agency_keys import load_certificates, load_signer, load_signing_key
from giayto_sdk._issuing.api import IssuerApi, Mismatch, NoWallet, Ready
from giayto_sdk._issuing.client_assertion import ClientCredentials
from giayto_sdk._issuing.record_store import RecordSource
from giayto_sdk._issuing.signing_journal import CopyIntent, SigningJournal
from giayto_sdk._issuing.signing_requests import Failure, Lease, SigningRequest, SigningRequestsApi, UnmetRequest
from giayto_sdk.config import AgencyConfig, load_agency_config
from giayto_sdk.errors import ProtocolError

BATCH: Final = 50
VISIBILITY_SECONDS: Final = 300
WAIT_SECONDS: Final = 15
"""Shorter than the time-out of a read."""
_SCOPE: Final = "issuer"
_LATER: Final = frozenset({"holder_key_not_of_subject", "status_index_used", "status_index_not_reserved", "no_wallet"})
"""Refusals that a new look-up and new indexes may undo."""


@dataclass(frozen=True, slots=True)
class Round:
    """What became of the requests of one round."""

    taken: int = 0
    signed: int = 0
    later: int = 0
    """Come back after a pause."""
    dead: int = 0
    """Need somebody to look: see `SigningWorker.dead_letters`."""


@dataclass(frozen=True, slots=True)
class _Copy:
    request: SigningRequest
    key: PublicKey
    status: StatusReference


@dataclass(slots=True)
class _Row:
    """One row with all requests for it: devices of one holder that ask at the same time get their copies together."""

    requests: list[SigningRequest]
    record: ValidRecord
    document: PreparedDocument
    copies: list[_Copy] = field(default_factory=list)


class SigningWorker:
    """Works for one agency.

        with SigningWorker.from_file("agency.toml", records) as worker:
            while True:
                worker.run_once()

    Several workers may run at once: the server gives each request to one of them.
    """

    def __init__(
        self,
        config: AgencyConfig,
        records: RecordSource,
        *,
        signer: Signer | None = None,
        document_types: DocumentTypes | None = None,
        clock: Clock = system_clock,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Prepare everything; nothing is sent yet.

        Args:
            config: see `giayto_sdk.config`.
            records: where the record of a row is found.
            signer: signs credentials; by default the key of `config.signing_key_file`.
            document_types: what can be issued; by default those of giayto and of `config.types_folder`.
            clock: the time of signing.
            transport: in place of the network, for tests.

        Raises:
            ConfigurationError: a key or certificate cannot be used.
            JournalError: the journal folder cannot be used.
        """
        self._records = records
        self._clock = clock
        self._types = document_types or load_types(config.types_folder)
        signing_key = signer or load_signing_key(config)
        chain = load_certificates(config, signing_key)
        self._agency = IssuingAgency(config.agency_id, config.iss, signing_key, chain)
        self._http = HttpClient(config.base_url, clock=clock, transport=transport)
        dpop = DpopProver(LocalSigner.generate(), clock)
        client_key = load_signer(config.client_key_file)
        credentials = ClientCredentials(self._http, dpop, client_id=config.client_id, signer=client_key, scope=_SCOPE)
        client = AuthorisedClient(self._http, dpop, credentials.fetch_token)
        self._api, self._requests = IssuerApi(client), SigningRequestsApi(client)
        self._journal = SigningJournal(config.journal_folder, clock())

    @classmethod
    def from_file(cls, path: str | Path, records: RecordSource) -> Self:
        """Read the configuration of an agency; ConfigurationError says what is wrong with it."""
        return cls(load_agency_config(Path(path)), records)

    def close(self) -> None:
        """Close journal and connections."""
        self._journal.close()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self, *, wait: bool = True) -> Lease:
        """Take requests, waiting for the first one for some seconds."""
        return self._requests.lease(
            limit=BATCH, visibility_seconds=VISIBILITY_SECONDS, wait_seconds=WAIT_SECONDS if wait else 0
        )

    def work(self, lease: Lease) -> Round:
        """Meet the requests of a lease.

        Raises:
            NetworkError: the server was lost; the requests come back when their lease ends.
            JournalError: the intents cannot be written; nothing was signed.
        """
        failures: list[Failure] = []
        for vct, requests in _by_type(lease.requests).items():
            self._meet(vct, requests, failures)
        later, dead = self._requests.release(lease.lease_id, failures) if failures else (0, 0)
        return Round(len(lease.requests), len(lease.requests) - len(failures), later, dead)

    def run_once(self, *, wait: bool = True) -> Round:
        """Take requests and meet them; a round of nothing when there were none."""
        lease = self.take(wait=wait)
        return self.work(lease) if lease.requests else Round()

    def dead_letters(self) -> Iterator[UnmetRequest]:
        """Return the requests that failed for good."""
        return self._requests.requests("dead")

    def retry(self, request_id: str) -> None:
        """Bring a dead letter back; NotFoundError when there is no such."""
        self._requests.retry(request_id)

    def reissue(self, document_type: str) -> int:
        """Ask for fresh copies of all documents of a type, by code or vct; how many will be signed."""
        return self._requests.reissue(self._types[document_type].vct)

    def _meet(self, vct: str, requests: Sequence[SigningRequest], failures: list[Failure]) -> None:
        known = self._types.find(vct)
        if known is None:
            failures += (Failure(each.request_id, "unknown_document_type", retryable=False) for each in requests)
            return
        rows = list(self._prepare(known, requests, failures))  # 2
        rows = list(self._match(vct, rows, failures))  # 3
        if not rows:
            return
        self._reserve(vct, rows)  # 4
        self._journal.write([self._intent(copy) for row in rows for copy in row.copies])  # 5
        lines = list(self._sign(rows, failures))  # 6
        self._push(lines, failures)  # 7

    def _prepare(
        self, document_type: DocumentType, requests: Sequence[SigningRequest], failures: list[Failure]
    ) -> Iterator[_Row]:
        by_row: dict[str, list[SigningRequest]] = {}
        for request in requests:
            by_row.setdefault(request.row_key, []).append(request)
        for row_key, of_row in by_row.items():
            try:
                source = self._records.record(document_type, row_key)
                if source is None:
                    # The agency's system may be behind its own push.
                    _fail(of_row, failures, "record_not_found", retryable=True)
                    continue
                record = validate_record(document_type, source.values, source.number)
                document = prepare_document(document_type, record, agency=self._agency, now=self._clock())
                document = _with_period(document, of_row[0])
            except GiaytoError as error:
                _fail(of_row, failures, error.code, retryable=error.retryable)
            else:
                yield _Row(of_row, record, document)

    def _match(self, vct: str, rows: Sequence[_Row], failures: list[Failure]) -> Iterator[_Row]:
        """Compare each record with the population record once more: it may be months old."""
        subjects = [(row.record.subject, row.record.identity) for row in rows]
        if not subjects:
            return
        for row, answer in zip(rows, self._api.look_up(vct, subjects), strict=True):
            match answer:
                case Ready():
                    yield row
                case NoWallet():
                    _fail(row.requests, failures, "no_wallet", retryable=True)
                case Mismatch():
                    _fail(row.requests, failures, "mismatch", retryable=False)

    def _reserve(self, vct: str, rows: Sequence[_Row]) -> None:
        count = sum(len(row.requests) for row in rows)
        indexes = iter(self._api.reserve_status_indexes(vct, count))
        for row in rows:
            row.copies = [_Copy(request, request.key, next(indexes)) for request in row.requests]

    def _intent(self, copy: _Copy) -> CopyIntent:
        return CopyIntent(
            at=self._clock(),
            request_id=copy.request.request_id,
            row_key=copy.request.row_key,
            holder_key=copy.key.thumbprint,
            status_uri=copy.status.uri,
            status_index=copy.status.idx,
        )

    def _sign(self, rows: Iterable[_Row], failures: list[Failure]) -> Iterator[tuple[_Row, str]]:
        for row in rows:
            try:
                credentials = [
                    sign_copy(row.document, agency=self._agency, holder_key=copy.key, status=copy.status)
                    for copy in row.copies
                ]
            except GiaytoError as error:
                _fail(row.requests, failures, error.code, retryable=error.retryable)
            else:
                yield row, _line(row, credentials)

    def _push(self, lines: Sequence[tuple[_Row, str]], failures: list[Failure]) -> None:
        if not lines:
            return
        pending = list(lines)
        for attempt in self._http.retrying(repeatable=True):
            with attempt, self._api.push([line for _, line in pending]) as answers:
                for answer in answers:
                    if not pending:
                        raise ProtocolError("push: more answers came than rows were sent")
                    row, _ = pending.pop(0)
                    _read_answer(row, answer, failures)
        if pending:
            for row, _ in pending:
                _fail(row.requests, failures, "no_answer", retryable=True)


def _by_type(requests: Iterable[SigningRequest]) -> dict[str, list[SigningRequest]]:
    by_type: dict[str, list[SigningRequest]] = {}
    for request in requests:
        by_type.setdefault(request.document_type, []).append(request)
    return by_type


def _with_period(document: PreparedDocument, request: SigningRequest) -> PreparedDocument:
    """Let a further copy state the period of the first ones: a new phone makes no document last longer."""
    if request.not_before is None or request.expires_at is None:
        return document
    times = replace(document.times, not_before=request.not_before, expires_at=request.expires_at)
    return replace(document, times=times)


def _line(row: _Row, credentials: Sequence[str]) -> str:
    record = row.record
    members = {
        "row_key": record.row_key,
        "document_type": record.vct,
        "subject": {"kind": record.subject.kind, "id": record.subject.id},
        "credentials": credentials,
        "replaces": record.replaces,
    }
    return msgspec.json.encode(members).decode("utf-8")


def _read_answer(row: _Row, answer: Mapping[str, Any], failures: list[Failure]) -> None:
    if answer.get("row_key") not in {row.record.row_key, None}:
        raise ProtocolError("push: an answer belongs to another row than the one that was sent")
    if answer.get("result") in {"stored", "unchanged"}:
        return
    problem = answer.get("problem")
    code = str(problem.get("code", "refused")) if isinstance(problem, dict) else "refused"
    _fail(row.requests, failures, code, retryable=code in _LATER)


def _fail(requests: Iterable[SigningRequest], failures: list[Failure], code: str, *, retryable: bool) -> None:
    failures += (Failure(request.request_id, code, retryable) for request in requests)
