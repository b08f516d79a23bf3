"""One check by a verifier that remembers nothing from other checks."""

from datetime import datetime
from typing import Any

from giayto_crypto.bundle import VerifierBundle
from giayto_verifiers import InMemoryReplayGuard, Policy, Verdict, Verifier
from trust_scheme.scheme import NOW


def check(
    bundle: VerifierBundle, text: str, *, at: datetime = NOW, challenge: str | None = None, **policy: Any
) -> Verdict:
    """Return the verdict on a presentation."""
    verifier = Verifier(bundle, policy=Policy(**policy), replay_guard=InMemoryReplayGuard())
    return verifier.verify(text, now=at, challenge=challenge)


def reasons(bundle: VerifierBundle, text: str, **arguments: Any) -> tuple[str, ...]:
    """Return the codes of the verdict's reasons."""
    return tuple(check(bundle, text, **arguments).reasons)
