"""For any value: it is refused in the one foreseen way, or its signed form is stable."""

from datetime import date
from typing import Any
from unicodedata import category, is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import Claim, ClaimType
from giayto_issuers.identifiers.rules import RULES
from giayto_issuers.values.single import normalise_single
from giayto_issuers.values.text import clean_line, clean_paragraphs
from giayto_issuers.values.times import format_moment, parse_date
from giayto_issuers.values.unfit import Unfit
from giayto_issuers.values.value_class import value_class

LABEL = Localised(vi="Thử", en="Test")
SINGLE = [kind for kind in ClaimType if kind not in (ClaimType.OBJECT, ClaimType.LIST, ClaimType.IDENTIFIER)]
CLAIMS = [Claim(name="t", type=kind, label=LABEL, codes={"01": LABEL, "2": LABEL}) for kind in SINGLE]
CLAIMS += [Claim(name="t", type=ClaimType.IDENTIFIER, label=LABEL, identifier=rule) for rule in RULES]
ALPHABET = "0123456789.,-/:+ TZHGEabcÀéễđ\u0301\u0302\u00a0\n"

values: st.SearchStrategy[Any] = st.one_of(
    st.text(),
    st.text(ALPHABET),
    st.from_regex(r"\d{1,14}", fullmatch=True),
    st.from_regex(r"\d{1,2}/\d{1,2}/\d{4}( \d\d:\d\d)?", fullmatch=True),
    st.from_regex(r"-?\d{1,4}[.,]\d{1,3}", fullmatch=True),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.text()),
    st.dictionaries(st.text(), st.integers()),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.identifier or claim.type)
@given(value=values)
def test_the_signed_form_is_stable(claim: Claim, value: Any) -> None:
    try:
        normal = normalise_single(claim, value)
    except Unfit:
        return
    again = normalise_single(claim, normal)
    assert (type(again), again) == (type(normal), normal)
    if isinstance(normal, str):
        assert is_normalized("NFC", normal)


@given(st.text())
def test_clean_text_holds_nothing_invisible(text: str) -> None:
    for clean, allowed in ((clean_line, ""), (clean_paragraphs, "\n")):
        try:
            result = clean(text)
        except Unfit:
            assert any(category(character)[0] == "C" or category(character) in ("Zl", "Zp") for character in text)
            continue
        assert is_normalized("NFC", result)
        assert all(category(character)[0] != "C" for character in result if character not in allowed)
        assert result == result.strip()
        assert clean(result) == result


@given(st.dates(date(1850, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_in_every_form(day: date) -> None:
    for form in ("%d/%m/%Y", "%Y%m%d", "%Y-%m-%d", "%Y%m%d0000", "%d-%m-%Y", "%Y-%m-%dT23:59:59+07:00"):
        assert parse_date(day.strftime(form)) == day
    assert parse_date(f"{day.day}/{day.month}/{day.year}") == day
    assert format_moment(day) == day.isoformat()


@given(st.text(min_size=4).filter(lambda text: not text.isdecimal() and text.strip() == text))
def test_the_class_of_a_value_does_not_show_it(text: str) -> None:
    named = value_class(text)
    kinds = {f"text of {len(text)} {kind}" for kind in ("letters", "digits", "letters and digits", "characters")}
    assert named.en in kinds
