"""Steps 7 and 8: times to the second, and whether the holder made this for us, just now, once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from giayto_crypto import b64url, jws
from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.keys import LocalSigner
from giayto_crypto.qr import pack
from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE
from giayto_crypto.sdjwt.verification import sd_hash
from giayto_verifiers import (
    ChallengeNeededError,
    InMemoryReplayGuard,
    Invalid,
    Policy,
    ReplayGuardError,
    Unknown,
    Valid,
    Verifier,
)
from trust_scheme import NOW, Scheme
from trust_scheme.checking import check, reasons
from trust_scheme.scheme import SHOWN, STATUS_URI

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


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
