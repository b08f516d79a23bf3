"""May the paper be asked for: each step of docs/catalogue.md, both ways."""

from datetime import date, timedelta

import pytest

from catalogue_editions import edition, entry, procedure, purposes
from giayto_verifiers.paper_rule import DocumentNotCataloguedError, PaperReason, ProcedureCodeError, may_ask

SINCE = date(2026, 6, 1)
EVE = SINCE - timedelta(days=1)
MARRIAGE = {"procedure": "1.000894"}
EDITION = edition(
    entry("birth-certificate", procedures=(procedure("1.000894", "unless-in-wallet"),)),
    entry(
        "marital-status",
        procedures=(
            procedure("1.000895", "no", valid_until=date(2026, 12, 31)),
            procedure("1.000896", "yes"),
        ),
    ),
    entry("land-use-certificate", stage="in-preparation", since=None),
    entry("driving-licence", since=None),
    entry("criminal-record-2", demand="never"),
    entry("criminal-record-1", demand="for_purposes", purposes=purposes("Y_TE", "AN_NINH")),
)


@pytest.mark.parametrize(
    ("document", "arguments", "allowed", "reason", "first_basis"),
    [
        ("birth-certificate", MARRIAGE | {"on": EVE}, True, "not_integrated", "basis of birth-certificate"),
        ("criminal-record-2", {"on": EVE}, False, "never_demandable", "basis of criminal-record-2"),
        ("criminal-record-1", {"purpose": "THUE_NHA"}, False, "purpose_not_allowed", "basis of criminal-record-1"),
        ("criminal-record-1", {"purpose": "Y_TE"}, False, "integrated", "rule"),
        ("criminal-record-1", {"on": EVE}, False, "purpose_not_stated", "basis of criminal-record-1"),
        ("criminal-record-1", {"on": EVE, "purpose": "Y_TE"}, True, "not_integrated", "basis of criminal-record-1"),
        ("birth-certificate", {}, False, "integrated", "rule"),
        ("birth-certificate", {"on": EVE}, True, "not_integrated", "basis of birth-certificate"),
        ("birth-certificate", {"procedure": "1.000894"}, False, "shown_from_wallet", "basis of 1.000894"),
        (
            "birth-certificate",
            {"procedure": "1.000894", "on": EVE},
            True,
            "not_integrated",
            "basis of birth-certificate",
        ),
        ("birth-certificate", {"procedure": "1.999999"}, False, "integrated", "rule"),
        ("birth-certificate", {"purpose": "ANY"}, False, "integrated", "rule"),
        ("marital-status", {"procedure": "1.000895"}, False, "dropped_from_procedure", "basis of 1.000895"),
        ("marital-status", {"procedure": "1.000895", "on": date(2027, 1, 1)}, False, "integrated", "rule"),
        ("marital-status", {"procedure": "1.000896"}, True, "required_by_procedure", "basis of 1.000896"),
        ("land-use-certificate", {}, True, "not_integrated", "basis of land-use-certificate"),
        ("driving-licence", {"on": EVE}, False, "integrated", "rule"),
        ("urn:giayto:type:marital-status:1", {}, False, "integrated", "rule"),
    ],
)
def test_the_answer_and_its_reason(document, arguments, allowed, reason, first_basis) -> None:
    answer = may_ask(EDITION, document, **{"on": SINCE, **arguments})
    assert (answer.may_ask, answer.reason) == (allowed, reason)
    assert answer.legal_basis[0].reference == first_basis
    assert answer.edition == "2026-12"


@pytest.mark.parametrize(
    ("document", "arguments", "shown", "fallback"),
    [
        ("criminal-record-2", {}, "no", False),
        ("criminal-record-1", {}, "for_purposes", True),
        ("criminal-record-1", {"purpose": "THUE_NHA"}, "no", False),
        ("birth-certificate", {}, "yes", True),
        ("birth-certificate", {"on": EVE}, "no", False),
        ("marital-status", {"procedure": "1.000895"}, "no", False),
        ("marital-status", {"procedure": "1.000896"}, "no", False),
    ],
)
def test_what_may_be_done_instead(document, arguments, shown, fallback) -> None:
    answer = may_ask(EDITION, document, **{"on": SINCE, **arguments})
    assert (answer.show_from_wallet, answer.fallback) == (shown, fallback)
    assert ("fallback" in {each.reference for each in answer.legal_basis}) == fallback


def test_a_procedure_is_known_by_its_short_code() -> None:
    answer = may_ask(EDITION, "birth-certificate", on=SINCE, procedure="1.000894.000.00.00.H26")
    assert (answer.procedure.code, answer.reason) == ("1.000894", PaperReason.SHOWN_FROM_WALLET)
    assert answer.procedure.titles is not None
    assert may_ask(EDITION, "birth-certificate", on=SINCE, procedure="1.999999").procedure.titles is None


def test_what_the_catalogue_does_not_know_is_no_yes() -> None:
    with pytest.raises(DocumentNotCataloguedError):
        may_ask(EDITION, "birth-certficate", on=SINCE)


@pytest.mark.parametrize("code", ["", "1.00089", "1.0008944", "marriage", "1.000894.H26", "１.000894"])
def test_a_procedure_code_has_its_form(code) -> None:
    with pytest.raises(ProcedureCodeError):
        may_ask(EDITION, "birth-certificate", on=SINCE, procedure=code)


@pytest.mark.parametrize("reason", PaperReason)
def test_every_reason_speaks_both_languages(reason) -> None:
    assert reason.text.vi
    assert reason.text.en != reason.text.vi
