"""The verifier bundle: signed up to the anchor, and no part of it can poison another."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from giayto_crypto import bundle as bundle_module
from giayto_crypto import certificates
from giayto_crypto.bundle import (
    TYP,
    BundleExpiredError,
    BundleRolledBackError,
    VerifierBundle,
    _ByReference,
    build_bundle,
    reassemble_bundle,
    verify_bundle,
)
from giayto_crypto.catalogue import Catalogue
from giayto_crypto.certified_jws import sign_certified
from giayto_crypto.errors import (
    BundleError,
    CertificateError,
    MalformedError,
    SignatureInvalidError,
    UnknownReferenceError,
)
from giayto_crypto.jws import parse
from giayto_crypto.qr import ReferencedIssuer, issuer_reference, status_uri_reference, vct_reference
from giayto_crypto.trust_list import TrustListRolledBackError
from trust_scheme import NOW, Scheme
from trust_scheme.scheme import ISS, RECORD, SINGLE_USE_VCT, STATUS_URI, VCT

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return Scheme()


def test_a_bundle_is_read_whole(scheme: Scheme) -> None:
    bundle = scheme.bundle()
    assert bundle.sequence == 3
    assert bundle.trust_list == scheme.trust_list()
    assert bundle.catalogue.find(VCT) == RECORD
    assert bundle.status_lists[STATUS_URI].status(5) == 0
    assert not bundle.refused_status_lists
    assert bundle.anchors == scheme.anchors
    assert (bundle.issued_at, bundle.expires_at) == (NOW - timedelta(hours=1), NOW + DAY)


def test_a_bundle_does_not_outlast_its_trust_list(scheme: Scheme) -> None:
    token = scheme.trust_list_token(scheme.trust_list(next_update=NOW + SECOND))
    assert scheme.bundle(trust_list=token).expires_at == NOW + SECOND


def test_a_bundle_does_not_begin_before_its_trust_list(scheme: Scheme) -> None:
    token = scheme.trust_list_token(scheme.trust_list(issued_at=NOW))
    assert scheme.bundle(trust_list=token).issued_at == NOW


@pytest.mark.parametrize(
    ("now", "current"),
    [
        (NOW - timedelta(hours=1, minutes=1, seconds=1), False),
        (NOW - timedelta(hours=1, minutes=1), True),
        (NOW + DAY - SECOND, True),
        (NOW + DAY, False),
    ],
)
def test_the_period_is_exact(scheme: Scheme, now: datetime, current: bool) -> None:
    bundle = scheme.bundle()
    if current:
        bundle.require_current(now)
    else:
        with pytest.raises(BundleExpiredError):
            bundle.require_current(now)


def test_an_outdated_bundle_is_read_after_its_signers_certificate_ended(scheme: Scheme) -> None:
    old = scheme.root.certify(certificates.BUNDLE, end=NOW - timedelta(minutes=10))
    token = scheme.bundle_token(signer=old.signer, x5c=old.x5c, expires_at=NOW - timedelta(minutes=20))
    assert verify_bundle(token, scheme.anchors, NOW).expires_at < NOW


def test_a_current_bundle_needs_a_current_certificate(scheme: Scheme) -> None:
    old = scheme.root.certify(certificates.BUNDLE, end=NOW - timedelta(minutes=10))
    with pytest.raises(CertificateError):
        scheme.bundle(signer=old.signer, x5c=old.x5c)


def test_a_roll_back_is_refused(scheme: Scheme) -> None:
    token = scheme.bundle_token()
    verify_bundle(token, scheme.anchors, NOW, minimum_sequence=3)
    with pytest.raises(BundleRolledBackError):
        verify_bundle(token, scheme.anchors, NOW, minimum_sequence=4)


def test_a_roll_back_of_the_trust_list_inside_is_refused(scheme: Scheme) -> None:
    token = scheme.bundle_token()
    verify_bundle(token, scheme.anchors, NOW, minimum_trust_list_sequence=7)
    with pytest.raises(TrustListRolledBackError):
        verify_bundle(token, scheme.anchors, NOW, minimum_trust_list_sequence=8)


@pytest.mark.parametrize("signer", ["agency", "trust_lister", "status_lister"])
def test_a_bundle_signed_for_another_purpose_is_refused(scheme: Scheme, signer: str) -> None:
    certified = getattr(scheme, signer)
    with pytest.raises(CertificateError):
        scheme.bundle(signer=certified.signer, x5c=certified.x5c)


def test_a_bundle_of_another_root_is_refused(scheme: Scheme) -> None:
    with pytest.raises(CertificateError):
        verify_bundle(scheme.bundle_token(), Scheme().anchors, NOW)


def test_an_altered_bundle_is_refused(scheme: Scheme) -> None:
    header, _, signature = scheme.bundle_token().split(".")
    payload = scheme.bundle_token(status_lists={}).split(".")[1]
    with pytest.raises(SignatureInvalidError):
        verify_bundle(f"{header}.{payload}.{signature}", scheme.anchors, NOW)


def test_a_trust_list_of_another_root_is_refused(scheme: Scheme) -> None:
    with pytest.raises(CertificateError):
        scheme.bundle(trust_list=Scheme().trust_list_token())


def test_whoever_signs_bundles_cannot_invent_a_trust_list(scheme: Scheme) -> None:
    header, _, signature = scheme.trust_list_token().split(".")
    invented = scheme.with_entry(vcts=("urn:invented",)).split(".")[1]
    with pytest.raises(SignatureInvalidError):
        scheme.bundle(trust_list=f"{header}.{invented}.{signature}")


# status lists inside


def broken_lists(scheme: Scheme) -> dict[str, str]:
    header, payload, _ = scheme.status_list_token().split(".")
    other = Scheme()
    return {
        "malformed": "nonsense",
        "signature_invalid": f"{header}.{payload}.{'A' * 86}",
        "certificate_untrusted": other.status_list_token(uri="certificate_untrusted"),
        "status_list_invalid": scheme.status_list_token(uri="another uri than its key"),
    }


def test_a_broken_list_does_not_poison_the_others(scheme: Scheme) -> None:
    broken = broken_lists(scheme)
    bundle = scheme.bundle(status_lists=broken | {STATUS_URI: scheme.status_list_token()})
    assert list(bundle.status_lists) == [STATUS_URI]
    assert dict(bundle.refused_status_lists) == {code: code for code in broken}


def test_an_outdated_list_is_kept_and_says_so_itself(scheme: Scheme) -> None:
    bundle = scheme.bundle(status_lists={STATUS_URI: scheme.status_list_token(expires_at=NOW - SECOND)})
    assert bundle.status_lists[STATUS_URI].expires_at == NOW - SECOND


# shape


@pytest.mark.parametrize(
    "changes",
    [
        {"sequence": 0},
        {"sequence": "3"},
        {"iat": None},
        {"exp": "1"},
        {"exp": 0},
        {"status_lists": []},
        {"status_lists": {"a": 1}},
        {"trust_list": None},
        {"catalogue": {"entries": [{}]}},
        {"catalogue": None},
    ],
    ids=str,
)
def test_deviations_are_refused_though_signed(scheme: Scheme, changes: dict[str, Any]) -> None:
    payload = parse(scheme.bundle_token(), typ=TYP).unverified_payload() | changes
    bundler = scheme.bundler
    with pytest.raises(MalformedError):
        verify_bundle(sign_certified(payload, typ=TYP, signer=bundler.signer, x5c=bundler.x5c), scheme.anchors, NOW)


def test_a_bundle_may_be_larger_than_a_token_usually_is(scheme: Scheme) -> None:
    lists = {f"https://wallet.example/{n}": "x" * 100_000 for n in range(10)}
    assert len(scheme.bundle(status_lists=lists).refused_status_lists) == 10


def test_too_many_lists_are_not_signed(scheme: Scheme) -> None:
    with pytest.raises(BundleError, match="4096"):
        scheme.bundle_token(status_lists={str(n): "" for n in range(4097)})


def test_a_bundle_beyond_the_limit_is_neither_signed_nor_read(scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    token = scheme.bundle_token()
    monkeypatch.setattr(bundle_module, "MAX_TOKEN_BYTES", len(token) - 1)
    with pytest.raises(BundleError, match="larger"):
        build_bundle(
            trust_list=scheme.trust_list_token(),
            catalogue=Catalogue(entries=(RECORD,)),
            status_lists={STATUS_URI: "x" * len(token)},
            sequence=1,
            issued_at=NOW,
            expires_at=NOW + DAY,
            signer=scheme.bundler.signer,
            x5c=scheme.bundler.x5c,
        )
    with pytest.raises(MalformedError):
        verify_bundle(token, scheme.anchors, NOW)


# references


def test_references_resolve_to_what_they_were_made_of(scheme: Scheme) -> None:
    references = scheme.bundle().references
    x5c = scheme.agency.x5c
    assert references.issuer(issuer_reference(x5c, ISS)) == ReferencedIssuer(x5c, ISS)
    assert references.vct(vct_reference(SINGLE_USE_VCT)) == SINGLE_USE_VCT
    assert references.status_uri(status_uri_reference(STATUS_URI)) == STATUS_URI


def test_a_refused_status_list_can_still_be_named(scheme: Scheme) -> None:
    references = scheme.bundle(status_lists={STATUS_URI: "nonsense"}).references
    assert references.status_uri(status_uri_reference(STATUS_URI)) == STATUS_URI


def test_unknown_references_are_told_as_an_outdated_bundle(scheme: Scheme) -> None:
    references = scheme.bundle().references
    for resolve, reference in (
        (references.issuer, issuer_reference(scheme.agency.x5c, "https://other.example")),
        (references.vct, vct_reference("urn:other")),
        (references.status_uri, status_uri_reference("https://other.example")),
    ):
        with pytest.raises(UnknownReferenceError, match="knows no"):
            resolve(reference)


def test_an_ambiguous_reference_is_answered_by_neither() -> None:
    things = _ByReference(["one", "one", "two", "three"], lambda thing: thing[:1].encode(), "thing")
    assert things.resolve(b"o") == "one"
    with pytest.raises(UnknownReferenceError, match="two things share"):
        things.resolve(b"t")


def test_a_third_thing_does_not_heal_an_ambiguity() -> None:
    things = _ByReference(["two", "three", "two"], lambda thing: thing[:1].encode(), "thing")
    with pytest.raises(UnknownReferenceError, match="two things share"):
        things.resolve(b"t")


def test_a_bundle_keeps_the_tokens_it_was_built_from(scheme: Scheme) -> None:
    trust_list, status_list = scheme.trust_list_token(), scheme.status_list_token()
    lists = {STATUS_URI: status_list, "https://wallet.example/other": "no token"}
    bundle = scheme.bundle(trust_list=trust_list, status_lists=lists)
    assert bundle.trust_list_token == trust_list
    assert bundle.status_list_tokens == lists  # a refused one is evidence too
    assert trust_list not in repr(bundle)
    assert status_list not in repr(bundle)


def test_a_bundle_put_together_again_is_the_same(scheme: Scheme) -> None:
    bundle = scheme.bundle()
    again = reassemble(bundle)
    assert (again.trust_list, again.status_lists, again.sequence) == (
        bundle.trust_list,
        bundle.status_lists,
        bundle.sequence,
    )
    assert (again.issued_at, again.expires_at) == (bundle.issued_at, bundle.expires_at)


def test_a_bundle_put_together_from_forged_tokens_is_refused(scheme: Scheme) -> None:
    bundle, other = scheme.bundle(), Scheme()
    with pytest.raises(CertificateError):
        reassemble(bundle, trust_list=other.trust_list_token())
    forged = reassemble(bundle, status_lists={STATUS_URI: other.status_list_token()})
    assert dict(forged.refused_status_lists) == {STATUS_URI: CertificateError.code}


def test_a_bundle_put_together_never_outlasts_its_trust_list(scheme: Scheme) -> None:
    bundle = scheme.bundle()
    again = reassemble(bundle, issued_at=NOW - 100 * DAY, expires_at=NOW + 100 * DAY)
    assert (again.issued_at, again.expires_at) == (bundle.trust_list.issued_at, bundle.trust_list.next_update)


def reassemble(bundle: VerifierBundle, **changes: Any) -> VerifierBundle:
    values: dict[str, Any] = {
        "trust_list": bundle.trust_list_token,
        "catalogue": bundle.catalogue,
        "status_lists": bundle.status_list_tokens,
        "sequence": bundle.sequence,
        "issued_at": bundle.issued_at,
        "expires_at": bundle.expires_at,
        "anchors": bundle.anchors,
        "now": NOW,
    }
    return reassemble_bundle(**values | changes)
