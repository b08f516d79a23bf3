"""The trust list: certificate -> iss -> vct -> period, and each refusal for itself."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from giayto_crypto import certificates
from giayto_crypto.certified_jws import sign_certified
from giayto_crypto.errors import CertificateError, GiaytoError, MalformedError, SignatureInvalidError, TrustListError
from giayto_crypto.jws import parse
from giayto_crypto.localised import Localised
from giayto_crypto.trust_list import (
    TYP,
    AuthorityPeriodError,
    AuthorityWithdrawnError,
    IssuerCompromisedError,
    IssuerMismatchError,
    IssuerStatus,
    IssuerUnknownError,
    TrustListExpiredError,
    TrustListRolledBackError,
    TypeNotAuthorisedError,
    authenticate_trust_list,
    sign_trust_list,
    verify_trust_list,
)
from trust_scheme import NOW, Scheme
from trust_scheme.pki import BEGIN, END
from trust_scheme.scheme import ISS, SINGLE_USE_VCT, VCT

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return Scheme()


def refusal(scheme: Scheme, *, iss: str = ISS, vct: str = VCT, at: datetime = NOW, **changes: Any) -> GiaytoError:
    entry = scheme.entry(**changes)
    with pytest.raises(GiaytoError) as refused:
        scheme.trust_list(entry).authority(entry.leaf_sha256, iss, vct, at)
    return refused.value


# authority


@pytest.mark.parametrize("vct", [VCT, SINGLE_USE_VCT])
def test_an_entry_gives_authority(scheme: Scheme, vct: str) -> None:
    entry = scheme.entry()
    assert scheme.trust_list(entry).authority(entry.leaf_sha256, ISS, vct, NOW) == entry


def test_a_certificate_that_is_not_entered_has_none(scheme: Scheme) -> None:
    with pytest.raises(IssuerUnknownError):
        scheme.trust_list().authority(bytes(32), ISS, VCT, NOW)


@pytest.mark.parametrize("iss", [ISS + "/", ISS.upper(), "https://h26.agency.example"])
def test_an_agency_does_not_speak_for_another(scheme: Scheme, iss: str) -> None:
    assert isinstance(refusal(scheme, iss=iss), IssuerMismatchError)


@pytest.mark.parametrize("vct", [VCT + "1", VCT[:-1], ""])
def test_a_type_that_is_not_entered_may_not_be_issued(scheme: Scheme, vct: str) -> None:
    assert isinstance(refusal(scheme, vct=vct), TypeNotAuthorisedError)


def test_agencies_and_types_do_not_mix(scheme: Scheme) -> None:
    """Every agency × every type × every iss: exactly the entered ones are good."""
    made = [scheme.root.certify(certificates.CREDENTIAL_ISSUER) for _ in range(4)]
    entries = [
        scheme.entry(certified, agency_id=f"G{n}", iss=f"https://g{n}.example", vcts=(f"urn:type:{n}",))
        for n, certified in enumerate(made)
    ]
    trust_list = scheme.trust_list(*entries)

    def authorised(leaf: int, iss: int, vct: int) -> bool:
        try:
            trust_list.authority(entries[leaf].leaf_sha256, entries[iss].iss, entries[vct].vcts[0], NOW)
        except GiaytoError:
            return False
        return True

    good = [(a, b, c) for a in range(4) for b in range(4) for c in range(4) if authorised(a, b, c)]
    assert good == [(n, n, n) for n in range(4)]


@pytest.mark.parametrize(
    ("at", "accepted"),
    [
        (BEGIN - HOUR, False),
        (BEGIN - HOUR + SECOND, True),  # `iat` is rounded down to the hour
        (BEGIN, True),
        (END - SECOND, True),
        (END, False),
    ],
)
def test_the_period_is_exact(scheme: Scheme, at: datetime, accepted: bool) -> None:
    entry = scheme.entry()
    if accepted:
        scheme.trust_list(entry).authority(entry.leaf_sha256, ISS, VCT, at)
    else:
        assert isinstance(refusal(scheme, at=at), AuthorityPeriodError)


def test_withdrawn_authority_covers_what_was_issued_before(scheme: Scheme) -> None:
    changes = {"status": IssuerStatus.WITHDRAWN, "status_since": NOW}
    entry = scheme.entry(**changes)
    scheme.trust_list(entry).authority(entry.leaf_sha256, ISS, VCT, NOW - SECOND)
    assert isinstance(refusal(scheme, **changes), AuthorityWithdrawnError)
    assert isinstance(refusal(scheme, at=NOW + HOUR, **changes), AuthorityWithdrawnError)


def test_a_compromised_key_proves_nothing_whatever_time_it_writes(scheme: Scheme) -> None:
    changes = {"status": IssuerStatus.COMPROMISED, "status_since": NOW}
    assert isinstance(refusal(scheme, at=NOW - timedelta(days=90), **changes), IssuerCompromisedError)


def test_a_new_key_of_the_same_agency_is_a_second_entry(scheme: Scheme) -> None:
    old = scheme.entry(valid_until=NOW)
    new = scheme.entry(scheme.root.certify(certificates.CREDENTIAL_ISSUER), valid_from=NOW)
    trust_list = scheme.trust_list(old, new)
    assert trust_list.authority(old.leaf_sha256, ISS, VCT, NOW - SECOND) == old
    assert trust_list.authority(new.leaf_sha256, ISS, VCT, NOW) == new
    with pytest.raises(AuthorityPeriodError):
        trust_list.authority(old.leaf_sha256, ISS, VCT, NOW)


def test_one_certificate_may_speak_for_two_issuers(scheme: Scheme) -> None:
    second = scheme.entry(iss="https://second.example", vcts=("urn:type:second",))
    trust_list = scheme.trust_list(scheme.entry(), second)
    assert trust_list.authority(second.leaf_sha256, second.iss, "urn:type:second", NOW) == second
    with pytest.raises(TypeNotAuthorisedError):
        trust_list.authority(second.leaf_sha256, second.iss, VCT, NOW)


def test_two_entries_of_one_certificate_and_iss_contradict_each_other(scheme: Scheme) -> None:
    with pytest.raises(TrustListError, match="two entries"):
        scheme.trust_list(scheme.entry(), scheme.entry(vcts=()))


# the signed list


def test_a_signed_list_is_read_back_whole(scheme: Scheme) -> None:
    ended = scheme.entry(
        scheme.root.intermediate("Between").certify(certificates.CREDENTIAL_ISSUER),
        agency_id="H15.50.05.13",
        names=Localised(vi="Uỷ ban nhân dân phường", en="Ward people's committee"),
        iss="https://h15.example",
        status=IssuerStatus.WITHDRAWN,
        status_since=NOW,
        successor_agency_id="H26",
    )
    trust_list = scheme.trust_list(scheme.entry(), ended)
    assert verify_trust_list(scheme.trust_list_token(trust_list), scheme.anchors, NOW) == trust_list


def test_the_payload_has_the_shape_of_a_list_of_trusted_entities(scheme: Scheme) -> None:
    payload = parse(scheme.trust_list_token(), typ=TYP).unverified_payload()["LoTE"]
    assert set(payload) == {"ListAndSchemeInformation", "TrustedEntitiesList"}
    assert payload["ListAndSchemeInformation"]["LoTESequenceNumber"] == 7
    assert payload["ListAndSchemeInformation"]["ListIssueDateTime"] == "2026-11-22T07:00:30Z"
    (entity,) = payload["TrustedEntitiesList"]
    assert entity["TrustedEntityInformation"]["TEName"] == [
        {"lang": "vi", "value": "Bộ Y tế"},
        {"lang": "en", "value": "Ministry of Health"},
    ]
    assert set(entity["TrustedEntityServices"][0]["ServiceInformation"]) == {
        "ServiceTypeIdentifier",
        "ServiceDigitalIdentity",
        "ServiceStatus",
        "StatusStartingTime",
        "ServiceInformationExtensions",
    }


def test_entries_of_one_agency_must_agree_on_its_name(scheme: Scheme) -> None:
    second = scheme.entry(scheme.root.certify(certificates.CREDENTIAL_ISSUER), names=Localised(vi="Khác", en="Another"))
    with pytest.raises(TrustListError, match="differ"):
        scheme.trust_list_token(scheme.trust_list(scheme.entry(), second))


@pytest.mark.parametrize(
    ("now", "accepted"),
    [
        (NOW - timedelta(minutes=1, seconds=1), False),
        (NOW - timedelta(minutes=1), True),
        (NOW + HOUR - SECOND, True),
        (NOW + HOUR, False),
    ],
)
def test_a_list_is_current_from_its_issue_to_its_next_update(scheme: Scheme, now: datetime, accepted: bool) -> None:
    token = scheme.trust_list_token(scheme.trust_list(issued_at=NOW, next_update=NOW + HOUR))
    if accepted:
        verify_trust_list(token, scheme.anchors, now)
    else:
        with pytest.raises(TrustListExpiredError):
            verify_trust_list(token, scheme.anchors, now)


def test_an_outdated_list_stays_recognisable(scheme: Scheme) -> None:
    token = scheme.trust_list_token()
    assert authenticate_trust_list(token, anchors=scheme.anchors, now=NOW + timedelta(days=3650)).sequence == 7


def test_a_roll_back_is_refused(scheme: Scheme) -> None:
    token = scheme.trust_list_token()
    verify_trust_list(token, scheme.anchors, NOW, minimum_sequence=7)
    with pytest.raises(TrustListRolledBackError):
        verify_trust_list(token, scheme.anchors, NOW, minimum_sequence=8)


def test_an_unsigned_or_altered_list_is_refused(scheme: Scheme) -> None:
    header, _, signature = scheme.trust_list_token().split(".")
    other = scheme.with_entry(vcts=(VCT, "urn:type:invented")).split(".")[1]
    with pytest.raises(SignatureInvalidError):
        verify_trust_list(f"{header}.{other}.{signature}", scheme.anchors, NOW)
    with pytest.raises(MalformedError):
        verify_trust_list(f"{header}.{other}.", scheme.anchors, NOW)


@pytest.mark.parametrize("signer", ["agency", "status_lister", "bundler"])
def test_a_list_signed_for_another_purpose_is_refused(scheme: Scheme, signer: str) -> None:
    certified = getattr(scheme, signer)
    token = sign_trust_list(scheme.trust_list(), signer=certified.signer, x5c=certified.x5c)
    with pytest.raises(CertificateError):
        verify_trust_list(token, scheme.anchors, NOW)


def test_a_list_of_another_root_is_refused(scheme: Scheme) -> None:
    with pytest.raises(CertificateError):
        verify_trust_list(Scheme().trust_list_token(), scheme.anchors, NOW)


# strict decoding: every place, one wrong thing


def _service(lote: dict[str, Any]) -> dict[str, Any]:
    information: dict[str, Any] = lote["TrustedEntitiesList"][0]["TrustedEntityServices"][0]["ServiceInformation"]
    return information


def _extension(lote: dict[str, Any]) -> dict[str, Any]:
    extension: dict[str, Any] = _service(lote)["ServiceInformationExtensions"][0]
    return extension


WRONG: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another version": lambda m: m["ListAndSchemeInformation"].update(LoTEVersionIdentifier=2),
    "another kind of list": lambda m: m["ListAndSchemeInformation"].update(LoTEType="urn:other"),
    "sequence zero": lambda m: m["ListAndSchemeInformation"].update(LoTESequenceNumber=0),
    "sequence as text": lambda m: m["ListAndSchemeInformation"].update(LoTESequenceNumber="7"),
    "issue time without zone": lambda m: m["ListAndSchemeInformation"].update(ListIssueDateTime="2026-11-22T07:00:30"),
    "no next update": lambda m: m["ListAndSchemeInformation"].pop("NextUpdate"),
    "unknown member at the top": lambda m: m.update(Revocations=[]),
    "unknown member of a service": lambda m: _service(m).update(ServiceNote="x"),
    "unknown member of our extension": lambda m: _extension(m).update(compromised_since="2026-01-01T00:00:00Z"),
    "unknown status": lambda m: _service(m).update(ServiceStatus="urn:giayto:service-status:perhaps"),
    "unknown service": lambda m: _service(m).update(ServiceTypeIdentifier="urn:other"),
    "no certificate": lambda m: _service(m)["ServiceDigitalIdentity"].update(X509Certificates=[]),
    "five certificates": lambda m: _service(m)["ServiceDigitalIdentity"].update(X509Certificates=[{"val": "AAAA"}] * 5),
    "certificate not base64": lambda m: _service(m)["ServiceDigitalIdentity"].update(X509Certificates=[{"val": "%"}]),
    "iss without https": lambda m: _extension(m).update(iss="http://g18.agency.example"),
    "iss with a space": lambda m: _extension(m).update(iss="https://g18 .agency.example"),
    "vcts as text": lambda m: _extension(m).update(vcts=VCT),
    "two extensions": lambda m: _service(m).update(ServiceInformationExtensions=[_extension(m), _extension(m)]),
    "no extension": lambda m: _service(m).update(ServiceInformationExtensions=[]),
    "no service": lambda m: m["TrustedEntitiesList"][0].update(TrustedEntityServices=[]),
    "name in one language": lambda m: m["TrustedEntitiesList"][0]["TrustedEntityInformation"]["TEName"].pop(),
    "name twice in one language": lambda m: m["TrustedEntitiesList"][0]["TrustedEntityInformation"].update(
        TEName=[{"lang": "vi", "value": "A"}, {"lang": "vi", "value": "B"}]
    ),
    "ends before it begins": lambda m: m["ListAndSchemeInformation"].update(NextUpdate="2026-11-22T07:00:29Z"),
}


@pytest.mark.parametrize("flaw", WRONG)
def test_a_list_that_deviates_is_refused_though_signed(scheme: Scheme, flaw: str) -> None:
    payload = parse(scheme.trust_list_token(), typ=TYP).unverified_payload()
    spoiled = deepcopy(payload)
    WRONG[flaw](spoiled["LoTE"])
    lister = scheme.trust_lister
    with pytest.raises(MalformedError):
        authenticate_trust_list(
            sign_certified(spoiled, typ=TYP, signer=lister.signer, x5c=lister.x5c), anchors=scheme.anchors, now=NOW
        )
    intact = sign_certified(payload, typ=TYP, signer=lister.signer, x5c=lister.x5c)
    assert authenticate_trust_list(intact, anchors=scheme.anchors, now=NOW)


def test_a_signed_list_that_contradicts_itself_is_refused(scheme: Scheme) -> None:
    payload = parse(scheme.trust_list_token(), typ=TYP).unverified_payload()
    services = payload["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityServices"]
    services.append(services[0])
    lister = scheme.trust_lister
    with pytest.raises(TrustListError):
        authenticate_trust_list(
            sign_certified(payload, typ=TYP, signer=lister.signer, x5c=lister.x5c), anchors=scheme.anchors, now=NOW
        )


def test_an_entry_is_not_changed_by_reading_it(scheme: Scheme) -> None:
    entry = scheme.entry()
    with pytest.raises(AttributeError):
        entry.vcts = ()  # type: ignore[misc]
    assert replace(entry) == entry
