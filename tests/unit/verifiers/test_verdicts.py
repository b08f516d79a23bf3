"""What a verdict says to programs and to people."""

import json
from datetime import timedelta

import pytest

from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.errors import GiaytoError, UnknownReferenceError
from giayto_verifiers import (
    Finding,
    InMemoryReplayGuard,
    Invalid,
    NotValidError,
    Policy,
    Reason,
    Unknown,
    Valid,
    Verdict,
    VerifiedPresentation,
    Verifier,
)
from trust_scheme import NOW, Scheme
from trust_scheme.scheme import CLAIMS, ISS, STATUS_URI, VCT


def check(bundle: VerifierBundle, text: str) -> Verdict:
    return Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard()).verify(text, now=NOW)


def of_each_kind(scheme: Scheme) -> tuple[Verdict, Verdict, Verdict]:
    revoked = scheme.bundle(status_lists={STATUS_URI: scheme.status_list_token([(5, 1)])})
    presentation = scheme.presentation()
    return (
        check(scheme.bundle(), presentation),
        check(revoked, presentation),
        check(scheme.bundle(status_lists={}), presentation),
    )


def test_the_three_outcomes_are_three_types(scheme: Scheme) -> None:
    kinds = [type(verdict) for verdict in of_each_kind(scheme)]
    assert kinds == [Valid, Invalid, Unknown]
    assert [kind.outcome for kind in kinds] == ["valid", "invalid", "unknown"]


def test_the_json_of_a_valid_verdict(scheme: Scheme, bundle: VerifierBundle) -> None:
    members = json.loads(json.dumps(check(bundle, scheme.presentation()).to_json()))
    assert members == {
        "outcome": "valid",
        "reasons": [],
        "findings": [],
        "document_type": VCT,
        "document_title": {"vi": "Phiếu thử", "en": "Test record"},
        "issuer": ISS,
        "agency": {
            "agency_id": "G18",
            "names": {"vi": "Bộ Y tế", "en": "Ministry of Health"},
            "successor_agency_id": None,
        },
        "claims": {name: CLAIMS[name] for name in ("full_name", "record_number", "issued_on", "valid_until")},
        "holder_bound": True,
        "presented_at": "2026-11-22T09:00:20Z",
        "status_checked_at": "2026-11-22T08:00:30Z",
        "status_age_seconds": 3600,
        "checked_at": "2026-11-22T09:00:30Z",
        "bundle_sequence": 3,
        "trust_list_sequence": 7,
    }


def test_the_json_of_other_verdicts_has_no_claims(scheme: Scheme) -> None:
    for verdict, code in zip(of_each_kind(scheme)[1:], ("revoked", "bundle_outdated"), strict=True):
        members = json.loads(json.dumps(verdict.to_json()))
        assert members["reasons"] == [code]
        assert members["document_type"] == VCT
        assert members["claims"] is None
        assert CLAIMS["full_name"] not in json.dumps(members, ensure_ascii=False)
        (finding,) = members["findings"]
        assert finding["code"] == code
        assert all(finding[f"{kind}_{language}"] for kind in ("message", "advice") for language in ("vi", "en"))


def test_a_verdict_has_no_truth_value(scheme: Scheme) -> None:
    for verdict in of_each_kind(scheme):
        with pytest.raises(TypeError, match="three values"):
            bool(verdict)


def test_requiring_a_valid_verdict(scheme: Scheme) -> None:
    valid, invalid, unknown = of_each_kind(scheme)
    assert isinstance(valid.require_valid(), VerifiedPresentation)
    for verdict, code in ((invalid, "revoked"), (unknown, "bundle_outdated")):
        with pytest.raises(NotValidError) as refused:
            verdict.require_valid()
        assert refused.value.fields == {"outcome": verdict.outcome, "reasons": code}


def test_verdicts_of_unproven_documents_name_none(bundle: VerifierBundle) -> None:
    members = check(bundle, "nonsense").to_json()
    assert members["document_type"] is None
    assert members["issuer"] is None
    assert members["agency"] is None
    assert members["status_checked_at"] is None
    assert members["status_age_seconds"] is None


def test_no_text_of_a_verdict_holds_personal_data(scheme: Scheme) -> None:
    for verdict in of_each_kind(scheme):
        for value in CLAIMS.values():
            assert value not in repr(verdict)


def test_the_age_of_the_status_is_told(scheme: Scheme) -> None:
    for verdict in of_each_kind(scheme)[:2]:
        assert verdict.status_age == timedelta(hours=1)
    assert of_each_kind(scheme)[2].status_age is None


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_in_both_languages(reason: Reason) -> None:
    text = reason.text
    words = [text.message_vi, text.message_en, text.advice_vi, text.advice_en]
    assert all(word.endswith((".", ")")) for word in words)
    assert text.message_vi != text.message_en


def test_an_error_becomes_the_reason_of_its_code() -> None:
    assert Finding.of(UnknownReferenceError("where")) == Finding(Reason.BUNDLE_OUTDATED, "where")


def test_an_error_without_a_reason_of_its_own_is_never_unknown() -> None:
    class OddError(GiaytoError):
        code = "odd"

    assert Finding.of(OddError("what")) == Finding(Reason.MALFORMED, "what")
