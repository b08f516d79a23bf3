"""The verdict on a whole answer, as three types; each presentation in it has the same `Verdict` as a QR has.

match judge_answer(…):
    case ValidAnswer(presentations=presentations): …   # the only place where claims are to be had
    case InvalidAnswer(reasons=reasons): …
    case UnknownAnswer(reasons=reasons): …
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, TypeAlias

from giayto_crypto.keys import Signer
from giayto_verifiers.presentations import VerifiedPresentation
from giayto_verifiers.reasons import Finding, Reason
from giayto_verifiers.receipts.evidence import EvidenceLevel
from giayto_verifiers.receipts.making import Receipt
from giayto_verifiers.verdicts import Invalid, NotValidError, Unknown, Valid, Verdict


@dataclass(frozen=True, slots=True)
class CheckedPresentation:
    """One presentation of the answer, and its verdict."""

    credential_id: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    outcome: ClassVar[str]
    checked: tuple[CheckedPresentation, ...]

    def receipts(
        self,
        verifier_key: Signer,
        transaction: str,
        *,
        verifier: str,
        purpose: str,
        evidence: EvidenceLevel = EvidenceLevel.PROOFS,
        embed_lists: bool = True,
        x5c: Sequence[bytes] = (),
    ) -> tuple[Receipt, ...]:
        """Sign a record of each check; see `Verdict.receipt` for the arguments."""
        return tuple(
            each.verdict.receipt(
                verifier_key,
                transaction,
                verifier=verifier,
                purpose=purpose,
                evidence=evidence,
                embed_lists=embed_lists,
                x5c=x5c,
            )
            for each in self.checked
        )

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict has three values: compare its type or outcome, not its truth")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidAnswer(_Answer):
    """Every presentation passed every step, and together they are what was asked for."""

    outcome: ClassVar[str] = "valid"
    presentations: Mapping[str, tuple[VerifiedPresentation, ...]]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Nothing speaks against a valid answer."""
        return ()

    def require_valid(self) -> Mapping[str, tuple[VerifiedPresentation, ...]]:
        """Return the verified presentations by the id of the credential query."""
        return self.presentations

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON members."""
        return _to_json(self.outcome, (), [(each.credential_id, each.verdict.to_json()) for each in self.checked])


@dataclass(frozen=True, slots=True, kw_only=True)
class _NotValidAnswer(_Answer):
    findings: tuple[Finding, ...]
    """What concerns the answer as a whole; what concerns one presentation stands in its verdict."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Codes of all findings: of the answer, then of its presentations."""
        own = (finding.reason for finding in self.findings)
        return tuple(dict.fromkeys((*own, *(reason for each in self.checked for reason in each.verdict.reasons))))

    def require_valid(self) -> NoReturn:
        """Raise NotValidError."""
        codes = ",".join(self.reasons)
        raise NotValidError(f"answer: {self.outcome} ({codes})", outcome=self.outcome, reasons=codes)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON members. There are no claims, not even of a presentation that is valid itself."""
        checked = [(each.credential_id, each.verdict.to_json() | {"claims": None}) for each in self.checked]
        return _to_json(self.outcome, self.findings, checked)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidAnswer(_NotValidAnswer):
    """Something is wrong with what was shown, or it is not what was asked for."""

    outcome: ClassVar[str] = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownAnswer(_NotValidAnswer):
    """This verifier cannot tell: refresh the bundle and ask again."""

    outcome: ClassVar[str] = "unknown"


AnswerVerdict: TypeAlias = ValidAnswer | InvalidAnswer | UnknownAnswer


def conclude(checked: Sequence[CheckedPresentation], findings: Sequence[Finding]) -> AnswerVerdict:
    """Join the verdicts of the presentations and what concerns the whole. Invalid beats unknown."""
    verdicts = [each.verdict for each in checked]
    if findings or any(isinstance(verdict, Invalid) for verdict in verdicts):
        return InvalidAnswer(checked=tuple(checked), findings=tuple(findings))
    if not verdicts or any(isinstance(verdict, Unknown) for verdict in verdicts):
        return UnknownAnswer(checked=tuple(checked), findings=())
    return ValidAnswer(checked=tuple(checked), presentations=_verified(checked))


def _verified(checked: Iterable[CheckedPresentation]) -> dict[str, tuple[VerifiedPresentation, ...]]:
    found: dict[str, tuple[VerifiedPresentation, ...]] = {}
    for each in checked:
        if isinstance(each.verdict, Valid):
            found[each.credential_id] = (*found.get(each.credential_id, ()), each.verdict.presentation)
    return found


def _to_json(outcome: str, findings: Iterable[Finding], checked: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    verdicts = [{"id": credential_id, "verdict": verdict} for credential_id, verdict in checked]
    told = list(findings)
    codes = [finding.reason.value for finding in told]
    codes += [code for each in verdicts for code in each["verdict"]["reasons"]]
    return {
        "outcome": outcome,
        "reasons": list(dict.fromkeys(codes)),
        "findings": [{"code": each.reason.value, "detail": each.detail} for each in told],
        "credentials": verdicts,
    }
