"""giayto for agencies, verifiers and wallets.

The public surface is what this module exports, `giayto_sdk.errors` and `giayto_sdk.config`; modules whose names begin
with an underscore may change at any time.

- `Verifier` checks what a holder shows, with no network, and answers `Valid`, `Invalid` or `Unknown`.
- A verdict's `receipt` records the check for one transaction; `check_receipt` checks it again years later.
- `Catalogue` answers whether a paper may still be asked for, from a signed edition.
- `Issuer` pushes an agency's documents into its citizens' wallets, and withdraws them.
- `SigningWorker` signs in the background what citizens wait for.
- `WalletClient` does what a phone does: log in, hold keys, confirm, present.
"""

from giayto_crypto.keys import LocalSigner, Signer
from giayto_sdk import errors
from giayto_sdk._checking.catalogue import Catalogue
from giayto_sdk._checking.receipts import ListFolder, check_receipt
from giayto_sdk._checking.verifier import Verifier
from giayto_sdk._issuing.api import IssuedDocument
from giayto_sdk._issuing.issuer import Issuer
from giayto_sdk._issuing.record_store import IndexedRecords, RecordSource
from giayto_sdk._issuing.results import PushReport, RowOutcome, RowResult
from giayto_sdk._issuing.signing_worker import SigningWorker
from giayto_sdk._wallet.answers import WalletChange, WalletDocument, WalletDocumentDetail, WalletPreparation
from giayto_sdk._wallet.authentication import BrowserAuthenticator
from giayto_sdk._wallet.client import WalletClient
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

__all__ = [
    "AuthenticPresentation",
    "BrowserAuthenticator",
    "Catalogue",
    "EvidenceLevel",
    "FileReplayGuard",
    "Finding",
    "InMemoryReplayGuard",
    "IndexedRecords",
    "Invalid",
    "IssuedDocument",
    "Issuer",
    "ListFolder",
    "LocalSigner",
    "MayAsk",
    "Policy",
    "Presentation",
    "PushReport",
    "Reason",
    "Receipt",
    "ReceiptHolds",
    "ReceiptReason",
    "ReceiptRefused",
    "ReceiptResult",
    "ReceiptStatement",
    "ReceiptUndetermined",
    "RecordSource",
    "ReplayGuard",
    "RowOutcome",
    "RowResult",
    "Signer",
    "SigningWorker",
    "Unknown",
    "Valid",
    "Verdict",
    "VerifiedPresentation",
    "Verifier",
    "VerifiersWord",
    "WalletChange",
    "WalletClient",
    "WalletDocument",
    "WalletDocumentDetail",
    "WalletPreparation",
    "check_receipt",
    "errors",
]
