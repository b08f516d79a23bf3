"""What may be passed where a verified presentation is needed. A line that must not pass ends with its error code."""

from giayto_crypto.sdjwt import UnverifiedSdJwt
from giayto_sdk import (
    AuthenticPresentation,
    Invalid,
    Policy,
    Presentation,
    Unknown,
    Valid,
    Verdict,
    VerifiedPresentation,
    Verifier,
)


def open_account(presentation: VerifiedPresentation) -> str:
    return str(presentation.claims["full_name"])


def from_verdict(verifier: Verifier, text: str) -> str:
    verdict = verifier.verify(text)
    open_account(verdict)  # arg-type
    open_account(text)  # arg-type
    open_account(verdict.presentation)  # union-attr
    open_account(verdict.require_valid())
    match verdict:
        case Valid(presentation=presentation):
            return open_account(presentation)
        case Unknown(authentic=authentic):
            open_account(authentic)  # arg-type
        case Invalid():
            return str(verdict.presentation)  # attr-defined
    return ""


def from_other_things(
    unverified: UnverifiedSdJwt, authentic: AuthenticPresentation, shown: Presentation, verdict: Verdict
) -> None:
    open_account(unverified)  # arg-type
    open_account(authentic)  # arg-type
    open_account(shown)  # arg-type
    open_account(shown.sd_jwt)  # arg-type


def without_trust_or_policy() -> None:
    Verifier("bundle.jwt", policy=Policy())  # call-arg
    Verifier("bundle.jwt", anchor="root.pem")  # call-arg
    Verifier("bundle.jwt", anchor="root.pem", policy=None)  # arg-type
    Verifier("bundle.jwt", anchor="root.pem", policy=Policy(), verify=False)  # call-arg


def forged_verdict(valid: Valid, other: VerifiedPresentation) -> None:
    valid.presentation = other  # misc
    valid.presentation.claims["full_name"] = "other"  # index


def exhaustive(verdict: Verdict) -> int:
    match verdict:
        case Valid():
            return 0
        case Invalid():
            return 1
        case Unknown():
            return 2
