"""The re-check of a credential's claims at storage, and the marks for selective disclosure."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from giayto_crypto.sdjwt import Sd, conceal, reveal
from giayto_issuers import check_claims, check_signed_payload, disclosable, load_builtin_types, validate_record
from giayto_issuers.errors import ClaimsError, Problem
from sample_records import PERSON, ROWS, health_book, subject_of

TYPES = load_builtin_types()
HEALTH_BOOK = TYPES["health-book"]
IN_CLEAR = {"iss": "https://a", "iat": 1, "nbf": 1, "exp": 2, "vct": HEALTH_BOOK.vct, "cnf": {}, "status": {}}


def claims_of(code: str) -> dict[str, Any]:
    return copy.deepcopy(dict(validate_record(TYPES[code], ROWS[code](), 1).claims))


def problems_of(claims: dict[str, Any]) -> dict[str, Problem]:
    with pytest.raises(ClaimsError) as caught:
        check_claims(HEALTH_BOOK, claims)
    return {problem.column: problem for problem in caught.value.problems}


@pytest.mark.parametrize("code", ROWS)
def test_what_validation_gives_passes_the_re_check(code: str) -> None:
    claims = claims_of(code)
    assert check_claims(TYPES[code], {**IN_CLEAR, **claims}) == subject_of(code)


Change = Callable[[dict[str, Any]], Any]
WRONG: dict[str, tuple[Change, str, str]] = {
    "unknown claim": (lambda c: c.update(nickname="An"), "nickname", "only columns"),
    "unknown nested claim": (lambda c: c["visits"][0].update(price=1), "visits[1].price", "only columns"),
    "source column instead of the claim": (lambda c: c.update(HO_TEN="An"), "HO_TEN", "only columns"),
    "field of an object at the top": (lambda c: c.update(DIEN_THOAI="0912345678"), "DIEN_THOAI", "only columns"),
    "number missing": (lambda c: c.pop("personal_number"), "personal_number", "mandatory"),
    "name missing": (lambda c: c.pop("full_name"), "full_name", "mandatory"),
    "birth date missing": (lambda c: c.pop("birth_date"), "birth_date", "mandatory"),
    "nested mandatory missing": (lambda c: c["visits"][1].pop("facility"), "visits[2].facility", "mandatory"),
    "name not NFC": (lambda c: c.update(full_name="Nguye\u0302\u0303n"), "full_name", "normal form"),
    "name with spaces": (lambda c: c.update(full_name=" An"), "full_name", "normal form"),
    "name with an override": (lambda c: c.update(full_name="A\u202en"), "full_name", "U+202E"),
    "name is empty": (lambda c: c.update(full_name=""), "full_name", "or no such claim"),
    "name is null": (lambda c: c.update(full_name=None), "full_name", "or no such claim"),
    "birth date in another form": (lambda c: c.update(birth_date="15/03/2001"), "birth_date", "normal form"),
    "time in another zone": (
        lambda c: c["visits"][1].update(admitted_at="2026-11-02T01:00:00Z"), "visits[2].admitted_at", "normal form"
    ),
    "code of no list": (lambda c: c.update(sex="9"), "sex", "one of the codes"),
    "code as a number": (lambda c: c.update(sex=2), "sex", "normal form"),
    "decimal as a number": (lambda c: c["visits"][0].update(weight=58.5), "visits[1].weight", "normal form"),
    "decimal with a comma": (lambda c: c["visits"][0].update(weight="58,5"), "visits[1].weight", "normal form"),
    "list as text": (lambda c: c["history"].update(allergies="Tôm;Cua"), "history.allergies", "JSON array"),
    "list as JSON text": (lambda c: c.update(visits="[]"), "visits", "JSON array"),
    "empty list": (lambda c: c.update(visits=[]), "visits", "or no such claim"),
    "empty element": (lambda c: c["visits"].append({}), "visits[3]", "or no such claim"),
    "object as text": (lambda c: c.update(contact='{"phone":"0912345678"}'), "contact", "JSON object"),
    "too many": (lambda c: c.update(visits=c["visits"] * 300), "visits", "at most 500"),
    "telephone with spaces": (lambda c: c["contact"].update(phone="0912 345 678"), "contact.phone", "normal form"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "place", "expected"), WRONG.values(), ids=WRONG.keys())
def test_whatever_our_issuers_would_not_write_is_refused(change: Change, place: str, expected: str) -> None:
    claims = claims_of("health-book")
    change(claims)
    problem = problems_of(claims)[place]
    assert expected in problem.expected.en


def test_true_is_not_1() -> None:
    claims = claims_of("procedure-result")
    assert claims["handling"]["paid_online"] is True
    claims["handling"]["paid_online"] = 1
    with pytest.raises(ClaimsError, match=r"handling\.paid_online"):
        check_claims(TYPES["procedure-result"], claims)


def test_all_problems_come_at_once_and_without_values() -> None:
    claims = claims_of("health-book")
    claims.update(full_name="Cănări 9731", sex="9", birth_date="9731")
    with pytest.raises(ClaimsError) as caught:
        check_claims(HEALTH_BOOK, claims)
    assert [problem.column for problem in caught.value.problems] == ["full_name", "birth_date", "sex"]
    assert "9731" not in str(caught.value)
    assert caught.value.problems[2].in_vietnamese() == "sex: có chuỗi 1 chữ số, cần một trong các mã 1, 2, 3"


# ------------------------------------------------------------------------------------------------ in clear


def test_a_payload_says_only_the_profile_in_clear() -> None:
    check_signed_payload({**IN_CLEAR, "_sd": [], "_sd_alg": "sha-256"})


@pytest.mark.parametrize("name", ["full_name", "sub", "jti", "anything"])
def test_anything_else_in_clear_is_refused(name: str) -> None:
    with pytest.raises(ClaimsError) as caught:
        check_signed_payload({**IN_CLEAR, name: "Nguyễn Văn An"})
    assert caught.value.problems[0].column == name
    assert "Nguyễn" not in str(caught.value)


# ------------------------------------------------------------------------------------------------ disclosures


def test_visits_and_their_fields_are_disclosures_of_their_own() -> None:
    marked = disclosable(HEALTH_BOOK, claims_of("health-book"))
    first = marked["visits"][0]
    assert isinstance(first, Sd)
    assert first.value["facility"] == Sd("01901")
    assert first.value["discharge_diagnoses"] == Sd(["E11.9", "I10"])
    assert first.value["medicines"] == Sd([{"name": "Metformin", "quantity": "30"}])
    assert marked["full_name"] == PERSON["name"]
    assert marked["contact"]["phone"] == Sd("0912345678")
    assert marked["history"]["conditions"] == Sd([Sd("Tăng huyết áp"), Sd("Đái tháo đường")])
    assert marked["history"]["allergies"] == Sd(["Penicillin", "Tôm"])


def test_a_conviction_cannot_be_shown_without_the_others() -> None:
    convictions = [{"offence": "a", "penalty": "b", "judgment": "c", "court": "d"}] * 2
    marked = disclosable(TYPES["criminal-record-1"], {"convictions": convictions})
    assert marked == {"convictions": convictions}


@pytest.mark.parametrize("code", ROWS)
def test_marks_change_nothing_of_what_is_said(code: str) -> None:
    claims = claims_of(code)
    concealed, disclosures = conceal({name: Sd(value) for name, value in disclosable(TYPES[code], claims).items()})
    assert reveal({**concealed, "_sd_alg": "sha-256"}, disclosures) == claims


@pytest.mark.parametrize("code", ROWS)
def test_the_marks_are_those_that_the_type_metadata_declares(code: str) -> None:
    """Draft SD-JWT VC §4.6.4: a claim is disclosable at a path when it is a disclosure itself."""
    marked = {name: Sd(value) for name, value in disclosable(TYPES[code], claims_of(code)).items()}
    for claim in TYPES[code].type_metadata()["claims"]:
        for value in select(marked, claim["path"]):
            assert isinstance(value, Sd) == (claim["sd"] == "always"), claim["path"]


def select(value: Any, path: list[str | None]) -> list[Any]:
    if not path:
        return [value]
    inner = value.value if isinstance(value, Sd) else value
    below = inner if path[0] is None else [inner[path[0]]] if path[0] in inner else []
    return [found for each in below for found in select(each, path[1:])]


def test_the_order_of_claims_is_the_types() -> None:
    claims = claims_of("health-book")
    backwards = dict(reversed(claims.items()))
    assert list(disclosable(HEALTH_BOOK, backwards)) == list(claims)


def test_a_row_with_nothing_optional_is_a_document_too() -> None:
    bare = {column: None for column in health_book() if column not in ("MA_SO_SK", "SO_CCCD", "HO_TEN", "NGAY_SINH")}
    record = validate_record(HEALTH_BOOK, health_book(**bare), 1)
    assert set(record.claims) == {"personal_number", "full_name", "birth_date"}
    check_claims(HEALTH_BOOK, record.claims)
