"""What forms, signature slots, integration and procedures must agree on, with each other and with the claims."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations

from giayto_issuers.document_type import reasons
from giayto_issuers.document_type.claim_checks import check_text
from giayto_issuers.document_type.draft import Draft
from giayto_issuers.document_type.model import ClaimType
from giayto_issuers.document_type.paper import Form, Integration, Procedure, SignatureSlot, overlap
from giayto_issuers.document_type.reading import Mistakes, join
from giayto_issuers.document_type.source_marks import check_marks

_MOMENTS = (ClaimType.DATE, ClaimType.DATETIME)


def check_paper(draft: Draft, mistakes: Mistakes) -> None:
    """Note everything that does not fit together."""
    _check_event_claim(draft, mistakes)
    forms = [(f"forms[{index}]", form) for index, form in enumerate(draft.forms, 1) if form is not None]
    for path, form in forms:
        _check_form(form, path, draft, mistakes)
    for (_, one), (path, other) in combinations(forms, 2):
        if overlap(one, other):
            mistakes.add(join(path, "valid_from"), reasons.form_of_the_same_days(one.number))
    _check_procedures(draft, mistakes)
    if draft.integration is not None:
        _check_integration(draft.integration, draft, mistakes)


def _check_event_claim(draft: Draft, mistakes: Mistakes) -> None:
    name = draft.event_claim
    if name is None or name in draft.unreadable_claims:
        return
    claim = draft.claim(name)
    if claim is None:
        mistakes.add("event_claim", reasons.NO_TOP_LEVEL_CLAIM)
    elif claim.type not in _MOMENTS or not claim.mandatory:
        mistakes.add("event_claim", reasons.NO_EVENT_DAY)


def _check_form(form: Form, path: str, draft: Draft, mistakes: Mistakes) -> None:
    _check_period(form.valid_from, form.valid_until, path, mistakes)
    if form.source is not None:
        check_marks(form.source, join(path, "source"), draft.sources, mistakes)
    for role in _duplicates([slot.role for slot in form.signatures]):
        mistakes.add(join(path, f"signatures.{role}"), reasons.TWICE)
    for slot in form.signatures:
        _check_slot(slot, form, f"{path}.signatures.{slot.role}", draft, mistakes)


def _check_slot(slot: SignatureSlot, form: Form, path: str, draft: Draft, mistakes: Mistakes) -> None:
    _check_period(slot.valid_from, slot.valid_until, path, mistakes)
    check_text(slot.name, join(path, "name"), mistakes)
    if slot.source is not None:
        check_marks(slot.source, join(path, "source"), draft.sources, mistakes)
    first, last = slot.valid_from or date.min, slot.valid_until or date.max
    if first > (form.valid_until or date.max) or last < (form.valid_from or date.min):
        mistakes.add(join(path, "valid_from"), reasons.OUTSIDE_THE_FORM)
    if slot.claim is None or slot.claim.split(".")[0] in draft.unreadable_claims:
        return
    if draft.claim_at(slot.claim) is None:
        mistakes.add(join(path, "claim"), reasons.NO_CLAIM_PLACE)


def _check_procedures(draft: Draft, mistakes: Mistakes) -> None:
    known = [procedure for procedure in draft.procedures if procedure is not None]
    for procedure in known:
        path = f"procedures.{procedure.code}"
        _check_period(procedure.valid_from, procedure.valid_until, path, mistakes)
        check_text(procedure.titles, join(path, "titles"), mistakes)
        check_marks(procedure.source, join(path, "source"), draft.sources, mistakes)
        _check_demandable(procedure, path, draft, mistakes)
    for code in _contradicting(known):
        mistakes.add(f"procedures.{code}", reasons.TWO_ANSWERS)


def _check_demandable(procedure: Procedure, path: str, draft: Draft, mistakes: Mistakes) -> None:
    if draft.use is not None and not draft.use.demandable and procedure.may_ask != "no":
        mistakes.add(join(path, "may_ask"), reasons.MAY_NOT_ASK)


def _check_integration(integration: Integration, draft: Draft, mistakes: Mistakes) -> None:
    if integration.source is not None:
        check_marks(integration.source, "integration.source", draft.sources, mistakes)
    if integration.stage == "integrated" and integration.deadline is not None:
        mistakes.add("integration.deadline", reasons.DEADLINE_REACHED)


def _check_period(first: date | None, last: date | None, path: str, mistakes: Mistakes) -> None:
    if first is not None and last is not None and last < first:
        mistakes.add(join(path, "valid_until"), reasons.ENDS_BEFORE_IT_BEGINS)


def _contradicting(procedures: Sequence[Procedure]) -> list[str]:
    pairs = combinations(procedures, 2)
    return _unique([one.code for one, other in pairs if one.code == other.code and overlap(one, other)])


def _duplicates(names: Sequence[str]) -> list[str]:
    return _unique([name for name in names if names.count(name) > 1])


def _unique(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))
