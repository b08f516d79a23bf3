"""Editions: signed for one purpose, readable for ever, comparable."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from catalogue_editions import ISSUED, both, edition, entry
from giayto_crypto import jws
from giayto_crypto.catalogue_edition import (
    TYP,
    CatalogueEdition,
    difference,
    edition_members,
    sign_edition,
    verify_edition,
)
from giayto_crypto.certificates import BUNDLE, CATALOGUE
from giayto_crypto.certified_jws import sign_certified, to_numeric
from giayto_crypto.errors import CertificateError, MalformedError, SignatureInvalidError
from trust_scheme.pki import Authority, Certified


@pytest.fixture(scope="module")
def root() -> Authority:
    return Authority.root()


@pytest.fixture(scope="module")
def publisher(root: Authority) -> Certified:
    return root.certify(CATALOGUE)


PLAIN = edition(entry("birth-certificate"), entry("health-book", holder_kind="person"))


def signed(by: Certified, what: CatalogueEdition = PLAIN) -> str:
    return sign_edition(what, signer=by.signer, x5c=by.x5c)


def test_what_is_signed_is_read_back(root, publisher) -> None:
    assert verify_edition(signed(publisher), [root.certificate], ISSUED) == PLAIN


def test_an_old_edition_is_readable_after_its_certificate_has_ended(root) -> None:
    short_lived = root.certify(CATALOGUE, end=datetime(2027, 2, 1, tzinfo=UTC))
    assert verify_edition(signed(short_lived), [root.certificate], ISSUED + timedelta(days=3650)) == PLAIN


def test_a_certificate_that_ended_before_the_edition_signs_none(root) -> None:
    ended = root.certify(CATALOGUE, end=ISSUED - timedelta(days=1))
    with pytest.raises(CertificateError):
        verify_edition(signed(ended), [root.certificate], ISSUED)


def test_a_certificate_of_another_purpose_signs_none(root) -> None:
    with pytest.raises(CertificateError):
        verify_edition(signed(root.certify(BUNDLE)), [root.certificate], ISSUED)


def test_another_root_is_not_trusted(publisher) -> None:
    with pytest.raises(CertificateError):
        verify_edition(signed(publisher), [Authority.root("Other").certificate], ISSUED)


def test_a_changed_edition_is_refused(root, publisher) -> None:
    head, _, signature = signed(publisher).split(".")
    _, other, _ = signed(publisher, edition(entry("birth-certificate"))).split(".")
    with pytest.raises(SignatureInvalidError):
        verify_edition(f"{head}.{other}.{signature}", [root.certificate], ISSUED)


def test_another_typ_is_refused(root, publisher) -> None:
    payload = jws.parse(signed(publisher), typ=TYP).verify(publisher.signer.public_key)
    token = sign_certified(payload, typ="giayto-bundle+jwt", signer=publisher.signer, x5c=publisher.x5c)
    with pytest.raises(MalformedError):
        verify_edition(token, [root.certificate], ISSUED)


@pytest.mark.parametrize(
    "change",
    [
        {"iat": to_numeric(ISSUED) + 1},
        {"next_update": to_numeric(ISSUED) + 1},
        {"edition": edition_members(PLAIN) | {"month": "2026-13"}},
        {"edition": edition_members(PLAIN) | {"correction": 1}},
        {"edition": edition_members(PLAIN) | {"unknown": 1}},
        {"edition": edition_members(PLAIN) | {"entries": edition_members(PLAIN)["entries"] * 2}},
        {"unknown": 1},
    ],
    ids=lambda change: "+".join(change),
)
def test_a_contradictory_payload_is_refused(root, publisher, change) -> None:
    payload = jws.parse(signed(publisher), typ=TYP).verify(publisher.signer.public_key) | change
    token = sign_certified(payload, typ=TYP, signer=publisher.signer, x5c=publisher.x5c)
    with pytest.raises(MalformedError):
        verify_edition(token, [root.certificate], ISSUED)


def test_editions_have_names_and_an_order() -> None:
    first = edition(correction=0)
    corrected = edition(correction=1, correction_note="a wrong date")
    later = edition(month="2027-01")
    assert [each.edition_id for each in (first, corrected, later)] == ["2026-12", "2026-12.1", "2027-01"]
    assert first.rank < corrected.rank < later.rank


def test_a_code_finds_its_newest_version_and_a_vct_exactly_one() -> None:
    both_versions = edition(entry("referral", version=2), entry("referral"))
    assert both_versions.find("referral").version == 2
    assert both_versions.find("urn:giayto:type:referral:1").version == 1
    assert both_versions.find("nothing") is None


def test_a_difference_names_what_came_went_and_changed() -> None:
    older = edition(entry("referral"), entry("driving-licence"), entry("health-book"), month="2026-11")
    newer = edition(entry("referral"), entry("health-book", titles=both("renamed")), entry("death-certificate"))
    found = difference(older, newer)
    assert (found.older, found.newer, found.is_empty) == ("2026-11", "2026-12", False)
    assert [each.code for each in found.added] == ["death-certificate"]
    assert [each.code for each in found.removed] == ["driving-licence"]
    (changed,) = found.changed
    assert changed.vct == "urn:giayto:type:health-book:1"
    (field,) = changed.fields
    assert (field.field, field.after) == ("titles", msgspec.to_builtins(both("renamed")))
    assert difference(newer, newer).is_empty
