"""Steps 7 to 11: times to the second, holder, status, type rules, and the verdict of all of them together."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from giayto_crypto import jws
from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.catalogue import Catalogue
from giayto_crypto.keys import LocalSigner
from giayto_crypto.qr import pack
from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE, StatusReference
from giayto_crypto.sdjwt.verification import sd_hash
from giayto_crypto.status_list import StatusValue
from giayto_verifiers import (
    ChallengeNeededError,
    InMemoryReplayGuard,
    Invalid,
    Policy,
    Reason,
    ReplayGuardError,
    Unknown,
    Valid,
    Verdict,
    Verifier,
)
from trust_scheme import NOW, Scheme
from trust_scheme.scheme import CLAIMS, RECORD, REFERRAL, SHOWN, SINGLE_USE_VCT, STATUS_URI, VCT

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def check(
    bundle: VerifierBundle, text: str, *, at: datetime = NOW, challenge: str | None = None, **policy: Any
) -> Verdict:
    verifier = Verifier(bundle, policy=Policy(**policy), replay_guard=InMemoryReplayGuard())
    return verifier.verify(text, now=at, challenge=challenge)


def reasons(bundle: VerifierBundle, text: str, **arguments: Any) -> tuple[str, ...]:
    return tuple(check(bundle, text, **arguments).reasons)


# 7 validity times; the default clock skew is 60 s


@pytest.mark.parametrize(
    ("expires_at", "expected"),
    [(NOW - 61 * SECOND, ("expired",)), (NOW - 60 * SECOND, ("expired",)), (NOW - 59 * SECOND, ()), (NOW, ())],
)
def test_7_the_end_of_a_credential_is_exact(
    scheme: Scheme, bundle: VerifierBundle, expires_at: datetime, expected: tuple[str, ...]
) -> None:
    assert reasons(bundle, scheme.presentation(scheme.credential(expires_at=expires_at))) == expected


@pytest.mark.parametrize(
    ("not_before", "expected"), [(NOW, ()), (NOW + 60 * SECOND, ()), (NOW + 61 * SECOND, ("not_yet_valid",))]
)
def test_7_the_beginning_of_a_credential_is_exact(
    scheme: Scheme, bundle: VerifierBundle, not_before: datetime, expected: tuple[str, ...]
) -> None:
    assert reasons(bundle, scheme.presentation(scheme.credential(not_before=not_before))) == expected


@pytest.mark.parametrize(("skew", "expected"), [(3570, ()), (3569, ("issued_in_future",))])
def test_7_a_credential_of_the_future_is_refused(
    scheme: Scheme, bundle: VerifierBundle, skew: int, expected: tuple[str, ...]
) -> None:
    """`iat` is 10:00:00, the check at 09:00:30."""
    credential = scheme.credential(issued_at=NOW.replace(hour=10, minute=20))
    presentation = scheme.presentation(credential)
    assert reasons(bundle, presentation, clock_skew=skew * SECOND) == expected


# 8 key binding


def test_8_a_stripped_key_binding_is_noticed(scheme: Scheme, bundle: VerifierBundle) -> None:
    stripped = scheme.presentation().rpartition("~")[0] + "~"
    verdict = check(bundle, stripped)
    assert isinstance(verdict, Invalid)
    assert verdict.reasons == ("key_binding_missing",)
    assert verdict.document is not None


def test_8_another_holders_signature_is_refused(scheme: Scheme, bundle: VerifierBundle) -> None:
    assert reasons(bundle, scheme.presentation(holder=LocalSigner.generate())) == ("key_binding_invalid",)


def test_8_a_key_binding_of_another_presentation_is_refused(scheme: Scheme, bundle: VerifierBundle) -> None:
    sd_jwt = scheme.presentation().rpartition("~")[0]
    foreign = scheme.presentation().rpartition("~")[2]
    assert reasons(bundle, f"{sd_jwt}~{foreign}") == ("key_binding_invalid",)


def test_8_a_disclosure_taken_away_breaks_the_key_binding(scheme: Scheme, bundle: VerifierBundle) -> None:
    token, _name, *others = scheme.presentation(shown=[("full_name",), *SHOWN[1:]]).split("~")
    assert "key_binding_invalid" in reasons(bundle, "~".join([token, *others]))


@pytest.mark.parametrize(
    "audience", ["https://other.example", "", IN_PERSON_AUDIENCE + " ", IN_PERSON_AUDIENCE.upper()]
)
def test_8_another_audience_is_refused(scheme: Scheme, bundle: VerifierBundle, audience: str) -> None:
    assert reasons(bundle, scheme.presentation(audience=audience)) == ("audience_mismatch",)


def test_8_a_verifier_with_a_name_takes_its_own_only(scheme: Scheme, bundle: VerifierBundle) -> None:
    named = scheme.presentation(audience="https://bank.example")
    assert reasons(bundle, named, audience="https://bank.example") == ()
    assert reasons(bundle, scheme.presentation(), audience="https://bank.example") == ("audience_mismatch",)


def test_8_an_audience_list_is_refused(scheme: Scheme, bundle: VerifierBundle) -> None:
    sd_jwt = scheme.presentation().rpartition("~")[0] + "~"
    proof = {"iat": int(NOW.timestamp()), "nonce": "n", "aud": [IN_PERSON_AUDIENCE], "sd_hash": sd_hash(sd_jwt)}
    text = sd_jwt + jws.sign(proof, signer=scheme.holder, typ="kb+jwt")
    assert reasons(bundle, text) == ("key_binding_invalid",)


@pytest.mark.parametrize(
    ("challenge", "expected"),
    [("48213", ()), ("48214", ("challenge_mismatch",)), ("", ("challenge_mismatch",)), (None, ())],
)
def test_8_the_challenge_must_be_the_nonce(
    scheme: Scheme, bundle: VerifierBundle, challenge: str | None, expected: tuple[str, ...]
) -> None:
    assert reasons(bundle, scheme.presentation(nonce="48213"), challenge=challenge) == expected


def test_8_a_challenge_may_hold_any_text(scheme: Scheme, bundle: VerifierBundle) -> None:
    assert reasons(bundle, scheme.presentation(nonce="thử thách"), challenge="thử thách") == ()


@pytest.mark.parametrize("challenge", [None, ""])
def test_8_a_policy_that_demands_a_challenge_refuses_the_caller(
    scheme: Scheme, bundle: VerifierBundle, challenge: str | None
) -> None:
    with pytest.raises(ChallengeNeededError):
        check(bundle, scheme.presentation(nonce=""), challenge=challenge, challenge_required=True)


@pytest.mark.parametrize(
    ("made_at", "at", "expected"),
    [
        (NOW - 60 * SECOND, NOW, ()),
        (NOW - 60 * SECOND, NOW + MICROSECOND, ("stale",)),
        (NOW - 61 * SECOND, NOW, ("stale",)),
        (NOW + 60 * SECOND, NOW, ()),
        (NOW + 61 * SECOND, NOW, ("presented_in_future",)),
    ],
)
def test_8_the_minute_is_exact(
    scheme: Scheme, bundle: VerifierBundle, made_at: datetime, at: datetime, expected: tuple[str, ...]
) -> None:
    assert reasons(bundle, scheme.presentation(at=made_at), at=at) == expected


def test_8_a_presentation_is_accepted_once(scheme: Scheme, bundle: VerifierBundle) -> None:
    verifier = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())
    presentation = scheme.presentation()
    assert isinstance(verifier.verify(presentation, now=NOW), Valid)
    for text in (presentation, pack(presentation)):
        again = verifier.verify(text, now=NOW)
        assert isinstance(again, Invalid)
        assert again.reasons == ("replayed",)


def test_8_a_varied_signature_is_a_replay_too(scheme: Scheme, bundle: VerifierBundle) -> None:
    """(r, n - s) verifies wherever (r, s) does."""
    from giayto_crypto import b64url

    verifier = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())
    presentation = scheme.presentation()
    assert isinstance(verifier.verify(presentation, now=NOW), Valid)
    signed, _, signature = presentation.rpartition(".")
    raw = b64url.decode(signature)
    varied = raw[:32] + (P256_ORDER - int.from_bytes(raw[32:])).to_bytes(32)
    assert verifier.verify(f"{signed}.{b64url.encode(varied)}", now=NOW).reasons == ("replayed",)


def test_8_another_presentation_of_the_same_document_is_no_replay(scheme: Scheme, bundle: VerifierBundle) -> None:
    verifier = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())
    credential = scheme.credential()
    for nonce in ("first", "second"):
        assert isinstance(verifier.verify(scheme.presentation(credential, nonce=nonce), now=NOW), Valid)


def test_8_a_replay_is_told_beside_other_reasons(scheme: Scheme, bundle: VerifierBundle) -> None:
    verifier = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())
    presentation = scheme.presentation()
    verifier.verify(presentation, now=NOW)
    assert verifier.verify(presentation, now=NOW + timedelta(minutes=2)).reasons == ("stale", "replayed")


@pytest.mark.parametrize("refusing", [{"audience": "other"}, {"required_claims": frozenset({"birth_date"})}])
def test_8_a_refused_presentation_does_not_use_up_the_genuine_one(
    scheme: Scheme, bundle: VerifierBundle, refusing: dict[str, Any]
) -> None:
    guard = InMemoryReplayGuard()
    presentation = scheme.presentation()
    assert isinstance(
        Verifier(bundle, policy=Policy(**refusing), replay_guard=guard).verify(presentation, now=NOW), Invalid
    )
    assert isinstance(Verifier(bundle, policy=Policy(), replay_guard=guard).verify(presentation, now=NOW), Valid)


def test_8_after_an_unknown_verdict_a_newer_bundle_may_still_accept(scheme: Scheme, bundle: VerifierBundle) -> None:
    verifier = Verifier(scheme.bundle(status_lists={}), policy=Policy(), replay_guard=InMemoryReplayGuard())
    presentation = scheme.presentation()
    assert isinstance(verifier.verify(presentation, now=NOW), Unknown)
    newer = verifier.with_bundle(bundle)
    assert isinstance(newer.verify(presentation, now=NOW), Valid)
    assert newer.verify(presentation, now=NOW).reasons == ("replayed",)
    assert newer.policy is verifier.policy
    assert newer.bundle is bundle


class BrokenGuard:
    """Cannot remember; `seen` works or not."""

    def __init__(self, seen_works: bool) -> None:
        self.seen_works = seen_works

    def seen(self, key: bytes, now: datetime) -> bool:
        if not self.seen_works:
            raise ReplayGuardError("broken")
        return False

    def remember(self, key: bytes, until: datetime, now: datetime) -> bool:
        raise ReplayGuardError("broken")


@pytest.mark.parametrize("seen_works", [True, False])
def test_8_what_cannot_be_remembered_is_not_accepted(scheme: Scheme, bundle: VerifierBundle, seen_works: bool) -> None:
    verifier = Verifier(bundle, policy=Policy(), replay_guard=BrokenGuard(seen_works))
    verdict = verifier.verify(scheme.presentation(), now=NOW)
    assert isinstance(verdict, Unknown)
    assert verdict.reasons == ("replay_guard_unavailable",)


def test_8_of_two_checks_at_once_one_wins(scheme: Scheme, bundle: VerifierBundle) -> None:
    class BlindGuard(InMemoryReplayGuard):
        def seen(self, key: bytes, now: datetime) -> bool:
            return False  # as if both had asked before either recorded

    verifier = Verifier(bundle, policy=Policy(), replay_guard=BlindGuard())
    presentation = scheme.presentation()
    assert isinstance(verifier.verify(presentation, now=NOW), Valid)
    assert verifier.verify(presentation, now=NOW).reasons == ("replayed",)


# 8 for printed copies


def printed(scheme: Scheme) -> str:
    return scheme.presentation().rpartition("~")[0] + "~"


def test_8_a_printed_copy_is_checked_by_its_own_method_only(scheme: Scheme, bundle: VerifierBundle) -> None:
    verifier = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())
    for text in (printed(scheme), pack(printed(scheme))):
        for _ in range(2):  # paper may be shown twice
            verdict = verifier.verify_printed_copy(text, now=NOW)
            assert isinstance(verdict, Valid)
            assert not verdict.presentation.holder_bound
            assert verdict.to_json()["holder_bound"] is False
        assert verifier.verify(text, now=NOW).reasons == ("key_binding_missing",)


def test_8_a_stale_presentation_does_not_pass_as_a_printed_copy(scheme: Scheme, bundle: VerifierBundle) -> None:
    verifier = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())
    verdict = verifier.verify_printed_copy(scheme.presentation(at=NOW - DAY), now=NOW)
    assert verdict.reasons == ("key_binding_unexpected",)


def test_8_a_printed_copy_passes_through_all_other_steps(scheme: Scheme) -> None:
    bundle = scheme.bundle(status_lists={STATUS_URI: scheme.status_list_token([(5, 1)])})
    verifier = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())
    assert verifier.verify_printed_copy(printed(scheme), now=NOW).reasons == ("revoked",)
    forged = Scheme(holder=scheme.holder)
    assert verifier.verify_printed_copy(printed(forged), now=NOW).reasons == ("certificate_untrusted",)


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
