"""The verifier: the eleven steps of docs/verification.md, from a QR's text to a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from giayto_crypto.bundle import BundleExpiredError, VerifierBundle
from giayto_crypto.errors import GiaytoError, UnknownReferenceError
from giayto_crypto.sdjwt import KeyBinding, verify_key_binding
from giayto_crypto.trust_list import AuthorityError
from giayto_verifiers.assessment import (
    check_key_binding,
    check_status,
    check_times,
    check_type_rules,
    find_status_list,
)
from giayto_verifiers.authenticity import AuthenticDocument, authenticate
from giayto_verifiers.issuer_paths import IssuerPaths
from giayto_verifiers.policy import Policy
from giayto_verifiers.presentations import AuthenticPresentation, make_authentic, make_verified
from giayto_verifiers.reasons import Finding, Reason
from giayto_verifiers.replay_guard import ReplayGuard, ReplayGuardError, replay_key
from giayto_verifiers.verdicts import Circumstances, DocumentIdentity, Invalid, Unknown, Valid, Verdict


@dataclass(frozen=True, slots=True)
class _HolderProof:
    """Outcome of step 8: the proof, if it is genuine, what speaks against it, and what to remember it by."""

    binding: KeyBinding | None
    findings: tuple[Finding, ...]
    key: bytes | None = None


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
        document = self._authenticate(presentation_text, now)
        if not isinstance(document, AuthenticDocument):
            return document
        return self._conclude(document, self._check_holder(document, challenge, now), now)

    def verify_printed_copy(self, presentation_text: str, *, now: datetime) -> Verdict:
        """Check a printed copy, which anybody may carry: it proves what was issued, not who presents it.

        Args:
            presentation_text: as for `verify`, without key binding.
            now: aware time of the check.

        Returns:
            A verdict; of a `Valid`, `presentation.holder_bound` is False. A presentation from a phone is refused here,
            so that a stale or foreign one cannot pass as a copy.
        """
        document = self._authenticate(presentation_text, now)
        if not isinstance(document, AuthenticDocument):
            return document
        return self._conclude(document, _proof_of_printed_copy(document), now)

    def _authenticate(self, text: str, now: datetime) -> AuthenticDocument | Invalid | Unknown:
        """Steps 1 to 6; the first failure is the verdict."""
        if now.tzinfo is None:
            raise ValueError("now: an aware time is needed")
        try:
            return authenticate(text, bundle=self._bundle, paths=self._paths, now=now)
        except AuthorityError as error:
            # An outdated trust list cannot accuse an agency that it may simply not know yet.
            findings = self._bundle_findings(now) or [Finding.of(error)]
        except UnknownReferenceError as error:
            findings = [Finding.of(error), *self._bundle_findings(now)]
        except GiaytoError as error:
            findings = [Finding.of(error)]
        return _refusal(findings, self._circumstances(now))

    def _check_holder(self, document: AuthenticDocument, challenge: str | None, now: datetime) -> _HolderProof:
        """Step 8: required always; never inferred from a key binding being there."""
        try:
            binding = verify_key_binding(document.sd_jwt)
        except GiaytoError as error:
            return _HolderProof(None, (Finding.of(error),))
        findings = list(check_key_binding(binding, self._policy, challenge, now))
        key = replay_key(document.sd_jwt.key_binding_token or "")
        try:
            if self._replay_guard.seen(key, now):
                findings.append(Finding(Reason.REPLAYED, "replay guard: accepted here before"))
        except ReplayGuardError as error:
            findings.append(Finding.of(error))
        return _HolderProof(binding, tuple(findings), key)

    def _conclude(self, document: AuthenticDocument, holder: _HolderProof, now: datetime) -> Verdict:
        """Steps 7, 9, 10 beside the outcome of 8, then 11: the verdict."""
        bundle, policy = self._bundle, self._policy
        entry = bundle.catalogue.find(document.vct)
        identity = DocumentIdentity(vct=document.vct, title=entry.titles if entry else None, agency=document.agency)
        status_list = find_status_list(document, bundle)
        circumstances = replace(
            self._circumstances(now), status_checked_at=status_list.issued_at if status_list else None
        )
        findings = [
            *check_times(document, policy, now),
            *holder.findings,
            *check_status(document, bundle, policy, now),
            *check_type_rules(document, entry, policy, now),
            *self._bundle_findings(now),
        ]
        if entry is None or _is_invalid(findings):
            return _refusal(findings, circumstances, identity)
        authentic = make_authentic(document, entry, holder.binding.issued_at if holder.binding else None)
        # 11 An acceptance is recorded last, and only then: a refused copy must not use up the genuine presentation.
        findings = findings or self._remember(holder, now)
        if findings:
            return _refusal(findings, circumstances, identity, authentic)
        return Valid(circumstances=circumstances, presentation=make_verified(authentic))

    def _remember(self, holder: _HolderProof, now: datetime) -> list[Finding]:
        """Record an acceptance; a printed copy has nothing that could be replayed."""
        if holder.key is None or holder.binding is None:
            return []
        until = holder.binding.issued_at + self._policy.max_presentation_age
        try:
            first = self._replay_guard.remember(holder.key, until, now)
        except ReplayGuardError as error:
            return [Finding.of(error)]
        return [] if first else [Finding(Reason.REPLAYED, "replay guard: accepted here before")]

    def _bundle_findings(self, now: datetime) -> list[Finding]:
        try:
            self._bundle.require_current(now)
        except BundleExpiredError as error:
            return [Finding.of(error)]
        return []

    def _circumstances(self, now: datetime) -> Circumstances:
        return Circumstances(
            checked_at=now,
            bundle_sequence=self._bundle.sequence,
            trust_list_sequence=self._bundle.trust_list.sequence,
        )


def _proof_of_printed_copy(document: AuthenticDocument) -> _HolderProof:
    if document.sd_jwt.key_binding_token is None:
        return _HolderProof(None, ())
    return _HolderProof(None, (Finding(Reason.KEY_BINDING_UNEXPECTED, "printed copy: it carries a key binding"),))


def _is_invalid(findings: Sequence[Finding]) -> bool:
    """Invalid beats unknown: what is certainly wrong does not become better by a refreshed bundle."""
    return any(not finding.reason.is_unknown for finding in findings)


def _refusal(
    findings: Sequence[Finding],
    circumstances: Circumstances,
    document: DocumentIdentity | None = None,
    authentic: AuthenticPresentation | None = None,
) -> Invalid | Unknown:
    if _is_invalid(findings):
        return Invalid(findings=tuple(findings), circumstances=circumstances, document=document)
    # With an outdated trust list even the authority (step 4) is uncertain, so nothing of the document is given out.
    outdated = any(finding.reason is Reason.BUNDLE_EXPIRED for finding in findings)
    return Unknown(
        findings=tuple(findings),
        circumstances=circumstances,
        document=document,
        authentic=None if outdated else authentic,
    )
