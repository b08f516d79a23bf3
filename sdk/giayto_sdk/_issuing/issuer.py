"""`Issuer`: an agency's documents into its citizens' wallets."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Self

import httpx2

from giayto_crypto.keys import LocalSigner, Signer
from giayto_issuers.document_type.loading import load_types
from giayto_issuers.document_type.model import DocumentType, DocumentTypes
from giayto_issuers.encodings.detection import Encoding
from giayto_issuers.mapping.reading import read_mapping
from giayto_issuers.signing import IssuingAgency, check_issuer
from giayto_sdk._clock import Clock, system_clock
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import DEFAULT_ATTEMPTS, HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._issuing.agency_keys import load_certificates, load_signer
from giayto_sdk._issuing.api import IssuedDocument, IssuerApi
from giayto_sdk._issuing.client_assertion import ClientCredentials
from giayto_sdk._issuing.corrections import PushedRows, write_rows_to_correct
from giayto_sdk._issuing.depositing import (
    DepositListener,
    DepositOffer,
    DepositProgressListener,
    DepositReport,
    Deposits,
)
from giayto_sdk._issuing.hosted_signing import HostedSigning
from giayto_sdk._issuing.job_folder import JobSource, OpenJob, open_job, read_results
from giayto_sdk._issuing.jobs_api import JobsApi
from giayto_sdk._issuing.push import BATCH_ROWS, Push
from giayto_sdk._issuing.reconciliation import reconcile
from giayto_sdk._issuing.results import ProgressListener, PushReport, ResultListener
from giayto_sdk._issuing.sending import Sender
from giayto_sdk._issuing.signing_desk import LocalDesk, SigningDesk
from giayto_sdk._issuing.signing_process import DeskProcess, DeskSetup, KeyFile, OpenSigner
from giayto_sdk._issuing.sources import Rows, open_source
from giayto_sdk.config import AgencyConfig, load_agency_config
from giayto_sdk.errors import ConfigurationError, NetworkError, PushInterruptedError

_SCOPE = "issuer"
_TO_CORRECT = "to-correct"
_PATIENT_ATTEMPTS = 20
"""Within the time that a call may take as a whole; see `HttpClient`."""


@dataclass(frozen=True, slots=True)
class _Connection:
    http: HttpClient
    api: IssuerApi
    jobs: JobsApi
    deposits: Deposits
    hosted_signing: HostedSigning


@dataclass(frozen=True, slots=True)
class _Listeners:
    on_result: ResultListener | None
    on_progress: ProgressListener | None


class Issuer:
    """Pushes documents in the name of one agency, and withdraws them.

        with Issuer.from_file("agency.toml") as issuer:
            for result in issuer.push("health-book", "records.csv"):
                print(result.row, result.outcome)

    Keys stay here: the wallet backend receives signed credentials only. An agency that lets the operator sign for it
    deposits records instead, and needs no signing key.
    """

    def __init__(
        self,
        config: AgencyConfig,
        *,
        signer: Signer | None = None,
        open_signer: OpenSigner | None = None,
        processes: int | None = None,
        document_types: DocumentTypes | None = None,
        clock: Clock = system_clock,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Prepare everything; nothing is sent yet.

        Args:
            config: see `giayto_sdk.config`.
            signer: signs credentials, in this process; by default the key of `config.signing_key_file` does.
            open_signer: opens the agency's key anew in each process that signs: a function of a module, which asks a
                hardware module for a session. By default each process reads `config.signing_key_file`.
            processes: how many sign a push of many rows; by default one for each core.
            document_types: what can be issued; by default those of giayto and of `config.types_folder`.
            clock: the time of signing.
            transport: in place of the network, for tests.

        Raises:
            ConfigurationError: a key or certificate cannot be used.
        """
        self._config = config
        self._clock = clock
        self._types = document_types or load_types(config.types_folder)
        self._open_signer = None if signer else open_signer or _key_file(config)
        self._processes = processes or os.cpu_count() or 1
        self._signing = _issuing_agency(config, signer or (self._open_signer and self._open_signer()))
        client_signer = load_signer(config.client_key_file)
        self._asking = self._connect(client_signer, DEFAULT_ATTEMPTS, transport)
        # A push of days outlives a restart of the server; a question is better answered soon.
        self._pushing = self._connect(client_signer, _PATIENT_ATTEMPTS, transport)

    @classmethod
    def from_file(cls, path: str | Path, *, processes: int | None = None, types_folder: Path | None = None) -> Self:
        """Read the configuration of an agency; ConfigurationError says what is wrong with it.

        Args:
            path: TOML.
            processes: as above.
            types_folder: in the place of the one that the configuration names.
        """
        config = load_agency_config(Path(path))
        return cls(replace(config, types_folder=types_folder or config.types_folder), processes=processes)

    @property
    def agency_id(self) -> str:
        """Whose documents are pushed."""
        return self._config.agency_id

    def close(self) -> None:
        """Close the connections."""
        self._asking.http.close()
        self._pushing.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def push(
        self,
        document_type: str,
        rows: Rows,
        *,
        on_result: ResultListener | None = None,
        on_progress: ProgressListener | None = None,
        refused_file: Path | None = None,
        mapping: Path | None = None,
        encoding: Encoding | None = None,
    ) -> PushReport:
        """Push rows as a job: validate, match, sign and send each, and return what became of all of them.

        Everything is journalled before it is signed. A push that was interrupted, by whatever, goes on where it
        stopped when it is called again with the same type and the same rows; rows that had arrived count once. The
        file of rows to correct that a push leaves can be pushed in its turn: it goes into the same job.

        Args:
            document_type: code or vct.
            rows: path of a CSV, NDJSON or XLSX file or of a query's TOML, or the rows themselves.
            on_result: told of each result as it comes, by one thread at a time.
            on_progress: told, likewise, how far the job is.
            refused_file: where the rows to correct are written, with a suffix that fits; by default beside the journal.
            mapping: TOML file that says which column holds which claim; rows to correct are pushed with it too.
            encoding: of the file; told by evidence when not given.

        Raises:
            UnknownDocumentTypeError: there is no such type.
            ConfigurationError: this agency has no signing key, or the source is not one.
            AgencyNotEntitledError: the agency may not issue the type; nothing was read.
            NotSignableError: the agency's certificate cannot be used; nothing was read.
            HeaderError: a CSV's header does not fit the type; no row was pushed.
            PushInterruptedError: the server was lost, or Ctrl-C; call again to go on.
            JournalError: the journal folder cannot be used; nothing was signed without it.
            GiaytoError: the source or the agency's credentials are refused as a whole.
        """
        known_type = self._types[document_type]
        check_issuer(known_type, self._agency, self._clock())
        folder = self._config.journal_folder
        columns = None if mapping is None else read_mapping(mapping, known_type)
        with _stopped_on_request(), open_source(rows, folder, mapping=columns, encoding=encoding) as source:
            pushed = PushedRows.of(source)
            pushed.check_header(known_type)
            what = JobSource(self._config.agency_id, known_type.vct, source.sha256, pushed.corrects)
            with open_job(folder, what, self._clock()) as job:
                listeners = _Listeners(on_result, on_progress)
                job_id = self._run(job, known_type, pushed, listeners)
                return self._conclude(job, job_id, pushed, refused_file)

    def deposit(
        self,
        document_type: str,
        rows: Rows,
        *,
        on_result: DepositListener | None = None,
        on_progress: DepositProgressListener | None = None,
        mapping: Path | None = None,
        encoding: Encoding | None = None,
    ) -> DepositReport:
        """Leave records at the wallet backend, which has them signed when a wallet fetches them.

        The agency must have chosen hosted signing. Rows are validated here, sent as streams, and count once under their
        row keys: a deposit that was interrupted is simply made again.

        Args:
            document_type: code or vct.
            rows: as for `push`.
            on_result: told of each result as it comes.
            on_progress: told how far the deposit is.
            mapping: TOML file that says which column holds which claim.
            encoding: of the file; told by evidence when not given.

        Raises:
            UnknownDocumentTypeError: there is no such type.
            HeaderError: a CSV's header does not fit the type; nothing was sent.
            ForbiddenError: the agency may not issue the type, or has not chosen hosted signing.
            DepositInterruptedError: the server was lost; call again.
            GiaytoError: the source or the agency's credentials are refused as a whole.
        """
        known_type = self._types[document_type]
        columns = None if mapping is None else read_mapping(mapping, known_type)
        folder = self._config.journal_folder
        with open_source(rows, folder, mapping=columns, encoding=encoding) as source:
            source.check_header(known_type)
            return self._pushing.deposits.deposit(
                known_type, source, folder, on_result=on_result, on_progress=on_progress
            )

    def offer(self, document_id: str, *, tx_code: bool = True) -> DepositOffer:
        """Offer a deposited document to a wallet, of whatever maker: once, and for a few minutes.

        Args:
            document_id: as `deposit` reported it.
            tx_code: ask the wallet for a PIN, which must reach the citizen on another way than the offer.

        Raises:
            NotFoundError: this agency has deposited no such document.
            ConflictError: it was withdrawn.
        """
        return self._asking.deposits.offer(document_id, tx_code=tx_code)

    def withdraw(self, document_id: str, reason: str) -> None:
        """Let nobody fetch a deposited document any more, and revoke the copies that were fetched."""
        self._asking.deposits.withdraw(document_id, reason)

    @property
    def hosted_signing(self) -> HostedSigning:
        """Whether the operator may sign for the agency, and with which certificate: show, choose, withdraw."""
        return self._asking.hosted_signing

    @property
    def jobs(self) -> JobsApi:
        """The agency's jobs as the server knows them: list, read, revoke, supersede."""
        return self._asking.jobs

    def find(self, row_key: str) -> IssuedDocument | None:
        """Return the current version of the document that was pushed under a row key, or None."""
        found = list(self._asking.api.documents({"row_key": row_key}))
        return max(found, key=lambda document: document.version, default=None)

    def documents(self, *, state: str | None = None) -> Iterator[IssuedDocument]:
        """Return all documents of this agency, or those in one state, as they are read page by page."""
        return self._asking.api.documents({"state": state} if state else {})

    def document(self, document_id: str) -> IssuedDocument:
        """Return one document; NotFoundError when it is not this agency's."""
        return self._asking.api.document(document_id)

    def revoke(self, document_id: str, reason: str) -> IssuedDocument:
        """Withdraw a document for good. It cannot be undone."""
        return self._asking.api.change_status(document_id, "revoke", {"reason": reason})

    def suspend(self, document_id: str, reason: str) -> IssuedDocument:
        """Withhold a document until it is resumed."""
        return self._asking.api.change_status(document_id, "suspend", {"reason": reason})

    def consume(self, document_id: str) -> IssuedDocument:
        """Mark a document that is good for one use as used; ConflictError when it was used already."""
        return self._asking.api.change_status(document_id, "consume", {})

    def resume(self, document_id: str) -> IssuedDocument:
        """Let a suspended document stand again."""
        return self._asking.api.change_status(document_id, "resume", {})

    @property
    def _agency(self) -> IssuingAgency:
        if self._signing is None:
            raise ConfigurationError("signing_key_file: none is configured, so this agency can only deposit")
        return self._signing

    def _run(self, job: OpenJob, document_type: DocumentType, rows: PushedRows, listeners: _Listeners) -> str:
        """Push what is not finished, and return the server's name of the job."""
        try:
            job_id = self._pushing.jobs.open(job.job.job_key, document_type.vct).job_id
            with ExitStack() as stack:
                Push(
                    api=self._pushing.api,
                    server=self._pushing.jobs,
                    sender=Sender(self._pushing.http, self._pushing.api, job_id),
                    desks=self._desks(document_type, rows, stack),
                    document_type=document_type,
                    job=job,
                    job_id=job_id,
                    clock=self._clock,
                    on_result=listeners.on_result,
                    on_progress=listeners.on_progress,
                ).run(rows)
        except NetworkError as error:
            raise PushInterruptedError(error.detail) from error
        return job_id

    def _conclude(self, job: OpenJob, job_id: str, rows: PushedRows, refused_file: Path | None) -> PushReport:
        states = job.state.rows
        try:
            on_server = self._pushing.jobs.finish(job_id)
            reconciliation = reconcile(states, on_server, self._pushing.jobs)
        except NetworkError as error:
            raise PushInterruptedError(error.detail) from error
        return PushReport(
            document_type=job.job.document_type,
            job_id=job_id,
            journal=job.journal.path,
            counts=states.counts_by_outcome(),
            reconciliation=reconciliation,
            refused_file=write_rows_to_correct(refused_file or job.folder / _TO_CORRECT, rows, job),
            _read_results=partial(read_results, job.journal.path),
        )

    def _desks(self, document_type: DocumentType, rows: PushedRows, stack: ExitStack) -> Sequence[SigningDesk]:
        """Return who signs: this process for a few rows or with a signer of the caller's, else one for each core."""
        if self._open_signer is None or rows.fit_into(BATCH_ROWS):
            return [LocalDesk(document_type, self._agency)]
        setup = DeskSetup(
            document_type, self._agency.agency_id, self._agency.issuer, self._agency.x5c, self._open_signer
        )
        return [stack.enter_context(DeskProcess(setup)) for _ in range(self._processes)]

    def _connect(self, client_signer: Signer, attempts: int, transport: httpx2.BaseTransport | None) -> _Connection:
        http = HttpClient(self._config.base_url, clock=self._clock, transport=transport, attempts=attempts)
        # The key that tokens are bound to lives as long as this object: nothing on disk is worth stealing with a token.
        dpop = DpopProver(LocalSigner.generate(), self._clock)
        credentials = ClientCredentials(
            http, dpop, client_id=self._config.client_id, signer=client_signer, scope=_SCOPE
        )
        client = AuthorisedClient(http, dpop, credentials.fetch_token)
        deposits = Deposits(http, client, self._clock)
        return _Connection(http, IssuerApi(client), JobsApi(client), deposits, HostedSigning(client))


def _key_file(config: AgencyConfig) -> KeyFile | None:
    return None if config.signing_key_file is None else KeyFile(config.signing_key_file)


def _issuing_agency(config: AgencyConfig, key: Signer | None) -> IssuingAgency | None:
    """Return the agency as it signs itself; None where the operator signs for it."""
    if key is None:
        return None
    return IssuingAgency(config.agency_id, config.iss, key, load_certificates(config, key))


@contextmanager
def _stopped_on_request() -> Iterator[None]:
    """Turn Ctrl-C into an interruption that says how to go on: by then, batches under way have ended in good order."""
    try:
        yield
    except KeyboardInterrupt:
        raise PushInterruptedError("stopped on request; the batches under way were finished") from None
