"""Steps 1 to 6 of the check: each refusal has its own case here, and the first one ends the check."""

from datetime import timedelta
from typing import Any

import pytest

from giayto_crypto import certificates, jws
from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.errors import CertificateExpiredError
from giayto_crypto.qr import pack
from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE, UnverifiedSdJwt, present
from giayto_crypto.trust_list import IssuerStatus
from giayto_verifiers import Invalid, Unknown, Valid
from giayto_verifiers.issuer_paths import IssuerPaths
from trust_scheme import NOW, Scheme
from trust_scheme.checking import check
from trust_scheme.pki import END
from trust_scheme.scheme import CLAIMS, ISS, STATUS_URI, VCT

DAY = timedelta(days=1)


def refused(bundle: VerifierBundle, text: str, code: str, *, at: Any = NOW) -> None:
    """Demand exactly this one reason, and nothing of the document."""
    verdict = check(bundle, text, at=at)
    assert isinstance(verdict, Invalid)
    assert verdict.reasons == (code,)
    assert verdict.document is None
    assert verdict.to_json()["claims"] is None


def signed_credential(scheme: Scheme, remove: str = "", **payload: Any) -> str:
    """Return a credential with a payload of our choice, signed by the agency."""
    issued = int(NOW.timestamp()) // 3600 * 3600
    members = {
        "iss": ISS,
        "iat": issued,
        "nbf": issued,
        "exp": issued + 86400,
        "vct": VCT,
        "cnf": {"jwk": scheme.holder.public_key.jwk},
        "status": {"status_list": {"idx": 5, "uri": STATUS_URI}},
        "issued_on": "2026-11-20",
        "valid_until": "2027-05-20",
    }
    members |= payload
    members.pop(remove, None)
    agency = scheme.agency
    return jws.sign(members, signer=agency.signer, typ="dc+sd-jwt", header=jws.x5c_header(agency.x5c)) + "~"


def shown(scheme: Scheme, credential: str) -> str:
    issued = UnverifiedSdJwt.parse_issued(credential)
    return present(issued, [], holder=scheme.holder, audience=IN_PERSON_AUDIENCE, nonce="n", now=NOW)


def test_a_presentation_is_valid_as_qr_and_as_standard_string(scheme: Scheme, bundle: VerifierBundle) -> None:
    presentation = scheme.presentation()
    for text in (presentation, pack(presentation)):
        verdict = check(bundle, text)
        assert isinstance(verdict, Valid)
        assert verdict.presentation.claims["full_name"] == CLAIMS["full_name"]
        assert "personal_number" not in verdict.presentation.claims


def test_the_hand_made_credential_is_valid(scheme: Scheme, bundle: VerifierBundle) -> None:
    """So that the cases below fail for the flaw that they name."""
    assert isinstance(check(bundle, shown(scheme, signed_credential(scheme))), Valid)


# 1 size and grammar


@pytest.mark.parametrize("text", ["", "~", "nonsense", "GT1:", "GT1:%%%", "a.b.c~", "https://example.com", "…"])
def test_1_what_is_no_presentation_is_malformed(bundle: VerifierBundle, text: str) -> None:
    refused(bundle, text, "malformed")


def test_1_a_text_beyond_64_kib_is_malformed(scheme: Scheme, bundle: VerifierBundle) -> None:
    refused(bundle, scheme.presentation() + "A" * 65536, "malformed")


def test_1_another_format_version_is_not_read(bundle: VerifierBundle, scheme: Scheme) -> None:
    refused(bundle, "GT2:" + pack(scheme.presentation())[4:], "unsupported_format")


def test_1_a_reference_that_the_bundle_does_not_know_makes_it_unknown(scheme: Scheme) -> None:
    other = scheme.entry(scheme.root.certify(certificates.CREDENTIAL_ISSUER), iss="https://other.example")
    bundle = scheme.bundle(trust_list=scheme.trust_list_token(scheme.trust_list(other)))
    verdict = check(bundle, pack(scheme.presentation()))
    assert isinstance(verdict, Unknown)
    assert verdict.reasons == ("bundle_outdated",)
    assert verdict.authentic is None


def test_1_an_unknown_reference_to_an_expired_bundle_says_both(scheme: Scheme) -> None:
    bundle = scheme.bundle(status_lists={}, expires_at=NOW)
    verdict = check(bundle, pack(scheme.presentation()))
    assert verdict.reasons == ("bundle_outdated", "bundle_expired")
    assert isinstance(verdict, Unknown)


# 2 strict JOSE


@pytest.mark.parametrize("typ", ["JWT", "vc+sd-jwt", "DC+SD-JWT", "kb+jwt"])
def test_2_another_typ_is_malformed(scheme: Scheme, bundle: VerifierBundle, typ: str) -> None:
    agency = scheme.agency
    token = jws.sign({"iss": ISS}, signer=agency.signer, typ=typ, header=jws.x5c_header(agency.x5c))
    refused(bundle, token + "~", "malformed")


@pytest.mark.parametrize("name", ["iss", "vct"])
@pytest.mark.parametrize("value", [None, 7, ["x"]])
def test_2_names_that_are_no_text_are_malformed(
    scheme: Scheme, bundle: VerifierBundle, name: str, value: object
) -> None:
    refused(bundle, shown(scheme, signed_credential(scheme, **{name: value})), "malformed")


@pytest.mark.parametrize("issued_at", [None, "1", 1.5, True, -1, 253_402_300_800])
def test_2_an_issue_time_that_is_no_time_is_malformed(
    scheme: Scheme, bundle: VerifierBundle, issued_at: object
) -> None:
    refused(bundle, shown(scheme, signed_credential(scheme, iat=issued_at)), "malformed")


@pytest.mark.parametrize("name", ["exp", "status", "iat"])
def test_2_a_credential_without_end_or_status_is_malformed(scheme: Scheme, bundle: VerifierBundle, name: str) -> None:
    refused(bundle, shown(scheme, signed_credential(scheme, remove=name)), "malformed")


# 3 certificate path


def test_3_a_certificate_of_another_root_is_untrusted(scheme: Scheme, bundle: VerifierBundle) -> None:
    refused(bundle, Scheme(holder=scheme.holder).presentation(), "certificate_untrusted")


def test_3_a_certificate_for_another_purpose_is_untrusted(scheme: Scheme) -> None:
    lister = scheme.root.certify(certificates.STATUS_LIST, uris=[ISS])
    bundle = scheme.bundle(trust_list=scheme.trust_list_token(scheme.trust_list(scheme.entry(lister))))
    refused(bundle, scheme.presentation(scheme.credential(lister)), "certificate_untrusted")


def test_3_a_certificate_that_ended_is_expired(scheme: Scheme) -> None:
    old = scheme.root.certify(certificates.CREDENTIAL_ISSUER, uris=[ISS], end=NOW - timedelta(seconds=1))
    bundle = scheme.bundle(trust_list=scheme.trust_list_token(scheme.trust_list(scheme.entry(old))))
    refused(bundle, scheme.presentation(scheme.credential(old)), "certificate_expired")


def test_3_a_remembered_path_is_used_within_its_period_only(scheme: Scheme, bundle: VerifierBundle) -> None:
    paths = IssuerPaths(bundle)
    token = UnverifiedSdJwt.parse(scheme.presentation()).jws
    first = paths.verify(token, NOW)
    assert paths.verify(token, END) is first
    with pytest.raises(CertificateExpiredError):
        paths.verify(token, END + timedelta(seconds=1))


def test_3_a_credential_without_certificate_is_untrusted(scheme: Scheme, bundle: VerifierBundle) -> None:
    token = jws.sign({"iss": ISS, "vct": VCT}, signer=scheme.agency.signer, typ="dc+sd-jwt")
    refused(bundle, token + "~", "certificate_untrusted")


# 4 authority


def with_entry(scheme: Scheme, **changes: Any) -> VerifierBundle:
    return scheme.bundle(trust_list=scheme.with_entry(**changes))


def test_4_a_certificate_that_chains_but_is_not_entered_proves_nothing(scheme: Scheme, bundle: VerifierBundle) -> None:
    stranger = scheme.root.certify(certificates.CREDENTIAL_ISSUER, uris=[ISS])
    refused(bundle, scheme.presentation(scheme.credential(stranger)), "issuer_unknown")


def test_4_an_agency_cannot_issue_as_another(scheme: Scheme) -> None:
    other = scheme.root.certify(certificates.CREDENTIAL_ISSUER, uris=["https://other.example"])
    entry = scheme.entry(other, iss="https://other.example", agency_id="H26")
    bundle = scheme.bundle(trust_list=scheme.trust_list_token(scheme.trust_list(scheme.entry(), entry)))
    refused(bundle, scheme.presentation(scheme.credential(other)), "issuer_mismatch")


def test_4_a_certificate_that_names_several_issuers_is_bound_by_the_trust_list(scheme: Scheme) -> None:
    both = scheme.root.certify(certificates.CREDENTIAL_ISSUER, uris=["https://other.example", ISS])
    entry = scheme.entry(both, iss="https://other.example", agency_id="H26")
    bundle = scheme.bundle(trust_list=scheme.trust_list_token(scheme.trust_list(scheme.entry(), entry)))
    refused(bundle, scheme.presentation(scheme.credential(both)), "issuer_mismatch")


def test_4_the_certificate_itself_must_name_the_issuer(scheme: Scheme) -> None:
    nameless = scheme.root.certify(certificates.CREDENTIAL_ISSUER, uris=["https://other.example"])
    bundle = scheme.bundle(trust_list=scheme.trust_list_token(scheme.trust_list(scheme.entry(nameless))))
    refused(bundle, scheme.presentation(scheme.credential(nameless)), "issuer_mismatch")


def test_4_a_type_that_the_agency_may_not_issue_is_refused(scheme: Scheme) -> None:
    refused(with_entry(scheme, vcts=("urn:other",)), scheme.presentation(), "type_not_authorised")


def test_4_a_document_issued_outside_the_period_is_refused(scheme: Scheme) -> None:
    refused(with_entry(scheme, valid_from=NOW), scheme.presentation(), "authority_period")
    refused(with_entry(scheme, valid_until=NOW - 5 * DAY), scheme.presentation(), "authority_period")


def test_4_a_document_issued_after_withdrawal_is_refused(scheme: Scheme) -> None:
    changes = {"status": IssuerStatus.WITHDRAWN}
    refused(with_entry(scheme, status_since=NOW - 5 * DAY, **changes), scheme.presentation(), "authority_withdrawn")
    assert isinstance(check(with_entry(scheme, status_since=NOW - DAY, **changes), scheme.presentation()), Valid)


def test_4_a_document_of_a_compromised_key_is_refused(scheme: Scheme) -> None:
    changes = {"status": IssuerStatus.COMPROMISED, "status_since": NOW}
    refused(with_entry(scheme, **changes), scheme.presentation(), "issuer_compromised")


def test_4_an_expired_bundle_cannot_accuse_an_agency(scheme: Scheme) -> None:
    stranger = scheme.root.certify(certificates.CREDENTIAL_ISSUER, uris=[ISS])
    verdict = check(scheme.bundle(expires_at=NOW), scheme.presentation(scheme.credential(stranger)))
    assert isinstance(verdict, Unknown)
    assert verdict.reasons == ("bundle_expired",)


# 5 issuer signature


def test_5_a_payload_that_the_agency_did_not_sign_is_refused(scheme: Scheme, bundle: VerifierBundle) -> None:
    header, _, rest = scheme.credential().split(".", 2)
    payload = scheme.credential(expires_at=NOW + 9999 * DAY).split(".")[1]
    refused(bundle, f"{header}.{payload}.{rest}", "signature_invalid")


def test_5_a_foreign_signature_below_a_copied_certificate_is_refused(scheme: Scheme, bundle: VerifierBundle) -> None:
    refused(bundle, scheme.presentation(scheme.credential(signer=scheme.holder)), "signature_invalid")


# 6 disclosures


def test_6_a_disclosure_of_another_document_is_refused(scheme: Scheme, bundle: VerifierBundle) -> None:
    other = scheme.credential().split("~")[1]
    token, *own = scheme.credential().split("~")
    refused(bundle, "~".join([token, other, *own]), "disclosure_invalid")


def test_6_a_disclosure_shown_twice_is_refused(scheme: Scheme, bundle: VerifierBundle) -> None:
    token, first, *others = scheme.credential().split("~")
    refused(bundle, "~".join([token, first, first, *others]), "disclosure_invalid")


# the end of the first half


def test_the_first_failure_ends_the_check(scheme: Scheme, bundle: VerifierBundle) -> None:
    """An untrusted, expired, revoked credential for another audience is told as untrusted only."""
    forged = Scheme(holder=scheme.holder)
    credential = forged.credential(not_before=NOW - 9 * DAY, expires_at=NOW - 8 * DAY)
    refused(bundle, forged.presentation(credential, audience="other"), "certificate_untrusted")


def test_a_naive_time_is_a_mistake_of_the_caller(scheme: Scheme, bundle: VerifierBundle) -> None:
    with pytest.raises(ValueError, match="aware"):
        check(bundle, scheme.presentation(), at=NOW.replace(tzinfo=None))
