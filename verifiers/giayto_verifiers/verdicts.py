"""The three answers of a check, as three types.

match verifier.verify(text, now=now):
    case Valid(presentation=presentation): …   # the only place where claims are to be had
    case Invalid(reasons=reasons): …
    case Unknown(reasons=reasons): …           # cannot tell: refresh the bundle and check again
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NoReturn, TypeAlias

from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import Signer
from giayto_crypto.localised import Localised
from giayto_verifiers.authenticity import Agency
from giayto_verifiers.examination import Circumstances, Examination
from giayto_verifiers.presentations import AuthenticPresentation, VerifiedPresentation, plain
from giayto_verifiers.reasons import Finding, Reason
from giayto_verifiers.receipts.evidence import EvidenceLevel
from giayto_verifiers.receipts.making import Receipt, make_receipt


class NotValidError(GiaytoError):
    """A verdict was required to be valid and is not; `fields["reasons"]` lists the codes."""

    code = "not_valid"
    message_vi = "Kết quả kiểm tra không phải là hợp lệ."
    message_en = "The verdict is not valid."


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIdentity:
    """Which document a refused presentation was made of. Signed data, but not a reason to accept anything."""

    vct: str
    title: Localised | None
    agency: Agency


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    outcome: ClassVar[str]
    circumstances: Circumstances
    _examination: Examination = field(repr=False, compare=False)

    @property
    def status_checked_at(self) -> datetime | None:
        """Issue time of the status list that was consulted."""
        return self.circumstances.status_checked_at

    @property
    def status_age(self) -> timedelta | None:
        """How old the status data was at the check."""
        return self.circumstances.status_age

    def receipt(
        self,
        verifier_key: Signer,
        transaction: str,
        *,
        verifier: str,
        purpose: str,
        keep_claims: Iterable[str | tuple[str, ...]] = (),
        evidence: EvidenceLevel = EvidenceLevel.PROOFS,
        embed_lists: bool = True,
        x5c: Sequence[bytes] = (),
    ) -> Receipt:
        """Sign a record of this check, for this verifier and one transaction (docs/receipts.md).

        Args:
            verifier_key: the verifier's own P-256 key.
            transaction: names the transaction that the check was made for; it should hold no personal data.
            verifier: names the verifier, as `check_receipt` will be asked for it.
            purpose: what the check was made for.
            keep_claims: claims whose values are kept, by name or path of names. Only of a valid verdict; none by
                default.
            evidence: how much of the presentation is kept, so that the check can be repeated.
            embed_lists: False leaves trust list and status list out: keep `Receipt.lists` beside it.
            x5c: the verifier's certificate chain (DER, leaf first), if it has one.

        Raises:
            ClaimNotShownError: a claim to keep was not shown.
            ReceiptTooLargeError: keep the lists beside it.
            ReceiptError: a text is empty or too long, or claims are to be kept of what was not accepted.
            CertificateError: the certificate is not that of the key.
        """
        return make_receipt(
            self._examination,
            verifier_key,
            transaction,
            verifier=verifier,
            purpose=purpose,
            keep_claims=keep_claims,
            evidence=evidence,
            embed_lists=embed_lists,
            x5c=x5c,
        )

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict has three values: compare its type or outcome, not its truth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Valid(_Verdict):
    """Every step passed."""

    outcome: ClassVar[str] = "valid"
    presentation: VerifiedPresentation

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Nothing: a valid verdict has no reasons against it."""
        return ()

    def require_valid(self) -> VerifiedPresentation:
        """Return the verified presentation."""
        return self.presentation

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON members."""
        presentation = self.presentation
        document = DocumentIdentity(
            vct=presentation.document_type.vct,
            title=presentation.document_type.titles,
            agency=presentation.agency,
        )
        return _to_json(self, (), document) | {
            "claims": plain(presentation.claims),
            "holder_bound": presentation.holder_bound,
            "presented_at": _rfc3339(presentation.presented_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _NotValid(_Verdict):
    findings: tuple[Finding, ...]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Codes of all findings, in the order of the steps."""
        return tuple(dict.fromkeys(finding.reason for finding in self.findings))

    def require_valid(self) -> NoReturn:
        """Raise NotValidError."""
        codes = ",".join(self.reasons)
        raise NotValidError(f"verdict: {self.outcome} ({codes})", outcome=self.outcome, reasons=codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid(_NotValid):
    """Something is wrong with what was shown. `document` is there once steps 1 to 6 passed."""

    outcome: ClassVar[str] = "invalid"
    document: DocumentIdentity | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON members; there are no claims."""
        return _to_json(self, self.findings, self.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(_NotValid):
    """This verifier cannot tell. `authentic` is there when steps 1 to 8 passed, and is not a verified presentation."""

    outcome: ClassVar[str] = "unknown"
    document: DocumentIdentity | None = None
    authentic: AuthenticPresentation | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON members; there are no claims."""
        return _to_json(self, self.findings, self.document)


Verdict: TypeAlias = Valid | Invalid | Unknown


def _to_json(verdict: _Verdict, findings: tuple[Finding, ...], document: DocumentIdentity | None) -> dict[str, Any]:
    circumstances = verdict.circumstances
    age = circumstances.status_age
    return {
        "outcome": verdict.outcome,
        "reasons": list(dict.fromkeys(finding.reason.value for finding in findings)),
        "findings": [_finding_to_json(finding) for finding in findings],
        "document_type": document.vct if document else None,
        "document_title": _text_to_json(document.title) if document else None,
        "issuer": document.agency.iss if document else None,
        "agency": _agency_to_json(document.agency) if document else None,
        "claims": None,
        "status_checked_at": _rfc3339(circumstances.status_checked_at),
        "status_age_seconds": None if age is None else int(age.total_seconds()),
        "checked_at": _rfc3339(circumstances.checked_at),
        "bundle_sequence": circumstances.bundle_sequence,
        "trust_list_sequence": circumstances.trust_list_sequence,
    }


def _finding_to_json(finding: Finding) -> dict[str, str]:
    text = finding.reason.text
    return {
        "code": finding.reason.value,
        "message_vi": text.message_vi,
        "message_en": text.message_en,
        "advice_vi": text.advice_vi,
        "advice_en": text.advice_en,
        "detail": finding.detail,
    }


def _agency_to_json(agency: Agency) -> dict[str, Any]:
    return {
        "agency_id": agency.agency_id,
        "names": _text_to_json(agency.names),
        "successor_agency_id": agency.successor_agency_id,
    }


def _text_to_json(text: Localised | None) -> dict[str, str] | None:
    return None if text is None else {"vi": text.vi, "en": text.en}


def _rfc3339(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
