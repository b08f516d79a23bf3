"""What the tables of a document type must agree on with each other."""

from collections.abc import Iterable

from giayto_crypto.localised import Localised
from giayto_issuers.document_type import reasons
from giayto_issuers.document_type.claim_checks import check_claim, check_level, check_text
from giayto_issuers.document_type.draft import Draft
from giayto_issuers.document_type.model import Claim, ClaimType, LiveStatus, Use, Validity
from giayto_issuers.document_type.paper_checks import check_paper
from giayto_issuers.document_type.reading import Mistakes, join
from giayto_issuers.document_type.source_marks import check_marks
from giayto_issuers.subjects import BIRTH_DATE_CLAIM, ID_CLAIM, NAME_CLAIM, PERSON, SubjectKind

RESERVED_CLAIM_NAMES = frozenset(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "vct", "cnf", "status", "row_key", "replaces"}
)
"""Names with a meaning of their own: in JWTs and SD-JWT VCs (RFC 7519 §4.1, SD-JWT VC §2.2.2), and in records."""

MAX_LIVE_DAYS = 31
"""Longest life of a copy with live claims: they say how things stood when it was signed."""

_COUNTED = ("days", "working-days", "months")
_MOMENTS = (ClaimType.DATE, ClaimType.DATETIME)
_SUBJECT_IDENTIFIER = {"personal_number": "personal-number", "tax_code": "tax-code"}


def check_type(draft: Draft, folder: str, mistakes: Mistakes) -> None:
    """Note everything that does not fit together, in as much of the file as could be read."""
    _check_names(draft, folder, mistakes)
    _check_claims(draft, mistakes)
    _check_code_lists(draft, mistakes)
    if draft.holder_kind is not None:
        _check_subject_claims(draft, draft.holder_kind, mistakes)
    if draft.validity is not None:
        _check_validity(draft, draft.validity, mistakes)
    if draft.use is not None:
        _check_use(draft, draft.use, mistakes)
    if draft.live_status is not None:
        _check_live_status(draft.live_status, mistakes)
    check_paper(draft, mistakes)
    _check_source_columns(draft, mistakes)
    _check_provenance(draft, mistakes)
    _check_optional_text(draft.titles, "titles", mistakes)
    _check_optional_text(draft.description, "description", mistakes)


def _check_names(draft: Draft, folder: str, mistakes: Mistakes) -> None:
    if draft.code is not None and draft.code != folder:
        mistakes.add("code", reasons.not_the_folder(folder))
    expected = f"urn:giayto:type:{draft.code}:{draft.version}"
    if None not in (draft.code, draft.version, draft.vct) and draft.vct != expected:
        mistakes.add("vct", reasons.vct_of_others(expected))


def _check_claims(draft: Draft, mistakes: Mistakes) -> None:
    for claim in draft.claims:
        path = f"claims.{claim.name}"
        check_claim(claim, path, draft.code_lists, mistakes)
        if claim.name in RESERVED_CLAIM_NAMES:
            mistakes.add(path, reasons.RESERVED_NAME)
    check_level(draft.claims, "claims", mistakes, unreadable=draft.unreadable_claims)


def _check_code_lists(draft: Draft, mistakes: Mistakes) -> None:
    used = {claim.code_list for _, claim in _all_claims(draft.claims, "claims")}
    for name, codes in (draft.values.get("code_lists") or {}).items():
        path = join("code_lists", name)
        if codes is not None and not codes:
            mistakes.add(path, reasons.LIST_WITHOUT_CODES)
        elif name not in used and not draft.unreadable_claims:
            mistakes.add(path, reasons.LIST_WITHOUT_USE)
        for code, label in (codes or {}).items():
            _check_optional_text(label, join(path, code), mistakes)


def _check_subject_claims(draft: Draft, kind: SubjectKind, mistakes: Mistakes) -> None:
    identifier = ID_CLAIM[kind]
    _check_subject_claim(draft, identifier, (ClaimType.IDENTIFIER,), mistakes)
    claim = draft.claim(identifier)
    if claim is not None and claim.identifier not in (None, _SUBJECT_IDENTIFIER[identifier]):
        mistakes.add(f"claims.{identifier}.identifier", reasons.must_be(_SUBJECT_IDENTIFIER[identifier]))
    _check_subject_claim(draft, NAME_CLAIM[kind], (ClaimType.IDENTIFIER, ClaimType.STRING), mistakes)
    if kind == PERSON:
        _check_subject_claim(draft, BIRTH_DATE_CLAIM, (ClaimType.DATE,), mistakes)
        born = draft.claim(BIRTH_DATE_CLAIM)
        if born is not None and born.partial:
            mistakes.add(f"claims.{BIRTH_DATE_CLAIM}.partial", reasons.PARTIAL_BIRTH_DATE)


def _check_subject_claim(draft: Draft, name: str, kinds: tuple[ClaimType, ...], mistakes: Mistakes) -> None:
    claim = draft.claim(name)
    path = f"claims.{name}"
    if claim is None:
        if name not in draft.unreadable_claims:
            mistakes.add(path, reasons.subject_claim_missing(draft.holder_kind))
    elif claim.type not in kinds:
        mistakes.add(join(path, "type"), reasons.must_be(*kinds))
    elif not claim.mandatory:
        mistakes.add(join(path, "mandatory"), reasons.SUBJECT_IS_OPTIONAL)


def _check_validity(draft: Draft, rule: Validity, mistakes: Mistakes) -> None:
    _require_exactly(rule.length is not None, rule.rule in _COUNTED, "length", rule, mistakes)
    _require_exactly(rule.until_claim is not None, rule.rule == "by-claim", "until_claim", rule, mistakes)
    if rule.open_ended and rule.rule != "by-claim":
        mistakes.add("validity.open_ended", reasons.unused_by_rule(rule.rule))
    for setting in ("from_claim", "until_claim"):
        name = getattr(rule, setting)
        if name is not None and name not in draft.unreadable_claims:
            may_be_missing = rule.open_ended and setting == "until_claim"
            _check_moment_claim(draft.claim(name), f"validity.{setting}", rule, may_be_missing, mistakes)
    _check_exceptions(draft, rule, mistakes)
    for claim in draft.claims:
        if claim.live and rule.credential_days > MAX_LIVE_DAYS:
            mistakes.add("validity.credential_days", reasons.long_lived_copy(MAX_LIVE_DAYS, claim.name))


def _check_moment_claim(
    claim: Claim | None, path: str, rule: Validity, may_be_missing: bool, mistakes: Mistakes
) -> None:
    if claim is None:
        mistakes.add(path, reasons.NO_TOP_LEVEL_CLAIM)
    elif claim.type not in _MOMENTS:
        mistakes.add(path, reasons.NOT_A_MOMENT)
    elif claim.partial:
        mistakes.add(path, reasons.partial_moment(claim.name))
    elif may_be_missing:
        if claim.mandatory:
            mistakes.add("validity.open_ended", reasons.always_an_end(claim.name))
    elif not claim.mandatory:
        mistakes.add(path, reasons.must_be_mandatory(claim.name))
    elif rule.rule == "by-claim" and not (claim.always_shown or rule.open_ended):
        mistakes.add(path, reasons.end_can_be_hidden(claim.name))


def _check_exceptions(draft: Draft, rule: Validity, mistakes: Mistakes) -> None:
    if rule.exceptions and rule.rule not in _COUNTED:
        mistakes.add("validity.exceptions", reasons.unused_by_rule(rule.rule, several=True))
    for index, exception in enumerate(rule.exceptions, 1):
        path = f"validity.exceptions[{index}]"
        claim = draft.claim(exception.claim)
        if claim is None:
            if exception.claim not in draft.unreadable_claims:
                mistakes.add(join(path, "claim"), reasons.NO_TOP_LEVEL_CLAIM)
        elif claim.type is not ClaimType.CODE:
            mistakes.add(join(path, "claim"), reasons.NOT_AN_EXCEPTION)
        else:
            for value in exception.values:
                if value not in claim.codes:
                    mistakes.add(join(path, "values"), reasons.not_a_code(value, claim.name))


def _require_exactly(given: bool, needed: bool, setting: str, rule: Validity, mistakes: Mistakes) -> None:
    if needed and not given:
        mistakes.add(f"validity.{setting}", reasons.needed_by_rule(rule.rule))
    elif given and not needed:
        mistakes.add(f"validity.{setting}", reasons.unused_by_rule(rule.rule))


def _check_use(draft: Draft, use: Use, mistakes: Mistakes) -> None:
    if not use.demandable and use.purposes:
        mistakes.add("use.purposes", reasons.PURPOSES_OF_NOBODY)
    if use.demandable and use.sensitivity == "sensitive" and not use.purposes:
        mistakes.add("use.purposes", reasons.PURPOSES_MISSING)
    if use.purpose_claim is not None and use.purpose_claim not in draft.unreadable_claims:
        claim = draft.claim(use.purpose_claim)
        if claim is None:
            mistakes.add("use.purpose_claim", reasons.NO_TOP_LEVEL_CLAIM)
        elif not claim.always_shown:
            mistakes.add("use.purpose_claim", reasons.purpose_can_be_hidden(claim.name))
    codes = [purpose.code for purpose in use.purposes]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        mistakes.add(f"use.purposes.{code}", reasons.TWICE)
    for purpose in use.purposes:
        check_text(purpose.name, f"use.purposes.{purpose.code}.name", mistakes)


def _check_live_status(states: LiveStatus, mistakes: Mistakes) -> None:
    meanings = {"invalid": states.invalid, "suspended": states.suspended, "consumed": states.consumed}
    if not any(meanings.values()):
        mistakes.add("live_status", reasons.SAYS_NOTHING)
    for state, meaning in meanings.items():
        _check_optional_text(meaning, f"live_status.{state}", mistakes)


def _check_source_columns(draft: Draft, mistakes: Mistakes) -> None:
    if draft.source is None:
        return
    used = {column for _, claim in _all_claims(draft.claims, "claims") for column in claim.columns}
    for column in draft.source.ignored_columns:
        if column in used or column == draft.source.row_key_column:
            mistakes.add("source.ignored_columns", reasons.ignored_but_used(column))


def _check_provenance(draft: Draft, mistakes: Mistakes) -> None:
    for path, claim in _all_claims(draft.claims, "claims"):
        if claim.source is not None:
            check_marks(claim.source, join(path, "source"), draft.sources, mistakes)
    for index, basis in enumerate(draft.legal_basis, 1):
        if basis is not None:
            path = f"legal_basis[{index}]"
            check_marks(basis.source, join(path, "source"), draft.sources, mistakes)
            check_text(basis.subject, join(path, "subject"), mistakes)


def _check_optional_text(text: Localised | None, path: str, mistakes: Mistakes) -> None:
    if text is not None:
        check_text(text, path, mistakes)


def _all_claims(claims: Iterable[Claim], path: str) -> Iterable[tuple[str, Claim]]:
    for claim in claims:
        below = join(path, claim.name)
        yield below, claim
        yield from _all_claims(claim.fields, join(below, "fields"))
