"""Steps 9 to 11: status, type rules, and the verdict of all steps together."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.catalogue import Catalogue
from giayto_crypto.sdjwt import StatusReference
from giayto_crypto.status_list import StatusValue
from giayto_verifiers import (
    Invalid,
    Reason,
    Unknown,
    Valid,
)
from trust_scheme import NOW, Scheme
from trust_scheme.checking import check, reasons
from trust_scheme.scheme import CLAIMS, RECORD, REFERRAL, SINGLE_USE_VCT, STATUS_URI, VCT

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


# 9 status


@pytest.mark.parametrize(
    ("status", "bits", "reason"),
    [
        (StatusValue.INVALID, 2, "revoked"),
        (StatusValue.INVALID, 1, "revoked"),
        (StatusValue.SUSPENDED, 2, "suspended"),
        (StatusValue.CONSUMED, 2, "consumed"),
        (4, 4, "status_value_unknown"),
        (200, 8, "status_value_unknown"),
    ],
)
def test_9_a_status_other_than_valid_is_refused(scheme: Scheme, status: int, bits: int, reason: str) -> None:
    token = scheme.status_list_token([(5, status)], bits=bits)
    verdict = check(scheme.bundle(status_lists={STATUS_URI: token}), scheme.presentation())
    assert isinstance(verdict, Invalid)
    assert verdict.reasons == (reason,)
    assert verdict.status_checked_at == NOW - timedelta(hours=1)


def test_9_a_neighbours_status_does_not_matter(scheme: Scheme) -> None:
    token = scheme.status_list_token([(4, 1), (6, 1)])
    assert reasons(scheme.bundle(status_lists={STATUS_URI: token}), scheme.presentation()) == ()


@pytest.mark.parametrize(("idx", "expected"), [(63, ()), (64, ("status_index_out_of_range",))])
def test_9_an_index_outside_the_list_is_refused(
    scheme: Scheme, bundle: VerifierBundle, idx: int, expected: tuple[str, ...]
) -> None:
    credential = scheme.credential(status=StatusReference(STATUS_URI, idx))
    verdict = check(bundle, scheme.presentation(credential))
    assert verdict.reasons == expected
    assert isinstance(verdict, Invalid if expected else Valid)


@pytest.mark.parametrize(
    ("issued_at", "expected"),
    [(NOW - DAY, ()), (NOW - DAY - SECOND, ("status_too_old",)), (NOW + 60 * SECOND, ())],
)
def test_9_the_age_of_the_list_is_exact(scheme: Scheme, issued_at: datetime, expected: tuple[str, ...]) -> None:
    token = scheme.status_list_token(issued_at=issued_at)
    verdict = check(scheme.bundle(status_lists={STATUS_URI: token}), scheme.presentation())
    assert verdict.reasons == expected
    assert verdict.status_age == NOW - issued_at
    assert isinstance(verdict, Unknown if expected else Valid)


def test_9_a_list_past_its_own_end_says_nothing(scheme: Scheme) -> None:
    token = scheme.status_list_token(expires_at=NOW)
    verdict = check(scheme.bundle(status_lists={STATUS_URI: token}), scheme.presentation())
    assert isinstance(verdict, Unknown)
    assert verdict.reasons == ("status_too_old",)


def test_9_a_list_from_the_future_says_nothing(scheme: Scheme) -> None:
    token = scheme.status_list_token(issued_at=NOW + 61 * SECOND)
    bundle = scheme.bundle(status_lists={STATUS_URI: token})
    assert reasons(bundle, scheme.presentation()) == ("status_too_old",)


@pytest.mark.parametrize("status", [0, 1, 2])
def test_9_an_old_list_is_neither_valid_nor_revoked(scheme: Scheme, status: int) -> None:
    token = scheme.status_list_token([(5, status)], issued_at=NOW - 2 * DAY)
    verdict = check(scheme.bundle(status_lists={STATUS_URI: token}), scheme.presentation())
    assert isinstance(verdict, Unknown)
    assert verdict.reasons == ("status_too_old",)
    assert verdict.authentic is not None


def test_9_a_list_that_is_not_authentic_says_nothing(scheme: Scheme) -> None:
    token = scheme.status_list_token(by=scheme.agency)
    verdict = check(scheme.bundle(status_lists={STATUS_URI: token}), scheme.presentation())
    assert isinstance(verdict, Unknown)
    assert verdict.reasons == ("status_list_invalid",)
    assert verdict.status_checked_at is None


def test_9_a_list_that_the_bundle_lacks_makes_it_unknown(scheme: Scheme) -> None:
    verdict = check(scheme.bundle(status_lists={}), scheme.presentation())
    assert isinstance(verdict, Unknown)
    assert verdict.reasons == ("bundle_outdated",)


# 10 type rules


def test_10_a_type_or_agency_that_this_verifier_does_not_take_is_refused(
    scheme: Scheme, bundle: VerifierBundle
) -> None:
    text = scheme.presentation()
    assert reasons(bundle, text, accepted_types={VCT}, accepted_agencies={"G18"}) == ()
    assert reasons(bundle, text, accepted_types={"urn:other"}) == ("type_not_accepted",)
    assert reasons(bundle, text, accepted_agencies={"H26"}) == ("agency_not_accepted",)
    assert reasons(bundle, text, accepted_types=(), accepted_agencies=()) == (
        "type_not_accepted",
        "agency_not_accepted",
    )


def test_10_a_claim_that_the_type_demands_cannot_be_hidden(scheme: Scheme, bundle: VerifierBundle) -> None:
    verdict = check(bundle, scheme.presentation(shown=[("full_name",), ("issued_on",)]))
    assert isinstance(verdict, Invalid)
    assert verdict.reasons == ("required_claim_missing",)
    assert verdict.findings[0].detail.endswith("valid_until")


def test_10_a_claim_that_the_policy_demands_must_be_shown(scheme: Scheme, bundle: VerifierBundle) -> None:
    assert reasons(bundle, scheme.presentation(), required_claims={"full_name"}) == ()
    assert reasons(bundle, scheme.presentation(), required_claims={"birth_date"}) == ("required_claim_missing",)


def test_10_a_type_that_the_catalogue_lacks_makes_it_unknown(scheme: Scheme) -> None:
    verdict = check(scheme.bundle(catalogue=Catalogue(entries=(REFERRAL,))), scheme.presentation())
    assert isinstance(verdict, Unknown)
    assert verdict.reasons == ("bundle_outdated",)
    assert verdict.authentic is None


MIDNIGHT = datetime.fromisoformat("2026-11-22T00:00:00+07:00")


@pytest.mark.parametrize(
    ("valid_until", "at", "expected"),
    [
        ("2026-11-22", MIDNIGHT + DAY - SECOND, ()),
        ("2026-11-22", MIDNIGHT + DAY, ("document_expired",)),
        ("2026-11-22T12:00:00+07:00", MIDNIGHT + DAY / 2 - SECOND, ()),
        ("2026-11-22T12:00:00+07:00", MIDNIGHT + DAY / 2, ("document_expired",)),
        ("9999-12-31", MIDNIGHT, ()),
        (None, MIDNIGHT, ()),
        ("22/11/2026", MIDNIGHT, ("document_period_unreadable",)),
        ("20261122", MIDNIGHT, ("document_period_unreadable",)),
        ("2026-11-31", MIDNIGHT, ("document_period_unreadable",)),
        ("2026-11-22T12:00:00", MIDNIGHT, ("document_period_unreadable",)),
        (20261122, MIDNIGHT, ("document_period_unreadable",)),
        ({"date": "2026-11-22"}, MIDNIGHT, ("document_period_unreadable",)),
    ],
)
def test_10_the_documents_own_end_is_exact(
    scheme: Scheme, valid_until: object, at: datetime, expected: tuple[str, ...]
) -> None:
    assert period_reasons(scheme, at, issued_on="2026-01-01", valid_until=valid_until) == expected


@pytest.mark.parametrize(
    ("issued_on", "at", "expected"),
    [
        ("2026-11-22", MIDNIGHT, ()),
        ("2026-11-22", MIDNIGHT - SECOND, ("document_not_yet_valid",)),
        ("2026-11-22T12:00:00Z", MIDNIGHT + timedelta(hours=19), ()),
        ("2026-11-22T12:00:00Z", MIDNIGHT + timedelta(hours=19) - SECOND, ("document_not_yet_valid",)),
    ],
)
def test_10_the_documents_own_beginning_is_exact(
    scheme: Scheme, issued_on: str, at: datetime, expected: tuple[str, ...]
) -> None:
    assert period_reasons(scheme, at, issued_on=issued_on, valid_until="2027-01-01") == expected


def period_reasons(scheme: Scheme, at: datetime, **dates: object) -> tuple[str, ...]:
    """Check a document with these dates at a time, with a bundle of that time."""
    credential = scheme.credential(
        issued_at=at - DAY, not_before=at - DAY, expires_at=at + DAY, claims={**CLAIMS, **dates}
    )
    trust_list = scheme.trust_list(issued_at=at - DAY, next_update=at + DAY)
    bundle = scheme.bundle(
        at,
        issued_at=at - DAY,
        expires_at=at + DAY,
        trust_list=scheme.trust_list_token(trust_list),
        status_lists={STATUS_URI: scheme.status_list_token(issued_at=at, expires_at=at + DAY)},
    )
    return reasons(bundle, scheme.presentation(credential, at=at - SECOND), at=at)


def test_10_a_type_without_period_has_none(scheme: Scheme, bundle: VerifierBundle) -> None:
    credential = scheme.credential(vct=SINGLE_USE_VCT, claims={**CLAIMS, "valid_until": "2000-01-01"})
    verdict = check(bundle, scheme.presentation(credential))
    assert isinstance(verdict, Valid)
    assert verdict.presentation.document_type.validity.single_use


# 11 the verdict


def test_11_all_reasons_are_told_in_the_order_of_the_steps(scheme: Scheme) -> None:
    bundle = scheme.bundle(status_lists={STATUS_URI: scheme.status_list_token([(5, 1)])})
    credential = scheme.credential(expires_at=NOW - DAY, claims={**CLAIMS, "valid_until": "2026-11-01"})
    presentation = scheme.presentation(credential, at=NOW - timedelta(minutes=5))
    assert reasons(bundle, presentation, required_claims={"birth_date"}) == (
        "expired",
        "stale",
        "revoked",
        "required_claim_missing",
        "document_expired",
    )


def test_11_invalid_beats_unknown(scheme: Scheme) -> None:
    verdict = check(scheme.bundle(status_lists={}, expires_at=NOW), scheme.presentation(at=NOW - DAY))
    assert isinstance(verdict, Invalid)
    assert verdict.reasons == ("stale", "bundle_outdated", "bundle_expired")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOW + DAY - SECOND, ()),
        (NOW + DAY, ("bundle_expired",)),
        (NOW - timedelta(hours=1, minutes=1), ()),
        (NOW - timedelta(hours=1, minutes=1, seconds=1), ("status_too_old", "bundle_expired")),
    ],
)
def test_11_a_bundle_outside_its_period_makes_it_unknown(
    scheme: Scheme, bundle: VerifierBundle, at: datetime, expected: tuple[str, ...]
) -> None:
    verdict = check(bundle, scheme.presentation(at=at - SECOND), at=at, max_status_age=9 * DAY)
    assert verdict.reasons == expected
    if expected:
        assert isinstance(verdict, Unknown)
        assert verdict.authentic is None


def test_11_an_expired_bundle_still_recognises_a_forgery(scheme: Scheme) -> None:
    bundle = scheme.bundle(expires_at=NOW)
    assert reasons(bundle, Scheme(holder=scheme.holder).presentation()) == ("certificate_untrusted",)


def test_11_a_reason_of_the_status_list_has_its_place_in_the_closed_set() -> None:
    assert {reason.value for reason in Reason if reason.is_unknown} == {
        "bundle_outdated",
        "status_list_invalid",
        "status_too_old",
        "bundle_expired",
        "replay_guard_unavailable",
    }


def test_11_the_title_comes_from_the_signed_catalogue(scheme: Scheme, bundle: VerifierBundle) -> None:
    verdict = check(bundle, scheme.presentation())
    assert verdict.require_valid().document_type == RECORD
    assert replace(verdict, circumstances=verdict.circumstances) == verdict
