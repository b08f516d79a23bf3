"""What a receipt keeps so that its check can be repeated, and as little personal data with it as its maker chose."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from hashlib import sha256

from giayto_crypto.sdjwt import UnverifiedSdJwt, select
from giayto_crypto.sdjwt.token import MAX_PRESENTATION_BYTES
from giayto_verifiers.authenticity import AuthenticDocument
from giayto_verifiers.examination import Examination
from giayto_verifiers.reasons import Reason
from giayto_verifiers.receipts.recording import NamePath
from giayto_verifiers.receipts.shapes import Evidence, ListRecord, StatusListRecord


class EvidenceLevel(StrEnum):
    """How much of a presentation a receipt keeps."""

    PRESENTATION = "presentation"
    """The presentation as it was shown: everything can be checked again, and all personal data is kept."""
    PROOFS = "proofs"
    """What issuer and holder signed, without the values that were shown, except those that the verifier named and the
    dates between which the document is good. Authority, signatures, status and times can be checked again."""
    NONE = "none"
    """Nothing: the receipt is the verifier's word."""


def collect_evidence(examination: Examination, level: EvidenceLevel, kept: Iterable[NamePath]) -> Evidence:
    """Return the evidence of a check, with the signed lists in it.

    Where a level is not to be had, the evidence says `none`: there are no proofs of what was not genuine.
    """
    presentation = _presentation(examination, level, kept)
    if presentation is None:
        return Evidence(level="none")
    return Evidence(
        level="presentation" if level is EvidenceLevel.PRESENTATION else "proofs",
        presentation=presentation,
        trust_list=_list(examination.bundle.trust_list_token),
        status_list=_status_list(examination),
    )


def lists_of(evidence: Evidence) -> dict[str, str]:
    """Return the signed lists that lie in the evidence, by their hash."""
    lists = (evidence.trust_list, evidence.status_list)
    return {kept.sha256: kept.token for kept in lists if kept is not None and kept.token is not None}


def without_lists(evidence: Evidence) -> Evidence:
    """Return the evidence with the hashes of the lists only; they are kept beside it."""
    trust_list, status_list = evidence.trust_list, evidence.status_list
    return Evidence(
        level=evidence.level,
        presentation=evidence.presentation,
        trust_list=trust_list and ListRecord(sha256=trust_list.sha256, token=None),
        status_list=status_list and StatusListRecord(sha256=status_list.sha256, token=None, uri=status_list.uri),
    )


def list_hash(token: str) -> str:
    """Return what a signed list is filed under: SHA-256 of the token, in hexadecimal."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find_list(record: ListRecord, beside: Mapping[str, str]) -> str | None:
    """Return a signed list from the receipt, or from those kept beside it; None when it is in neither."""
    return record.token if record.token is not None else beside.get(record.sha256)


def _presentation(examination: Examination, level: EvidenceLevel, kept: Iterable[NamePath]) -> str | None:
    text, document = examination.presentation, examination.document
    match level:
        case EvidenceLevel.PRESENTATION:
            # What is refused for its size or its characters is not kept either; its hash is.
            return text if len(text) <= MAX_PRESENTATION_BYTES and text.isascii() else None
        case EvidenceLevel.PROOFS if document is not None and not _holder_proof_is_false(examination):
            return _reduced(text, document, examination, kept)
        case _:
            return None


def _holder_proof_is_false(examination: Examination) -> bool:
    # Its hash covers everything that was shown, so that it could not be told again what is wrong with it.
    return any(finding.reason is Reason.KEY_BINDING_INVALID for finding in examination.findings)


def _reduced(text: str, document: AuthenticDocument, examination: Examination, kept: Iterable[NamePath]) -> str:
    paths = {*kept, *_period_claims(document, examination)}
    reduced = select(UnverifiedSdJwt.parse(text), sorted(paths)).sd_jwt
    return reduced + (document.sd_jwt.key_binding_token or "")


def _period_claims(document: AuthenticDocument, examination: Examination) -> Iterable[NamePath]:
    rule = examination.entry.validity if examination.entry else None
    names = (rule.valid_from_claim, rule.valid_until_claim) if rule else ()
    return ((name,) for name in names if name is not None and name in document.sd_jwt.claims)


def _list(token: str) -> ListRecord:
    return ListRecord(sha256=list_hash(token), token=token)


def _status_list(examination: Examination) -> StatusListRecord | None:
    if examination.document is None:
        return None
    uri = examination.document.status.uri
    token = examination.bundle.status_list_tokens.get(uri)
    return None if token is None else StatusListRecord(sha256=list_hash(token), token=token, uri=uri)
