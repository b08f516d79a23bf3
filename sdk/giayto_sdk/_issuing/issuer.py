"""`Issuer`: an agency's documents into its citizens' wallets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import httpx2

from giayto_crypto.keys import LocalSigner, Signer
from giayto_issuers.document_type.loading import load_builtin_types
from giayto_issuers.document_type.model import DocumentType, DocumentTypes
from giayto_issuers.signing import IssuingAgency, check_issuer
from giayto_sdk._clock import Clock, system_clock
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._issuing.agency_keys import load_chain, load_signer
from giayto_sdk._issuing.api import IssuedDocument, IssuerApi
from giayto_sdk._issuing.client_assertion import ClientCredentials
from giayto_sdk._issuing.journal import Job, Journal, open_run, read_results
from giayto_sdk._issuing.push import Push
from giayto_sdk._issuing.results import OutcomeCounter, PushReport, ResultListener
from giayto_sdk._issuing.sources import Rows, open_source
from giayto_sdk.config import AgencyConfig, load_agency_config

_SCOPE = "issuer"


class Issuer:
    """Pushes documents in the name of one agency, and withdraws them.

        with Issuer.from_file("agency.toml") as issuer:
            for result in issuer.push("health-book", "records.csv"):
                print(result.row, result.outcome)

    Keys stay here: the wallet backend receives signed credentials only.
    """

    def __init__(
        self,
        config: AgencyConfig,
        *,
        signer: Signer | None = None,
        document_types: DocumentTypes | None = None,
        clock: Clock = system_clock,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Prepare everything; nothing is sent yet.

        Args:
            config: see `giayto_sdk.config`.
            signer: signs credentials; by default the key of `config.signing_key_file`. A hardware module goes here.
            document_types: what can be issued; by default the types that come with giayto.
            clock: the time of signing.
            transport: in place of the network, for tests.

        Raises:
            ConfigurationError: a key or certificate cannot be used.
        """
        self._config = config
        self._clock = clock
        self._types = document_types or load_builtin_types()
        signing_key = signer or load_signer(config.signing_key_file)
        chain = load_chain(config.certificate_chain_file, signing_key)
        self._agency = IssuingAgency(config.agency_id, config.iss, signing_key, chain)
        self._http = HttpClient(config.base_url, clock=clock, transport=transport)
        self._api = IssuerApi(self._authorised_client(load_signer(config.client_key_file)))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read the configuration of an agency; ConfigurationError says what is wrong with it."""
        return cls(load_agency_config(Path(path)))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def push(self, document_type: str, rows: Rows, *, on_result: ResultListener | None = None) -> PushReport:
        """Validate, match, sign and push rows, and return what became of each.

        Everything is journalled before it is signed. A push that was interrupted, by whatever, goes on where it
        stopped when it is called again with the same type and the same rows; rows that had arrived count once.

        Args:
            document_type: code or vct.
            rows: path of a CSV or NDJSON file, or the rows themselves.
            on_result: told of each result as it comes; when a push is resumed, first of the earlier ones.

        Raises:
            UnknownDocumentTypeError: there is no such type.
            AgencyNotEntitledError: the agency may not issue the type; nothing was read.
            NotSignableError: the agency's certificate cannot be used; nothing was read.
            HeaderError: a CSV's header does not fit the type; no row was read.
            PushInterruptedError: the server was lost; call again to go on.
            JournalError: the journal folder cannot be used; nothing was signed without it.
            GiaytoError: the source or the agency's credentials are refused as a whole.
        """
        known_type = self._types[document_type]
        check_issuer(known_type, self._agency, self._clock())
        folder = self._config.journal_folder
        counter = OutcomeCounter(on_result)
        with open_source(rows, folder) as source:
            source.check_header(known_type)
            job = Job(known_type.vct, source.sha256, self._clock())
            with open_run(folder, job) as journal:
                self._new_push(known_type, journal, counter).run(source.rows())
        return PushReport(known_type.vct, journal.path, counter.counts, lambda: read_results(journal.path))

    def find(self, row_key: str) -> IssuedDocument | None:
        """Return the current version of the document that was pushed under a row key, or None."""
        found = list(self._api.documents({"row_key": row_key}))
        return max(found, key=lambda document: document.version, default=None)

    def documents(self, *, state: str | None = None) -> Iterator[IssuedDocument]:
        """Return all documents of this agency, or those in one state, as they are read page by page."""
        return self._api.documents({"state": state} if state else {})

    def document(self, document_id: str) -> IssuedDocument:
        """Return one document; NotFoundError when it is not this agency's."""
        return self._api.document(document_id)

    def revoke(self, document_id: str, reason: str) -> IssuedDocument:
        """Withdraw a document for good. It cannot be undone."""
        return self._api.change_status(document_id, "revoke", {"reason": reason})

    def suspend(self, document_id: str, reason: str) -> IssuedDocument:
        """Withhold a document until it is resumed."""
        return self._api.change_status(document_id, "suspend", {"reason": reason})

    def resume(self, document_id: str) -> IssuedDocument:
        """Let a suspended document stand again."""
        return self._api.change_status(document_id, "resume", {})

    def _new_push(self, document_type: DocumentType, journal: Journal, counter: OutcomeCounter) -> Push:
        return Push(
            http=self._http,
            api=self._api,
            agency=self._agency,
            clock=self._clock,
            document_type=document_type,
            journal=journal,
            counter=counter,
        )

    def _authorised_client(self, client_signer: Signer) -> AuthorisedClient:
        # The key that tokens are bound to lives as long as this object: nothing on disk is worth stealing with a token.
        dpop = DpopProver(LocalSigner.generate(), self._clock)
        credentials = ClientCredentials(
            self._http, dpop, client_id=self._config.client_id, signer=client_signer, scope=_SCOPE
        )
        return AuthorisedClient(self._http, dpop, credentials.fetch_token)
