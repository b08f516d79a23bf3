"""JSON Schema of a type's claims against what records of the type become."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from giayto_issuers import DocumentType, load_builtin_types, validate_record
from giayto_issuers.document_type.claims_schema import claims_schema
from sample_records import ROWS

TYPES = load_builtin_types()
each_type = pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)


def errors(document_type: DocumentType, claims: Any) -> list[Any]:
    schema = claims_schema(document_type)
    Draft202012Validator.check_schema(schema)
    return list(Draft202012Validator(schema, format_checker=FormatChecker(["date"])).iter_errors(claims))


def claims_of(code: str) -> dict[str, Any]:
    return dict(validate_record(TYPES[code], ROWS[code](), 1).claims)


@each_type
def test_what_a_record_becomes_fits(document_type: DocumentType) -> None:
    assert not errors(document_type, claims_of(document_type.code))


@each_type
def test_a_mandatory_claim_may_not_be_missing_and_no_other_may_stand_there(document_type: DocumentType) -> None:
    claims = claims_of(document_type.code)
    for claim in document_type.claims:
        if claim.mandatory:
            assert errors(document_type, {name: value for name, value in claims.items() if name != claim.name})
    assert errors(document_type, claims | {"nickname": "x"})


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("referral", {"signed_on": "08/10/2026"}),
        ("referral", {"personal_number": "01130101234"}),
        ("referral", {"referring_facility": "1901"}),
        ("procedure-result", {"dossier_code": "H15.50.05.13-261008-97"}),
        ("tax-registration", {"tax_code": "0100233488 "}),
        ("referral", {"signed_on": "2026-02-30"}),
        ("referral", {"validity_class": "MOT_NAM"}),
        ("referral", {"diagnosis": {}}),
        ("health-book", {"visits": []}),
        ("driving-licence", {"points_remaining": 13}),
        ("driving-licence", {"points_remaining": "12"}),
        ("discharge-paper", {"discharged_at": "2026-10-08T10:00:00Z"}),
        # No conviction, and yet convictions: `present_when`.
        ("criminal-record-1", {"conviction_status": "KHONG", "convictions": [{"offence": "x"}]}),
    ],
)
def test_what_is_not_written_as_our_issuers_write_it_does_not_fit(code: str, change: dict[str, Any]) -> None:
    assert errors(TYPES[code], claims_of(code) | change)
