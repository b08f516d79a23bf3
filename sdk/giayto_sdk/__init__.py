"""giayto for agencies, verifiers and wallets.

The public surface is what this module exports, `giayto_sdk.errors` and `giayto_sdk.config`; modules whose names begin
with an underscore may change at any time.

- `Verifier` checks what a holder shows, with no network, and answers `Valid`, `Invalid` or `Unknown`.
- A verdict's `receipt` records the check for one transaction; `check_receipt` checks it again years later.
- `Catalogue` answers whether a paper may still be asked for, from a signed edition.
- `Issuer` pushes an agency's documents into its citizens' wallets, or deposits records for them, and withdraws them.
- `SigningWorker` signs in the background what citizens wait for.
- `WalletClient` does what a phone does: log in, hold keys, confirm, present, answer requests.
- `PaperFallbacks` records why paper is asked for where data is missing or wrong.
- `HostedRequests` and `PresentationRequests` ask wallets: through the backend, or from an endpoint of one's own.
"""

from giayto_crypto.keys import LocalSigner, Signer
from giayto_sdk import errors
from giayto_sdk._checking.catalogue import Catalogue
from giayto_sdk._checking.receipts import ListFolder, check_receipt
from giayto_sdk._checking.verifier import Verifier
from giayto_sdk._issuing.api import IssuedDocument
from giayto_sdk._issuing.depositing import (
    DepositOffer,
    DepositOutcome,
    DepositProgress,
    DepositReport,
    DepositResult,
)
from giayto_sdk._issuing.hosted_signing import ChosenCertificate, HostedSigning
from giayto_sdk._issuing.issuer import Issuer
from giayto_sdk._issuing.jobs_api import JobOperation, JobRow, OutcomeCount, PushJob
from giayto_sdk._issuing.record_store import IndexedRecords, RecordSource
from giayto_sdk._issuing.results import (
    CountDifference,
    PushProgress,
    PushReport,
    Reconciliation,
    RowOutcome,
    RowResult,
)
from giayto_sdk._issuing.signing_worker import SigningWorker
from giayto_sdk._issuing.webhooks import verify_webhook
from giayto_sdk._requesting.fallbacks import FallbackCase, FallbackSubject, PaperFallback, PaperFallbacks
from giayto_sdk._requesting.hosted import HostedRequest, HostedRequests, HostedVerdict
from giayto_sdk._requesting.own import HttpReply, PresentationRequests, RequestStore
from giayto_sdk._wallet.answering import AnswerOutcome, Consent, PresentationRequestShown
from giayto_sdk._wallet.answering_history import HistoryEntry
from giayto_sdk._wallet.answers import (
    RefusalReport,
    WalletChange,
    WalletDocument,
    WalletDocumentDetail,
    WalletPreparation,
)
from giayto_sdk._wallet.authentication import BrowserAuthenticator
from giayto_sdk._wallet.client import WalletClient
from giayto_sdk._wallet.issuance_offers import CredentialOffer, OfferedDocument
from giayto_sdk._wallet.presentation import Presentation
from giayto_verifiers import (
    AuthenticPresentation,
    EvidenceLevel,
    FileReplayGuard,
    Finding,
    InMemoryReplayGuard,
    Invalid,
    Policy,
    Reason,
    Receipt,
    ReceiptHolds,
    ReceiptReason,
    ReceiptRefused,
    ReceiptResult,
    ReceiptStatement,
    ReceiptUndetermined,
    ReplayGuard,
    Unknown,
    Valid,
    Verdict,
    VerifiedPresentation,
    VerifiersWord,
)
from giayto_verifiers.paper_rule import MayAsk
from giayto_verifiers.requests import (
    AnswerVerdict,
    InvalidAnswer,
    Purpose,
    UnknownAnswer,
    ValidAnswer,
    VerifierIdentity,
)

__all__ = [
    "AnswerOutcome",
    "AnswerVerdict",
    "AuthenticPresentation",
    "BrowserAuthenticator",
    "Catalogue",
    "ChosenCertificate",
    "Consent",
    "CountDifference",
    "CredentialOffer",
    "DepositOffer",
    "DepositOutcome",
    "DepositProgress",
    "DepositReport",
    "DepositResult",
    "EvidenceLevel",
    "FallbackCase",
    "FallbackSubject",
    "FileReplayGuard",
    "Finding",
    "HistoryEntry",
    "HostedRequest",
    "HostedRequests",
    "HostedSigning",
    "HostedVerdict",
    "HttpReply",
    "InMemoryReplayGuard",
    "IndexedRecords",
    "Invalid",
    "InvalidAnswer",
    "IssuedDocument",
    "Issuer",
    "JobOperation",
    "JobRow",
    "ListFolder",
    "LocalSigner",
    "MayAsk",
    "OfferedDocument",
    "OutcomeCount",
    "PaperFallback",
    "PaperFallbacks",
    "Policy",
    "Presentation",
    "PresentationRequestShown",
    "PresentationRequests",
    "Purpose",
    "PushJob",
    "PushProgress",
    "PushReport",
    "Reason",
    "Receipt",
    "ReceiptHolds",
    "ReceiptReason",
    "ReceiptRefused",
    "ReceiptResult",
    "ReceiptStatement",
    "ReceiptUndetermined",
    "Reconciliation",
    "RecordSource",
    "RefusalReport",
    "ReplayGuard",
    "RequestStore",
    "RowOutcome",
    "RowResult",
    "Signer",
    "SigningWorker",
    "Unknown",
    "UnknownAnswer",
    "Valid",
    "ValidAnswer",
    "Verdict",
    "VerifiedPresentation",
    "Verifier",
    "VerifierIdentity",
    "VerifiersWord",
    "WalletChange",
    "WalletClient",
    "WalletDocument",
    "WalletDocumentDetail",
    "WalletPreparation",
    "check_receipt",
    "errors",
    "verify_webhook",
]
