"""Checking a receipt: who signed it, whose it is, and whether its check, repeated, finds what it says.

The steps are numbered in docs/receipts.md. The evidence is read at the time of the check, so that it does not matter
that certificates and lists have ended since.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from cryptography import x509

from giayto_crypto import jws
from giayto_crypto.bundle import VerifierBundle, reassemble_bundle
from giayto_crypto.catalogue import Catalogue
from giayto_crypto.errors import CertificateError, GiaytoError, KeyFormatError, SignatureInvalidError
from giayto_crypto.keys import PublicKey
from giayto_crypto.qr import is_qr_text
from giayto_crypto.sdjwt import UnverifiedSdJwt
from giayto_crypto.strict_json import canonical
from giayto_crypto.trust_list import IssuerStatus, TrustList
from giayto_verifiers.examination import Conditions, Examination, examine, outcome_of
from giayto_verifiers.issuer_paths import IssuerPaths
from giayto_verifiers.reasons import Reason
from giayto_verifiers.receipts.evidence import find_list, list_hash
from giayto_verifiers.receipts.making import MAX_RECEIPT_BYTES, TYP
from giayto_verifiers.receipts.reasons import ReceiptReason
from giayto_verifiers.receipts.recording import ClaimNotShownError, presentation_hash, record_check
from giayto_verifiers.receipts.results import (
    ReceiptHolds,
    ReceiptRefused,
    ReceiptResult,
    ReceiptStatement,
    ReceiptUndetermined,
    VerifiersWord,
    state,
)
from giayto_verifiers.receipts.shapes import CheckRecord, ListRecord, ReceiptClaims, from_members

_MEMORY = frozenset(
    {Reason.REPLAYED, Reason.REPLAY_GUARD_UNAVAILABLE} | {reason for reason in Reason if reason.concerns_request}
)
"""Findings that come from what a verifier remembers: other presentations, and the request that was answered."""
_ALWAYS_ITS_WORD = (
    VerifiersWord.TIME,
    VerifiersWord.PURPOSE,
    VerifiersWord.CONDITIONS,
    VerifiersWord.FIRST_TIME,
)


def check_receipt(
    token: str,
    *,
    anchors: Sequence[x509.Certificate],
    verifier_key: PublicKey | x509.Certificate | None,
    verifier: str | None,
    transaction: str | None,
    lists: Mapping[str, str] | None = None,
    newer_trust_list: TrustList | None = None,
) -> ReceiptResult:
    """Check a receipt, today or in ten years. It needs no network and no clock.

    Args:
        token: `Receipt.token`.
        anchors: the pinned roots of the time of the check.
        verifier_key: the key, or the certificate, of the verifier that is said to have signed; None: not known.
        verifier: whose receipt it must be; None takes any.
        transaction: of which transaction it must be; None takes any.
        lists: `Receipt.lists`, for a receipt that was made without them.
        newer_trust_list: verified; tells whether the issuer's key is known by now to have been in other hands.
    """
    try:
        return _Recheck(anchors, lists or {}, newer_trust_list).run(token, verifier_key, verifier, transaction)
    except _StoppedError as stopped:
        return stopped.result


class _StoppedError(Exception):
    """A step ended the check of a receipt."""

    def __init__(self, reason: ReceiptReason, detail: str, statement: ReceiptStatement | None = None) -> None:
        super().__init__(reason)
        self.result: ReceiptRefused | ReceiptUndetermined = (
            ReceiptUndetermined(reason=reason, detail=detail, statement=statement)
            if reason.is_undetermined
            else ReceiptRefused(reason=reason, detail=detail)
        )


def _stop(reason: ReceiptReason, detail: str = "", statement: ReceiptStatement | None = None) -> NoReturn:
    raise _StoppedError(reason, detail, statement)


class _Recheck:
    """One check of one receipt."""

    def __init__(
        self, anchors: Sequence[x509.Certificate], lists: Mapping[str, str], newer_trust_list: TrustList | None
    ) -> None:
        self._anchors = anchors
        self._lists = lists
        self._newer_trust_list = newer_trust_list

    def run(
        self,
        token: str,
        verifier_key: PublicKey | x509.Certificate | None,
        verifier: str | None,
        transaction: str | None,
    ) -> ReceiptResult:
        # 1 grammar, 2 the verifier's signature
        claims = _authentic_claims(token, verifier_key)
        # 3 one verifier, one transaction
        if verifier is not None and claims.verifier != verifier:
            _stop(ReceiptReason.OTHER_VERIFIER)
        if transaction is not None and claims.transaction != transaction:
            _stop(ReceiptReason.OTHER_TRANSACTION)
        statement = state(claims)
        # 4 evidence
        presentation = _kept_presentation(claims, statement)
        bundle = self._bundle(claims, statement)
        # 5 the same steps at the time of the check
        examination = _examine_again(claims, presentation, bundle)
        # 6 the same findings
        _compare(claims, examination, statement)
        # 7 what is known today
        self._require_uncompromised(claims, presentation, statement)
        return ReceiptHolds(statement=statement, verifiers_word=tuple(_on_its_word(claims)))

    def _bundle(self, claims: ReceiptClaims, statement: ReceiptStatement) -> VerifierBundle:
        """Put together what the check was made against, every list verified up to the anchors."""
        data, rules, evidence = claims.check.data, claims.conditions.document_type, claims.evidence
        status_list = evidence.status_list
        if evidence.trust_list is None:
            _stop(ReceiptReason.EVIDENCE_MISSING, "evidence: the trust list is missing", statement)
        trust_list = self._list(evidence.trust_list, statement)
        try:
            return reassemble_bundle(
                trust_list=trust_list,
                catalogue=Catalogue(entries=() if rules is None else (rules,)),
                status_lists={} if status_list is None else {status_list.uri: self._list(status_list, statement)},
                sequence=data.bundle_sequence,
                issued_at=data.bundle_issued_at,
                expires_at=data.bundle_expires_at,
                anchors=self._anchors,
                now=claims.check.checked_at,
            )
        except GiaytoError as error:
            _stop(ReceiptReason.EVIDENCE_UNTRUSTED, f"trust list: {error.detail}")

    def _list(self, record: ListRecord, statement: ReceiptStatement) -> str:
        token = find_list(record, self._lists)
        if token is None:
            _stop(ReceiptReason.LISTS_MISSING, f"evidence: no list with SHA-256 {record.sha256}", statement)
        if list_hash(token) != record.sha256:
            _stop(ReceiptReason.EVIDENCE_ALTERED, "evidence: a signed list does not have the recorded hash")
        return token

    def _require_uncompromised(self, claims: ReceiptClaims, presentation: str, statement: ReceiptStatement) -> None:
        if self._newer_trust_list is None or claims.check.document is None:
            return
        chain = UnverifiedSdJwt.parse(presentation).jws.x5c_der()
        for issuer in self._newer_trust_list.issuers:
            compromised = issuer.status is IssuerStatus.COMPROMISED and issuer.x5c[0] == chain[0]
            if compromised and issuer.status_since <= claims.check.checked_at:
                _stop(ReceiptReason.ISSUER_COMPROMISED, "newer trust list: compromised before the check", statement)


def _authentic_claims(token: str, verifier_key: PublicKey | x509.Certificate | None) -> ReceiptClaims:
    try:
        unverified = jws.parse(token, typ=TYP, max_bytes=MAX_RECEIPT_BYTES)
        if verifier_key is None:
            _stop(ReceiptReason.VERIFIER_KEY_MISSING)
        key = verifier_key if isinstance(verifier_key, PublicKey) else PublicKey.from_certificate(verifier_key)
        if "x5c" in unverified.header and PublicKey.from_certificate(unverified.x5c()[0]) != key:
            _stop(ReceiptReason.VERIFIER_KEY_DIFFERS, "header: x5c certifies another key")
        claims = from_members(unverified.verify(key))
    except SignatureInvalidError as error:
        _stop(ReceiptReason.SIGNATURE_INVALID, error.detail)
    except (CertificateError, KeyFormatError) as error:
        _stop(ReceiptReason.VERIFIER_KEY_DIFFERS, error.detail)
    except GiaytoError as error:
        unsupported = error.code == ReceiptReason.UNSUPPORTED_FORMAT
        _stop(ReceiptReason.UNSUPPORTED_FORMAT if unsupported else ReceiptReason.MALFORMED, error.detail)
    if isinstance(verifier_key, x509.Certificate):
        _require_certificate_period(verifier_key, claims)
    return claims


def _require_certificate_period(certificate: x509.Certificate, claims: ReceiptClaims) -> None:
    if not certificate.not_valid_before_utc <= claims.check.checked_at <= certificate.not_valid_after_utc:
        _stop(ReceiptReason.VERIFIER_CERTIFICATE_PERIOD, "verifier's certificate: not valid at the time of the check")


def _kept_presentation(claims: ReceiptClaims, statement: ReceiptStatement) -> str:
    level, presentation = claims.evidence.level, claims.evidence.presentation
    if level == "none" or presentation is None:
        _stop(ReceiptReason.EVIDENCE_MISSING, "evidence: none was kept", statement)
    if level == "presentation" and presentation_hash(presentation) != claims.check.presentation_sha256:
        _stop(ReceiptReason.PRESENTATION_DIFFERS, "evidence: the presentation does not have the recorded hash")
    if is_qr_text(presentation):
        _stop(ReceiptReason.REFERENCES_MISSING, "evidence: a QR that could not be unpacked then", statement)
    return presentation


def _examine_again(claims: ReceiptClaims, presentation: str, bundle: VerifierBundle) -> Examination:
    recorded = claims.conditions
    reduced = claims.evidence.level == "proofs"
    shown = frozenset(str(path[0]) for path in claims.check.disclosed if path) if reduced else None
    try:
        policy = recorded.policy.policy()
    except GiaytoError as error:
        _stop(ReceiptReason.MALFORMED, error.detail)
    conditions = Conditions(
        policy=policy,
        now=claims.check.checked_at,
        challenge=recorded.challenge,
        printed_copy=recorded.printed_copy,
        shown_before=shown,
    )
    return examine(presentation, conditions, bundle=bundle, paths=IssuerPaths(bundle), replay_guard=None)


def _compare(claims: ReceiptClaims, examination: Examination, statement: ReceiptStatement) -> None:
    recorded, again = claims.check, record_check(examination, ())
    _compare_outcomes(recorded, again, statement)
    for reason, same in _comparisons(recorded, again, reduced=claims.evidence.level == "proofs"):
        if not same:
            _stop(reason)
    _compare_claims(recorded, examination)


def _compare_outcomes(recorded: CheckRecord, again: CheckRecord, statement: ReceiptStatement) -> None:
    if outcome_of(recorded.reasons) != recorded.outcome:
        _stop(ReceiptReason.OUTCOME_DIFFERS, "receipt: its outcome is not that of its reasons")
    found_again = tuple(reason for reason in recorded.reasons if reason not in _MEMORY)
    if found_again != again.reasons:
        differs = outcome_of(found_again) != again.outcome
        _stop(ReceiptReason.OUTCOME_DIFFERS if differs else ReceiptReason.REASONS_DIFFER, ",".join(again.reasons))
    if again.outcome != recorded.outcome:
        _stop(ReceiptReason.RESTS_ON_MEMORY, ",".join(_MEMORY.intersection(recorded.reasons)), statement)


def _comparisons(recorded: CheckRecord, again: CheckRecord, *, reduced: bool) -> Iterator[tuple[ReceiptReason, bool]]:
    yield ReceiptReason.DOCUMENT_DIFFERS, recorded.document == again.document
    yield ReceiptReason.PRESENTED_AT_DIFFERS, recorded.presented_at == again.presented_at
    yield ReceiptReason.DATA_DIFFERS, recorded.data == again.data
    if reduced:
        yield ReceiptReason.DISCLOSED_DIFFERS, set(again.disclosed) <= set(recorded.disclosed)
    else:
        yield ReceiptReason.DISCLOSED_DIFFERS, again.disclosed == recorded.disclosed


def _compare_claims(recorded: CheckRecord, examination: Examination) -> None:
    if recorded.claims and recorded.outcome != "valid":
        _stop(ReceiptReason.CLAIMS_DIFFER, "claims: kept of what was not accepted")
    try:
        again = record_check(examination, [kept.path for kept in recorded.claims]).claims
    except ClaimNotShownError:
        _stop(ReceiptReason.CLAIMS_DIFFER, "claims: one that the evidence does not hold")
    # Compared as JSON: to Python, 1 and true are the same.
    if [canonical(kept.value) for kept in recorded.claims] != [canonical(kept.value) for kept in again]:
        _stop(ReceiptReason.CLAIMS_DIFFER)


def _on_its_word(claims: ReceiptClaims) -> Iterator[VerifiersWord]:
    yield from _ALWAYS_ITS_WORD
    if claims.evidence.level == "proofs":
        yield VerifiersWord.DISCLOSED
        yield VerifiersWord.PRESENTATION
