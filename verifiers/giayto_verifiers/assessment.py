"""Steps 7 to 10 of docs/verification.md: is this genuine document good, here and now?

These steps do not depend on each other, so all of them run and all their findings are told: an officer who sees a
stale code of a revoked document should hear both.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from hmac import compare_digest

import msgspec

from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.catalogue import CatalogueEntry
from giayto_crypto.errors import GiaytoError, StatusListError
from giayto_crypto.sdjwt import KeyBinding
from giayto_crypto.status_list import StatusListExpiredError, StatusValue, VerifiedStatusList
from giayto_verifiers.authenticity import AuthenticDocument
from giayto_verifiers.policy import Policy
from giayto_verifiers.reasons import Finding, Reason

VIETNAM = timezone(timedelta(hours=7))
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STATUS_REASONS: dict[int, Reason] = {
    StatusValue.INVALID: Reason.REVOKED,
    StatusValue.SUSPENDED: Reason.SUSPENDED,
    StatusValue.CONSUMED: Reason.CONSUMED,
}


def check_times(document: AuthenticDocument, policy: Policy, now: datetime) -> Iterator[Finding]:
    """Step 7: `exp`, `nbf` and `iat` of the credential (RFC 7519 §4.1.4 to §4.1.6)."""
    if now >= document.expires_at + policy.clock_skew:
        yield Finding(Reason.EXPIRED, "credential: exp has passed")
    if document.not_before is not None and now < document.not_before - policy.clock_skew:
        yield Finding(Reason.NOT_YET_VALID, "credential: nbf has not come")
    if document.issued_at > now + policy.clock_skew:
        yield Finding(Reason.ISSUED_IN_FUTURE, "credential: iat lies in the future")


def check_key_binding(binding: KeyBinding, policy: Policy, challenge: str | None, now: datetime) -> Iterator[Finding]:
    """Step 8: was this made for this verifier, for this check, just now? (RFC 9901 §7.3)

    Args:
        binding: signature, `typ` and `sd_hash` are verified already.
        policy: audience and ages.
        challenge: what the holder was shown, if anything.
        now: time of the check.
    """
    if binding.audience != policy.audience:
        yield Finding(Reason.AUDIENCE_MISMATCH, "key binding: aud is not this verifier's")
    if challenge is not None and not compare_digest(binding.nonce.encode(), challenge.encode()):
        yield Finding(Reason.CHALLENGE_MISMATCH, "key binding: nonce is not the challenge")
    if now - binding.issued_at > policy.max_presentation_age:
        yield Finding(Reason.STALE, "key binding: iat is older than the policy allows")
    if binding.issued_at - now > policy.clock_skew:
        yield Finding(Reason.PRESENTED_IN_FUTURE, "key binding: iat lies in the future")


def find_status_list(document: AuthenticDocument, bundle: VerifierBundle) -> VerifiedStatusList | None:
    """Return the authentic status list that the credential names, if the bundle has it."""
    return bundle.status_lists.get(document.status.uri)


def check_status(
    document: AuthenticDocument, bundle: VerifierBundle, policy: Policy, now: datetime
) -> Iterator[Finding]:
    """Step 9: revoked, suspended, consumed? (draft-ietf-oauth-status-list-21 §8.3)

    A list that is too old makes no statement at all, neither "valid" nor "revoked".
    """
    status_list = find_status_list(document, bundle)
    if status_list is None:
        refused = document.status.uri in bundle.refused_status_lists
        reason = Reason.STATUS_LIST_INVALID if refused else Reason.BUNDLE_OUTDATED
        yield Finding(reason, "status: the bundle has no usable list of this uri")
        return
    try:
        status_list.require_current(now)
        if now - status_list.issued_at > policy.max_status_age:
            raise StatusListExpiredError("status: the list is older than the policy allows")
        status = status_list.status(document.status.idx)
    except StatusListExpiredError as error:
        yield Finding(Reason.STATUS_TOO_OLD, error.detail)
    except StatusListError as error:
        yield Finding.of(error)
    else:
        if status != StatusValue.VALID:
            yield Finding(_STATUS_REASONS.get(status, Reason.STATUS_VALUE_UNKNOWN), "status: not valid")


def check_type_rules(
    document: AuthenticDocument,
    entry: CatalogueEntry | None,
    policy: Policy,
    now: datetime,
    *,
    shown_before: frozenset[str] | None = None,
) -> Iterator[Finding]:
    """Step 10: does this verifier take it, does it show what it must, and is the document itself still good?

    Args:
        document: genuine, after steps 1 to 6.
        entry: its type, when the catalogue knows it.
        policy: this verifier's demands.
        now: time of the check.
        shown_before: further top-level claims that were shown, when the document was reduced since.
    """
    if policy.accepted_types is not None and document.vct not in policy.accepted_types:
        yield Finding(Reason.TYPE_NOT_ACCEPTED, "policy: this vct is not accepted")
    if policy.accepted_agencies is not None and document.agency.agency_id not in policy.accepted_agencies:
        yield Finding(Reason.AGENCY_NOT_ACCEPTED, "policy: this agency is not accepted")
    if entry is None:
        yield Finding(Reason.BUNDLE_OUTDATED, "catalogue: the bundle does not describe this vct")
    required = policy.required_claims.union(entry.required_claims if entry else ())
    missing = sorted(required.difference(document.sd_jwt.claims, shown_before or ()))
    if missing:
        yield Finding(Reason.REQUIRED_CLAIM_MISSING, f"claims: not shown: {', '.join(missing)}")
    if entry is not None:
        yield from _check_purpose(entry, policy)
        yield from _check_document_period(document, entry, now)


def _check_purpose(entry: CatalogueEntry, policy: Policy) -> Iterator[Finding]:
    """Judge whether this verifier may ask for the document at all, and for its purpose."""
    if policy.purpose is None or entry.use is msgspec.UNSET:
        return
    if not entry.use.demandable:
        yield Finding(Reason.TYPE_NOT_DEMANDABLE, "catalogue: nobody may ask for this type")
    elif entry.use.purposes and policy.purpose not in entry.use.purposes:
        yield Finding(Reason.PURPOSE_NOT_ALLOWED, "catalogue: this type may not be asked for this purpose")


def _check_document_period(document: AuthenticDocument, entry: CatalogueEntry, now: datetime) -> Iterator[Finding]:
    """Judge the claims that bound the document's period. One that is null bounds nothing."""
    claims, rule = document.sd_jwt.claims, entry.validity
    begin = claims.get(rule.valid_from_claim) if rule.valid_from_claim else None
    end = claims.get(rule.valid_until_claim) if rule.valid_until_claim else None
    try:
        if begin is not None and _is_before(now, begin):
            yield Finding(Reason.DOCUMENT_NOT_YET_VALID, "document: its period has not begun")
        if end is not None and _is_after(now, end):
            yield Finding(Reason.DOCUMENT_EXPIRED, "document: its period has ended")
    except _UnreadableError:
        yield Finding(Reason.DOCUMENT_PERIOD_UNREADABLE, "document: neither a date nor an RFC 3339 time")


class _UnreadableError(GiaytoError):
    """A claim that should hold a date or time holds something else."""


def _is_before(now: datetime, start: object) -> bool:
    moment = _date_or_time(start)
    return now < moment if isinstance(moment, datetime) else now.astimezone(VIETNAM).date() < moment


def _is_after(now: datetime, end: object) -> bool:
    """A time ends when it comes, a date when its day is over in Vietnam."""
    moment = _date_or_time(end)
    return now >= moment if isinstance(moment, datetime) else now.astimezone(VIETNAM).date() > moment


def _date_or_time(value: object) -> date | datetime:
    if isinstance(value, str):
        try:
            if _DATE.fullmatch(value):
                return date.fromisoformat(value)
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise _UnreadableError from error
        if moment.tzinfo is not None:
            return moment
    raise _UnreadableError
