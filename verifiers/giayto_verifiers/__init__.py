"""The verification pipeline from QR text to verdict (docs/verification.md)."""

from giayto_verifiers.policy import ChallengeNeededError, Policy
from giayto_verifiers.presentations import AuthenticPresentation, VerifiedPresentation
from giayto_verifiers.reasons import Finding, Reason, ReasonText
from giayto_verifiers.receipts.evidence import EvidenceLevel
from giayto_verifiers.receipts.making import Receipt, ReceiptError, ReceiptTooLargeError
from giayto_verifiers.receipts.reasons import ReceiptReason, ReceiptReasonText
from giayto_verifiers.receipts.rechecking import check_receipt
from giayto_verifiers.receipts.recording import ClaimNotShownError
from giayto_verifiers.receipts.results import (
    ReceiptHolds,
    ReceiptRefused,
    ReceiptResult,
    ReceiptStatement,
    ReceiptUndetermined,
    VerifiersWord,
)
from giayto_verifiers.replay_guard import FileReplayGuard, InMemoryReplayGuard, ReplayGuard, ReplayGuardError
from giayto_verifiers.verdicts import Invalid, NotValidError, Unknown, Valid, Verdict
from giayto_verifiers.verifier import Verifier

__all__ = [
    "AuthenticPresentation",
    "ChallengeNeededError",
    "ClaimNotShownError",
    "EvidenceLevel",
    "FileReplayGuard",
    "Finding",
    "InMemoryReplayGuard",
    "Invalid",
    "NotValidError",
    "Policy",
    "Reason",
    "ReasonText",
    "Receipt",
    "ReceiptError",
    "ReceiptHolds",
    "ReceiptReason",
    "ReceiptReasonText",
    "ReceiptRefused",
    "ReceiptResult",
    "ReceiptStatement",
    "ReceiptTooLargeError",
    "ReceiptUndetermined",
    "ReplayGuard",
    "ReplayGuardError",
    "Unknown",
    "Valid",
    "Verdict",
    "VerifiedPresentation",
    "Verifier",
    "VerifiersWord",
    "check_receipt",
]
