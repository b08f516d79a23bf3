"""Steps 1 to 10 of docs/verification.md in their order, and all that they established.

An examination is made once for a verdict, and once more, years later, for the receipt of that verdict. It remembers
nothing of other checks by itself: the memory of presentations is lent to it.
"""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from datetime import datetime, timedelta
from typing import Literal, NoReturn, TypeAlias

import msgspec

from giayto_crypto.bundle import BundleExpiredError, VerifierBundle
from giayto_crypto.catalogue import CatalogueEntry
from giayto_crypto.errors import GiaytoError, UnknownReferenceError
from giayto_crypto.sdjwt import KeyBinding, verify_key_binding, verify_key_binding_of_part
from giayto_crypto.trust_list import AuthorityError
from giayto_verifiers.assessment import (
    check_key_binding,
    check_status,
    check_times,
    check_type_rules,
    find_status_list,
)
from giayto_verifiers.authenticity import AuthenticDocument, authenticate, unpacked
from giayto_verifiers.issuer_paths import IssuerPaths
from giayto_verifiers.policy import Policy
from giayto_verifiers.reasons import Finding, Reason
from giayto_verifiers.replay_guard import ReplayGuard, ReplayGuardError, replay_key

Outcome: TypeAlias = Literal["valid", "invalid", "unknown"]
_SEAL = object()
"""Held by this module alone."""


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """When and against which data a check was made.

    Attributes:
        checked_at: time of the check.
        bundle_sequence, trust_list_sequence: editions that were used.
        status_checked_at: issue time of the status list that was consulted; None when none was.
    """

    checked_at: datetime
    bundle_sequence: int
    trust_list_sequence: int
    status_checked_at: datetime | None = None

    @property
    def status_age(self) -> timedelta | None:
        """How old the status data was at the check."""
        return None if self.status_checked_at is None else self.checked_at - self.status_checked_at


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What one check is made under.

    Attributes:
        policy: this verifier's demands.
        now: aware time of the check.
        challenge: what the holder was shown to sign, if anything.
        printed_copy: a paper is checked, which carries no proof of its holder.
        shown_before: for a check that is repeated with less than was shown: the top-level claims that were shown then.
            What the holder signed is then not compared with what is left of it.
    """

    policy: Policy
    now: datetime
    challenge: str | None = None
    printed_copy: bool = False
    shown_before: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Examination:
    """One check, before its verdict. It holds what was shown, believed or not, so it never leaves this package.

    Attributes:
        presentation: standard string; the text as it was shown when no such string could be had from it.
        bundle, conditions: what the check was made against and under.
        circumstances: the same in short, for people.
        findings: what speaks against the presentation, in the order of the steps.
        document: there once steps 1 to 6 passed.
        entry: the document's type, when the catalogue knows it.
        binding: the holder's proof, when it is genuine.
    """

    presentation: str
    bundle: VerifierBundle
    conditions: Conditions
    circumstances: Circumstances
    findings: tuple[Finding, ...]
    document: AuthenticDocument | None = None
    entry: CatalogueEntry | None = None
    binding: KeyBinding | None = None
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("Examination is made by the verifier only")

    @property
    def outcome(self) -> Outcome:
        """What the findings lead to."""
        return outcome_of([finding.reason for finding in self.findings])

    @property
    def replay_key(self) -> bytes | None:
        """What to remember the presentation by; a printed copy has nothing that could be replayed."""
        if self.document is None or self.binding is None or self.document.sd_jwt.key_binding_token is None:
            return None
        return replay_key(self.document.sd_jwt.key_binding_token)

    def with_finding(self, finding: Finding) -> "Examination":
        """Return the same check with something more against the presentation."""
        return Examination(
            presentation=self.presentation,
            bundle=self.bundle,
            conditions=self.conditions,
            circumstances=self.circumstances,
            findings=(*self.findings, finding),
            document=self.document,
            entry=self.entry,
            binding=self.binding,
            seal=_SEAL,
        )

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a verdict cannot be pickled: use to_json() or receipt()")

    def __repr__(self) -> str:
        return f"Examination({self.outcome})"


def outcome_of(reasons: Sequence[Reason]) -> Outcome:
    """Return the outcome that reasons lead to.

    Invalid beats unknown: what is certainly wrong does not become better by a refreshed bundle.
    """
    if not reasons:
        return "valid"
    return "unknown" if all(reason.is_unknown for reason in reasons) else "invalid"


def examine(
    text: str,
    conditions: Conditions,
    *,
    bundle: VerifierBundle,
    paths: IssuerPaths,
    replay_guard: ReplayGuard | None,
) -> Examination:
    """Run steps 1 to 10.

    Args:
        text: the text of a QR, or a standard SD-JWT VC presentation.
        conditions: what the check is made under.
        bundle: what it is made against; may be outdated.
        paths: checks certificate paths against the bundle's anchors.
        replay_guard: knows what was accepted before; None: nothing is known of other checks.

    Raises:
        ValueError: the time is naive.
    """
    now = conditions.now
    if now.tzinfo is None:
        raise ValueError("now: an aware time is needed")
    presentation = text
    try:
        presentation = unpacked(text, bundle)
        document = authenticate(presentation, bundle=bundle, paths=paths, now=now)
    except AuthorityError as error:
        # An outdated trust list cannot accuse an agency that it may simply not know yet.
        findings = _bundle_findings(bundle, now) or [Finding.of(error)]
    except UnknownReferenceError as error:
        findings = [Finding.of(error), *_bundle_findings(bundle, now)]
    except GiaytoError as error:
        findings = [Finding.of(error)]
    else:
        return _assess(presentation, document, conditions, bundle, replay_guard)
    return Examination(
        presentation=presentation,
        bundle=bundle,
        conditions=conditions,
        circumstances=_circumstances(bundle, now, None),
        findings=tuple(findings),
        seal=_SEAL,
    )


def _assess(
    presentation: str,
    document: AuthenticDocument,
    conditions: Conditions,
    bundle: VerifierBundle,
    replay_guard: ReplayGuard | None,
) -> Examination:
    """Steps 7 to 10, and whether the bundle is current."""
    policy, now = conditions.policy, conditions.now
    entry = bundle.catalogue.find(document.vct)
    status_list = find_status_list(document, bundle)
    binding, holder_findings = _check_holder(document, conditions, replay_guard)
    findings = (
        *check_times(document, policy, now),
        *holder_findings,
        *check_status(document, bundle, policy, now),
        *check_type_rules(document, entry, policy, now, shown_before=conditions.shown_before),
        *_bundle_findings(bundle, now),
    )
    return Examination(
        presentation=presentation,
        bundle=bundle,
        conditions=conditions,
        circumstances=_circumstances(bundle, now, status_list.issued_at if status_list else None),
        findings=findings,
        document=document,
        entry=entry,
        binding=binding,
        seal=_SEAL,
    )


def _check_holder(
    document: AuthenticDocument, conditions: Conditions, replay_guard: ReplayGuard | None
) -> tuple[KeyBinding | None, list[Finding]]:
    """Step 8: required always, except of a paper; never inferred from a key binding being there."""
    token = document.sd_jwt.key_binding_token
    if conditions.printed_copy:
        unexpected = Finding(Reason.KEY_BINDING_UNEXPECTED, "printed copy: it carries a key binding")
        return None, [] if token is None else [unexpected]
    verify = verify_key_binding if conditions.shown_before is None else verify_key_binding_of_part
    try:
        binding = verify(document.sd_jwt)
    except GiaytoError as error:
        return None, [Finding.of(error)]
    findings = list(check_key_binding(binding, conditions.policy, conditions.challenge, conditions.now))
    if replay_guard is not None and token is not None:
        findings += _replay_findings(replay_guard, token, conditions.now)
    return binding, findings


def _replay_findings(replay_guard: ReplayGuard, token: str, now: datetime) -> list[Finding]:
    try:
        seen = replay_guard.seen(replay_key(token), now)
    except ReplayGuardError as error:
        return [Finding.of(error)]
    return [Finding(Reason.REPLAYED, "replay guard: accepted here before")] if seen else []


def _bundle_findings(bundle: VerifierBundle, now: datetime) -> list[Finding]:
    try:
        bundle.require_current(now)
    except BundleExpiredError as error:
        return [Finding.of(error)]
    return []


def _circumstances(bundle: VerifierBundle, now: datetime, status_checked_at: datetime | None) -> Circumstances:
    return Circumstances(
        checked_at=now,
        bundle_sequence=bundle.sequence,
        trust_list_sequence=bundle.trust_list.sequence,
        status_checked_at=status_checked_at,
    )
