"""What one verifier demands of a presentation, said explicitly."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from giayto_crypto.errors import GiaytoError
from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE

_NONE = timedelta(0)


class ChallengeNeededError(GiaytoError):
    """The policy demands a challenge, and the caller gave none."""

    code = "challenge_needed"
    message_vi = "Chính sách kiểm tra yêu cầu mã thách thức."
    message_en = "This verifier's policy demands a challenge."


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A verifier's demands. That the holder proves possession is not among them: it always must.

    Only `Verifier.verify_printed_copy` does without that proof.

    Attributes:
        accepted_types: `vct`s that are accepted; None accepts every type of the catalogue.
        accepted_agencies: agency identifiers that are accepted; None accepts every agency of the trust list.
        required_claims: top-level claims that must be shown, beside those that the type itself requires.
        audience: `aud` that the holder's proof must carry: this verifier's name, or the in-person audience of a QR.
        challenge_required: every check needs a challenge, which the phone signed as `nonce`.
        purpose: code of the purpose for which this verifier asks, as the catalogue lists them; the type must allow to
            ask for it, and for this. None: the holder shows it unasked.
        max_presentation_age: how old the holder's proof may be, to the second and inclusive.
        max_status_age: how old the status list may be, to the second and inclusive.
        clock_skew: by how much clocks may differ where a time lies in the future, and at `exp` and `nbf`.
    """

    accepted_types: frozenset[str] | None = None
    accepted_agencies: frozenset[str] | None = None
    required_claims: frozenset[str] = frozenset()
    audience: str = IN_PERSON_AUDIENCE
    challenge_required: bool = False
    purpose: str | None = None
    max_presentation_age: timedelta = timedelta(seconds=60)
    max_status_age: timedelta = timedelta(hours=24)
    clock_skew: timedelta = timedelta(seconds=60)

    def __post_init__(self) -> None:
        for name in ("accepted_types", "accepted_agencies", "required_claims"):
            object.__setattr__(self, name, _frozen(name, getattr(self, name)))
        if not self.audience:
            raise ValueError("policy: audience must not be empty")
        if self.purpose == "":
            raise ValueError("policy: purpose must not be empty; None asks for nothing")
        if self.max_presentation_age <= _NONE or self.max_status_age <= _NONE or self.clock_skew < _NONE:
            raise ValueError("policy: ages must be positive, and the clock skew not negative")

    def require_challenge(self, challenge: str | None) -> None:
        """Refuse a check without the challenge that this policy demands; ChallengeNeededError."""
        if self.challenge_required and not challenge:
            raise ChallengeNeededError("policy: pass the challenge that the holder was shown")


def _frozen(name: str, values: Iterable[str] | None) -> frozenset[str] | None:
    if isinstance(values, str):
        # A string is a set of characters too: accepted_types="urn:…" would silently accept nothing.
        raise TypeError(f"policy: {name} is a set of strings, not one string")
    return None if values is None else frozenset(values)
