"""The verifier: the eleven steps of docs/verification.md, from a QR's text to a verdict."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from giayto_crypto.bundle import VerifierBundle
from giayto_verifiers.examination import Conditions, Examination, examine
from giayto_verifiers.issuer_paths import IssuerPaths
from giayto_verifiers.policy import Policy
from giayto_verifiers.presentations import AuthenticPresentation, VerifiedPresentation, make_presentation
from giayto_verifiers.reasons import Finding, Reason
from giayto_verifiers.replay_guard import ReplayGuard, ReplayGuardError
from giayto_verifiers.verdicts import DocumentIdentity, Invalid, Unknown, Valid, Verdict

_Kind = TypeVar("_Kind", VerifiedPresentation, AuthenticPresentation)


class Verifier:
    """Checks presentations against one bundle. Immutable and safe for threads; it does no input or output of its own.

    >>> verifier = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())  # doctest: +SKIP
    >>> verdict = verifier.verify(qr_text, now=now)  # doctest: +SKIP
    """

    def __init__(self, bundle: VerifierBundle, *, policy: Policy, replay_guard: ReplayGuard) -> None:
        """Take everything that a check depends on.

        Args:
            bundle: from `giayto_crypto.bundle.verify_bundle`; may be outdated, verdicts are then `unknown`.
            policy: this verifier's demands.
            replay_guard: remembers accepted presentations; share it between verifiers of the same desk.
        """
        self._bundle = bundle
        self._policy = policy
        self._replay_guard = replay_guard
        self._paths = IssuerPaths(bundle)

    @property
    def bundle(self) -> VerifierBundle:
        """The bundle that checks are made against."""
        return self._bundle

    @property
    def policy(self) -> Policy:
        """This verifier's demands."""
        return self._policy

    def with_bundle(self, bundle: VerifierBundle) -> "Verifier":
        """Return a verifier with a newer bundle, the same policy and the same memory of presentations."""
        return Verifier(bundle, policy=self._policy, replay_guard=self._replay_guard)

    def verify(self, presentation_text: str, *, now: datetime, challenge: str | None = None) -> Verdict:
        """Check what a holder shows. A presentation gives at most one `Valid` per replay guard.

        Args:
            presentation_text: the text of a QR (`GT1:…`), or a standard SD-JWT VC presentation with key binding.
            now: aware time of the check.
            challenge: what this verifier showed the holder to sign as `nonce`, if anything.

        Raises:
            ChallengeNeededError: the policy demands a challenge, and none was given.
            ValueError: `now` is naive.
        """
        self._policy.require_challenge(challenge)
        return self._check(presentation_text, Conditions(policy=self._policy, now=now, challenge=challenge))

    def verify_printed_copy(self, presentation_text: str, *, now: datetime) -> Verdict:
        """Check a printed copy, which anybody may carry: it proves what was issued, not who presents it.

        Args:
            presentation_text: as for `verify`, without key binding.
            now: aware time of the check.

        Returns:
            A verdict; of a `Valid`, `presentation.holder_bound` is False. A presentation from a phone is refused here,
            so that a stale or foreign one cannot pass as a copy.
        """
        return self._check(presentation_text, Conditions(policy=self._policy, now=now, printed_copy=True))

    def verify_answer(
        self, presentation_text: str, *, now: datetime, challenge: str, objections: Iterable[Finding]
    ) -> Verdict:
        """Check one presentation of an answer to a request (`giayto_verifiers.requests`).

        Args:
            presentation_text: a standard SD-JWT VC presentation with key binding.
            now: aware time of the check.
            challenge: the `nonce` of the request.
            objections: what a comparison with the request found. Told only of a genuine document: what is not genuine
                has no claims that could be compared.
        """
        conditions = Conditions(policy=self._policy, now=now, challenge=challenge)
        return self._check(presentation_text, conditions, objections)

    def _check(self, text: str, conditions: Conditions, objections: Iterable[Finding] = ()) -> Verdict:
        examination = examine(text, conditions, bundle=self._bundle, paths=self._paths, replay_guard=self._replay_guard)
        for objection in objections if examination.document else ():
            examination = examination.with_finding(objection)
        # 11 An acceptance is recorded last, and only then: a refused copy must not use up the genuine presentation.
        return _verdict(examination if examination.findings else self._remember(examination))

    def _remember(self, examination: Examination) -> Examination:
        """Record an acceptance; a printed copy has nothing that could be replayed."""
        key, binding = examination.replay_key, examination.binding
        if key is None or binding is None:
            return examination
        try:
            first = self._replay_guard.remember(
                key, binding.issued_at + self._policy.max_presentation_age, examination.conditions.now
            )
        except ReplayGuardError as error:
            return examination.with_finding(Finding.of(error))
        if first:
            return examination
        return examination.with_finding(Finding(Reason.REPLAYED, "replay guard: accepted here before"))


def _verdict(examination: Examination) -> Verdict:
    """Step 11: each outcome is a type of its own, and carries no more than may be believed."""
    match examination.outcome:
        case "valid":
            return Valid(
                circumstances=examination.circumstances,
                presentation=_presentation(VerifiedPresentation, examination),
                _examination=examination,
            )
        case "unknown":
            return Unknown(
                circumstances=examination.circumstances,
                findings=examination.findings,
                document=_identity(examination),
                authentic=_authentic_if_certain(examination),
                _examination=examination,
            )
        case _:
            return Invalid(
                circumstances=examination.circumstances,
                findings=examination.findings,
                document=_identity(examination),
                _examination=examination,
            )


def _identity(examination: Examination) -> DocumentIdentity | None:
    document, entry = examination.document, examination.entry
    if document is None:
        return None
    return DocumentIdentity(vct=document.vct, title=entry.titles if entry else None, agency=document.agency)


def _authentic_if_certain(examination: Examination) -> AuthenticPresentation | None:
    # With an outdated trust list even the authority (step 4) is uncertain, so nothing of the document is given out.
    outdated = any(finding.reason is Reason.BUNDLE_EXPIRED for finding in examination.findings)
    if outdated or examination.document is None or examination.entry is None:
        return None
    return _presentation(AuthenticPresentation, examination)


def _presentation(kind: type[_Kind], examination: Examination) -> _Kind:
    document, entry, binding = examination.document, examination.entry, examination.binding
    if document is None or entry is None:
        raise AssertionError("verifier: without a document of a known type something was found against it")
    return make_presentation(kind, document, entry, binding.issued_at if binding else None)
