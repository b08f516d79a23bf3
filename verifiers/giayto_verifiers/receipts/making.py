"""Making a receipt: what a verdict said, for one verifier and one transaction, signed by the verifier."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe
from types import MappingProxyType
from typing import Final

from giayto_crypto import jws
from giayto_crypto.certified_jws import sign_certified
from giayto_crypto.errors import GiaytoError, MalformedError, SignatureInvalidError
from giayto_crypto.keys import Signer
from giayto_verifiers.examination import Examination
from giayto_verifiers.receipts.evidence import EvidenceLevel, collect_evidence, lists_of, without_lists
from giayto_verifiers.receipts.recording import NamePath, record_check, record_conditions
from giayto_verifiers.receipts.shapes import (
    MAX_NAME,
    MAX_PURPOSE,
    VERSION,
    ReceiptClaims,
    from_members,
    to_members,
)

TYP: Final = "giayto-receipt+jwt"
MAX_RECEIPT_BYTES: Final = 16 * 1024 * 1024
MAX_KEPT_CLAIMS: Final = 200
_ID_BYTES: Final = 16


class ReceiptError(GiaytoError):
    """No receipt can be made in this way."""

    code = "receipt_impossible"
    message_vi = "Không lập được biên bản kiểm tra theo yêu cầu này."
    message_en = "No receipt can be made in this way."


class ReceiptTooLargeError(ReceiptError):
    """The signed lists are too large to lie in the receipt: keep them beside it."""

    code = "receipt_too_large"
    message_vi = "Biên bản kiểm tra quá lớn; hãy lưu danh sách tin cậy và trạng thái bên ngoài biên bản."
    message_en = "The receipt is too large; keep the trust list and the status list beside it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A signed receipt. Whoever holds one keeps it for its own transaction and passes it on to nobody else.

    Attributes:
        receipt_id: random name of this receipt.
        outcome: of the check that it records.
        evidence: what was kept, which may be less than was asked for; see `EvidenceLevel`.
        token: the receipt itself, a compact JWS (`typ` giayto-receipt+jwt).
        lists: trust list and status list of the check by their SHA-256, for keeping them beside a receipt that was
            made without them. Public data, the same for all checks with one bundle.
    """

    receipt_id: str
    outcome: str
    evidence: EvidenceLevel
    token: str = field(repr=False)
    lists: Mapping[str, str] = field(repr=False)


def make_receipt(
    examination: Examination,
    signer: Signer,
    transaction: str,
    *,
    verifier: str,
    purpose: str,
    keep_claims: Iterable[str | NamePath] = (),
    evidence: EvidenceLevel = EvidenceLevel.PROOFS,
    embed_lists: bool = True,
    x5c: Sequence[bytes] = (),
) -> Receipt:
    """Sign a receipt; `verdict.receipt(…)` is the way here, and describes the arguments."""
    if not isinstance(examination, Examination):
        raise TypeError("a receipt is made of a verdict: call its receipt method")
    kept = _kept_paths(keep_claims, examination)
    check = record_check(examination, kept)
    collected = collect_evidence(examination, EvidenceLevel(evidence), kept)
    claims = ReceiptClaims(
        version=VERSION,
        receipt_id=token_urlsafe(_ID_BYTES),
        verifier=_text("verifier", verifier, MAX_NAME),
        transaction=_text("transaction", transaction, MAX_NAME),
        purpose=_text("purpose", purpose, MAX_PURPOSE),
        check=check,
        conditions=record_conditions(examination),
        evidence=collected if embed_lists else without_lists(collected),
    )
    return Receipt(
        receipt_id=claims.receipt_id,
        outcome=check.outcome,
        evidence=EvidenceLevel(collected.level),
        token=_sign(claims, signer, x5c),
        lists=MappingProxyType(lists_of(collected)),
    )


def _sign(claims: ReceiptClaims, signer: Signer, x5c: Sequence[bytes]) -> str:
    members = to_members(claims)
    if x5c:
        token = sign_certified(members, typ=TYP, signer=signer, x5c=x5c)
    else:
        token = jws.sign(members, typ=TYP, signer=signer, header={"kid": signer.public_key.thumbprint})
    if len(token) > MAX_RECEIPT_BYTES:
        raise ReceiptTooLargeError("receipt: pass embed_lists=False and keep `lists` beside it")
    # What cannot be read again, or not by this key, is worth nothing in ten years: it is found out now.
    try:
        from_members(jws.parse(token, typ=TYP, max_bytes=MAX_RECEIPT_BYTES).verify(signer.public_key))
    except (MalformedError, SignatureInvalidError) as error:
        raise ReceiptError(f"receipt: it could not be read again ({error.detail})") from error
    return token


def _kept_paths(keep_claims: Iterable[str | NamePath], examination: Examination) -> tuple[NamePath, ...]:
    if isinstance(keep_claims, str):
        raise TypeError("keep_claims: a list of claims is expected, not one string")
    paths = tuple(dict.fromkeys((claim,) if isinstance(claim, str) else tuple(claim) for claim in keep_claims))
    if len(paths) > MAX_KEPT_CLAIMS or not all(path and all(isinstance(name, str) for name in path) for path in paths):
        raise ReceiptError("keep_claims: names, or paths of names, are expected; an array is kept as a whole")
    if paths and examination.outcome != "valid":
        raise ReceiptError("keep_claims: claims are kept of what was accepted only")
    return paths


def _text(name: str, value: str, most: int) -> str:
    if not value.strip() or len(value) > most or not value.isprintable():
        raise ReceiptError(f"{name}: 1 to {most} printable characters are expected", limit=most)
    return value
