"""What the tables of a document type must agree on with each other."""

from collections.abc import Iterable

from giayto_issuers.document_type.claim_checks import check_text
from giayto_issuers.document_type.model import Claim, ClaimType, DocumentType, Use, Validity
from giayto_issuers.document_type.reading import Mistakes, join
from giayto_issuers.subjects import BIRTH_DATE_CLAIM, ID_CLAIM, NAME_CLAIM, PERSON

RESERVED_CLAIM_NAMES = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "vct", "cnf", "status", "row_key"})
"""Names with a meaning of their own: in JWTs and SD-JWT VCs (RFC 7519 §4.1, SD-JWT VC §2.2.2), and in records."""

_COUNTED = ("days", "working-days", "months")
_MOMENTS = (ClaimType.DATE, ClaimType.DATETIME)
_SUBJECT_IDENTIFIER = {"personal_number": "personal-number", "tax_code": "tax-code"}


def check_type(document_type: DocumentType, folder: str, mistakes: Mistakes) -> None:
    """Note everything that does not fit together, beyond single claims."""
    _check_names(document_type, folder, mistakes)
    _check_subject_claims(document_type, mistakes)
    _check_validity(document_type, mistakes)
    _check_source_columns(document_type, mistakes)
    _check_provenance(document_type, mistakes)
    _check_use(document_type.use, mistakes)
    check_text(document_type.titles, "titles", mistakes)
    check_text(document_type.description, "description", mistakes)
    for claim in document_type.claims:
        if claim.name in RESERVED_CLAIM_NAMES:
            mistakes.add(
                f"claims.{claim.name}", "is a reserved name: it has a meaning of its own in every credential or record"
            )


def _check_names(document_type: DocumentType, folder: str, mistakes: Mistakes) -> None:
    if document_type.code != folder:
        mistakes.add("code", f"is not the name of its folder ({folder})")
    expected = f"urn:giayto:type:{document_type.code}:{document_type.version}"
    if document_type.vct != expected:
        mistakes.add("vct", f"must be made of code and version: {expected}")


def _check_subject_claims(document_type: DocumentType, mistakes: Mistakes) -> None:
    kind = document_type.holder_kind
    identifier = ID_CLAIM[kind]
    _check_subject_claim(document_type, identifier, (ClaimType.IDENTIFIER,), mistakes)
    claim = document_type.claim(identifier)
    if claim is not None and claim.identifier not in (None, _SUBJECT_IDENTIFIER[identifier]):
        mistakes.add(f"claims.{identifier}.identifier", f"must be {_SUBJECT_IDENTIFIER[identifier]}")
    _check_subject_claim(document_type, NAME_CLAIM[kind], (ClaimType.IDENTIFIER, ClaimType.STRING), mistakes)
    if kind == PERSON:
        _check_subject_claim(document_type, BIRTH_DATE_CLAIM, (ClaimType.DATE,), mistakes)


def _check_subject_claim(
    document_type: DocumentType, name: str, kinds: tuple[ClaimType, ...], mistakes: Mistakes
) -> None:
    claim = document_type.claim(name)
    path = f"claims.{name}"
    if claim is None:
        mistakes.add(path, f"is missing: every document of holder kind {document_type.holder_kind} has it")
    elif claim.type not in kinds:
        mistakes.add(join(path, "type"), f"must be {' or '.join(kinds)}")
    elif not claim.mandatory:
        mistakes.add(join(path, "mandatory"), "must be true: it says whom the document is about")


def _check_validity(document_type: DocumentType, mistakes: Mistakes) -> None:
    rule = document_type.validity
    _require_exactly(rule.length is not None, rule.rule in _COUNTED, "length", rule, mistakes)
    _require_exactly(rule.until_claim is not None, rule.rule == "by-claim", "until_claim", rule, mistakes)
    for setting in ("from_claim", "until_claim"):
        name = getattr(rule, setting)
        if name is not None:
            _check_moment_claim(document_type.claim(name), f"validity.{setting}", rule, mistakes)


def _check_moment_claim(claim: Claim | None, path: str, rule: Validity, mistakes: Mistakes) -> None:
    if claim is None:
        mistakes.add(path, "no such top-level claim")
    elif claim.type not in _MOMENTS:
        mistakes.add(path, "must name a claim of type date or datetime")
    elif not claim.mandatory:
        mistakes.add(path, f"the claim {claim.name} must be mandatory")
    elif rule.rule == "by-claim" and not claim.always_shown:
        mistakes.add(path, f"{claim.name} must be always_shown: a holder could hide that the document has ended")


def _require_exactly(given: bool, needed: bool, setting: str, rule: Validity, mistakes: Mistakes) -> None:
    if needed and not given:
        mistakes.add(f"validity.{setting}", f"is missing: the rule {rule.rule} needs it")
    elif given and not needed:
        mistakes.add(f"validity.{setting}", f"the rule {rule.rule} does not use it")


def _check_source_columns(document_type: DocumentType, mistakes: Mistakes) -> None:
    used = {column for _, claim in _all_claims(document_type.claims, "") for column in claim.columns}
    for column in document_type.source.ignored_columns:
        if column in used or column == document_type.source.row_key_column:
            mistakes.add("source.ignored_columns", f"column {column} is used, so it cannot be ignored")


def _check_provenance(document_type: DocumentType, mistakes: Mistakes) -> None:
    for path, claim in _all_claims(document_type.claims, "claims"):
        if claim.source is not None:
            _check_marks(claim.source, join(path, "source"), document_type, mistakes)
    for index, basis in enumerate(document_type.legal_basis, 1):
        path = f"legal_basis[{index}]"
        _check_marks(basis.source, join(path, "source"), document_type, mistakes)
        check_text(basis.subject, join(path, "subject"), mistakes)


def _check_marks(marks: str, path: str, document_type: DocumentType, mistakes: Mistakes) -> None:
    for mark in (part.strip() for part in marks.split(",")):
        if mark not in document_type.sources:
            mistakes.add(path, f"{mark!r} is not explained in [sources]")


def _check_use(use: Use, mistakes: Mistakes) -> None:
    if use.sensitivity == "sensitive" and not use.purposes:
        mistakes.add("use.purposes", "a sensitive document needs the purposes for which it may be asked")
    codes = [purpose.code for purpose in use.purposes]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        mistakes.add(f"use.purposes.{code}", "stands here twice")
    for purpose in use.purposes:
        check_text(purpose.name, f"use.purposes.{purpose.code}.name", mistakes)


def _all_claims(claims: Iterable[Claim], path: str) -> Iterable[tuple[str, Claim]]:
    for claim in claims:
        below = join(path, claim.name)
        yield below, claim
        yield from _all_claims(claim.fields, below)
