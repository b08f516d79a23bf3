"""The verification pipeline from QR text to verdict (docs/verification.md)."""

from giayto_verifiers.policy import ChallengeNeededError, Policy
from giayto_verifiers.presentations import AuthenticPresentation, VerifiedPresentation
from giayto_verifiers.reasons import Finding, Reason, ReasonText
from giayto_verifiers.replay_guard import FileReplayGuard, InMemoryReplayGuard, ReplayGuard, ReplayGuardError
from giayto_verifiers.verdicts import Invalid, NotValidError, Unknown, Valid, Verdict
from giayto_verifiers.verifier import Verifier

__all__ = [
    "AuthenticPresentation",
    "ChallengeNeededError",
    "FileReplayGuard",
    "Finding",
    "InMemoryReplayGuard",
    "Invalid",
    "NotValidError",
    "Policy",
    "Reason",
    "ReasonText",
    "ReplayGuard",
    "ReplayGuardError",
    "Unknown",
    "Valid",
    "Verdict",
    "VerifiedPresentation",
    "Verifier",
]
