"""The quick yes: what must not get one, each for its own reason."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from giayto_issuers import load_builtin_types, load_type, validate_record
from giayto_issuers.compiled_claims import CompiledClaims, compiled
from giayto_issuers.document_type.scaffold import new_type
from giayto_issuers.identifiers.rules import RULES
from sample_records import ROWS

TYPES = load_builtin_types()


def claims_of(code: str) -> dict[str, Any]:
    return deepcopy(dict(validate_record(TYPES[code], ROWS[code](), 1).claims))


CONVICTION = ("offence", "penalty", "judgment", "court")
REFUSED = {
    "a name that is not NFC": ("referral", {"full_name": "Nguye\u0302\u0303n A"}),
    "an invisible character": ("referral", {"transfer": {"transport": "xe\u200bmáy"}}),
    "two spaces": ("referral", {"transfer": {"transport": "xe  máy"}}),
    "a space before": ("referral", {"transfer": {"transport": " xe máy"}}),
    "a space after": ("referral", {"transfer": {"transport": "xe máy "}}),
    "a space of another kind": ("referral", {"transfer": {"transport": "xe\u00a0máy"}}),
    "a line break where one line is expected": ("referral", {"transfer": {"transport": "xe\nmáy"}}),
    "a line break in an identifier": ("referral", {"full_name": "Nguyễn\nA"}),
    "a line break before": ("referral", {"clinical_summary": {"signs": "\nho"}}),
    "a line break after": ("referral", {"clinical_summary": {"signs": "ho\n"}}),
    "a space before a line break": ("referral", {"clinical_summary": {"signs": "ho \nsốt"}}),
    "another line break": ("referral", {"clinical_summary": {"signs": "ho\r\nsốt"}}),
    "a quotation mark, which only the explaining way judges": (
        "referral",
        {"clinical_summary": {"signs": 'ho "khan"'}},
    ),
    "an empty text": ("referral", {"clinical_summary": {"signs": ""}}),
    "an empty object": ("referral", {"clinical_summary": {}}),
    "an empty list": ("referral", {"facilities_passed": []}),
    "null": ("referral", {"clinical_summary": None}),
    "a text that is too long": ("referral", {"transfer": {"transport": "x" * 256}}),
    "another claim": ("referral", {"nickname": "x"}),
    "another claim further down": ("referral", {"transfer": {"nickname": "x"}}),
    "a day that is none": ("referral", {"signed_on": "2026-02-30"}),
    "a day spelt otherwise": ("referral", {"signed_on": "08/10/2026"}),
    "a day before its time": ("referral", {"birth_date": "1849-12-31"}),
    "a moment elsewhere": ("referral", {"stay": {"left_at": "2026-10-08T14:30:00Z"}}),
    "a moment that is none": ("referral", {"stay": {"left_at": "2026-10-08T24:00:00+07:00"}}),
    "a code that is none": ("referral", {"validity_class": "MOT_NAM"}),
    "a code without its zero": ("health-book", {"background": {"ethnic_group": "1"}}),
    "an identifier that is none": ("referral", {"referring_facility": "0190"}),
    "an identifier spelt otherwise": ("referral", {"diagnosis": {"main_code": "e11.9"}}),
    "an identifier of another kind": ("referral", {"personal_number": 1090000001}),
    "a number as text": ("driving-licence", {"points_remaining": "12"}),
    "a number that is too large": ("driving-licence", {"points_remaining": 13}),
    "a number that is not whole": ("driving-licence", {"points_remaining": 11.5}),
    "a yes for a number": ("driving-licence", {"points_remaining": True}),
    "a text against its pattern": ("vehicle-registration", {"plate_number": "?"}),
    "a decimal spelt otherwise": ("land-use-certificate", {"parcel": {"area": "100.0"}}),
    "a claim that another forbids": (
        "criminal-record-1",
        {"conviction_status": "KHONG_CO_AN_TICH", "convictions": [dict.fromkeys(CONVICTION, "x")]},
    ),
    "too many elements": ("procedure-result", {"results": [{"name": "x"}] * 1001}),
    "an identifier that is too long": ("referral", {"full_name": "A" * 256}),
}


@pytest.mark.parametrize(("code", "change"), list(REFUSED.values()), ids=list(REFUSED))
def test_no_quick_yes_for(code: str, change: dict[str, Any]) -> None:
    claims = claims_of(code)
    assert compiled(TYPES[code]).accept(claims)
    for name, value in change.items():
        claims[name] = claims[name] | value if isinstance(value, dict) and value and name in claims else value
    assert not compiled(TYPES[code]).accept(claims)


@pytest.mark.parametrize("code", sorted(ROWS))
def test_no_quick_yes_without_a_mandatory_claim(code: str) -> None:
    for claim in TYPES[code].claims:
        if claim.mandatory:
            assert not compiled(TYPES[code]).accept({n: v for n, v in claims_of(code).items() if n != claim.name})


def test_a_claim_that_another_demands_may_not_be_missing() -> None:
    claims = claims_of("marital-status") | {"marital_status": "DANG_CO_VO_CHONG"}
    claims.pop("spouse", None)
    assert not compiled(TYPES["marital-status"]).accept(claims)


def test_no_rule_of_identifiers_sees_a_line_break(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, "person-name", str)  # type: ignore[arg-type]  # a rule that takes anything
    lenient = CompiledClaims(TYPES["referral"].claims)
    assert lenient.accept(claims_of("referral") | {"full_name": "Nguyễn 1"})
    assert not lenient.accept(claims_of("referral") | {"full_name": "Nguyễn\nA"})


def test_lines_of_a_text_get_a_quick_yes() -> None:
    claims = claims_of("referral")
    claims["clinical_summary"] = {"signs": "ho khan\nsốt nhẹ\n\nmệt"}
    assert compiled(TYPES["referral"]).accept(claims)


def test_types_of_the_same_code_are_not_taken_for_each_other(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    file = tmp_path / "card" / "type.toml"
    file.write_text(new_type("card", holder_kind="organisation", agency="H26"), "utf-8")
    first = load_type(tmp_path / "card")
    claims = {"tax_code": "0100109106", "organisation_name": "Tổ chức", "issued_on": "2026-10-08"}
    assert compiled(first).accept(claims)
    file.write_text(
        file.read_text("utf-8")
        .replace('name = "issued_on"', 'name = "given_on"')
        .replace('event_claim = "issued_on"', 'event_claim = "given_on"'),
        "utf-8",
    )
    assert not compiled(load_type(tmp_path / "card")).accept(claims)
    assert compiled(first) is compiled(first)
