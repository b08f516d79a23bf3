"""Which form a document has by its day, and that no signature of it is missing."""

from datetime import date
from typing import Any

import pytest

from giayto_issuers import check_claims, load_builtin_types, validate_record
from giayto_issuers.errors import ClaimsError, RecordError
from giayto_issuers.signature_slots import form_of
from sample_records import ROWS

TYPES = load_builtin_types()


def claims_of(code: str) -> dict[str, Any]:
    return dict(validate_record(TYPES[code], ROWS[code](), 1).claims)


@pytest.mark.parametrize(
    ("day", "roles"),
    [("2026-05-31", ["doctor"]), ("2026-06-01", ["doctor", "facility"]), ("2024-12-31", None)],
)
def test_the_day_of_the_event_chooses_form_and_signatures(day: str, roles: list[str] | None) -> None:
    form = form_of(TYPES["referral"], {"signed_on": day})
    assert (None if form is None else [slot.role for slot in form.signatures_on(date.fromisoformat(day))]) == roles


def test_where_no_claim_names_the_event_the_day_of_signing_chooses() -> None:
    book = TYPES["health-book"]
    assert form_of(book, {}) is None
    old, new = form_of(book, {}, signed_on=date(2026, 1, 5)), form_of(book, {}, signed_on=date(2026, 1, 6))
    assert old is not None
    assert new is not None
    assert old.number != new.number


def test_a_record_without_a_required_signer_is_refused_by_its_column() -> None:
    row = {name: value for name, value in ROWS["referral"]().items() if name != "MA_BAC_SI"}
    with pytest.raises(RecordError) as refusal:
        validate_record(TYPES["referral"], row, 7)
    (problem,) = refusal.value.problems
    assert (problem.column, problem.row) == ("MA_BAC_SI", 7)
    assert "Doctor" in problem.expected.en
    assert "Bác sĩ" in problem.expected.vi


def test_a_credential_without_a_required_signer_is_refused_by_its_claim() -> None:
    claims = claims_of("referral")
    check_claims(TYPES["referral"], claims)
    without = claims | {"signers": {"head": claims["signers"]["head"]}}
    for unsigned in (without, {name: value for name, value in claims.items() if name != "signers"}):
        with pytest.raises(ClaimsError) as refusal:
            check_claims(TYPES["referral"], unsigned)
        assert [problem.column for problem in refusal.value.problems] == ["signers.doctor"]


def test_a_signature_that_the_form_does_not_require_may_be_missing() -> None:
    claims = claims_of("referral")
    old = claims | {"signed_on": "2024-12-30"}
    check_claims(TYPES["referral"], {name: value for name, value in old.items() if name != "signers"})
    discharge = claims_of("discharge-paper")
    check_claims(TYPES["discharge-paper"], {name: value for name, value in discharge.items() if name != "signers"})
