"""Step 4: a certificate that leads to the root, and nevertheless may not speak for this issuer, type or time."""

from datetime import timedelta
from typing import Any

import msgspec

from giayto_crypto import certificates
from giayto_crypto.catalogue import Catalogue
from giayto_crypto.trust_list import IssuerStatus
from trust_scheme import NOW, Certified
from trust_scheme.pki import BEGIN
from trust_scheme.scheme import CLAIMS, ISS, RECORD, REFERRAL, SINGLE_USE_VCT, VCT
from verification_cases.casebook import Shown, book
from verification_cases.stage import Stage, certified

BINDING = "SD-JWT VC §2.5"
LIST = "ETSI TS 119 602 §6"
OTHER_ISS = "https://h26.agency.example"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
ISSUED = (NOW - 2 * DAY).replace(minute=0, second=0)
"""`iat` of the usual credential."""


def shown(s: Stage, text: str, *entries: Any) -> Shown:
    """Show a text to a verifier whose trust list has these entries."""
    return Shown(text=text, bundle=s.bundle_token(trust_list=s.trust_list_token(s.trust_list(*entries))))


def under(s: Stage, **changes: Any) -> Shown:
    """Show the usual presentation to a verifier whose trust list has this one entry."""
    return shown(s, s.presentation(), s.entry(**changes))


def other_agency(s: Stage, **changes: Any) -> tuple[Certified, Any]:
    """Return another agency and its entry, by which it may issue the same types under its own `iss`."""
    other = s.agency_named("Other agency", OTHER_ISS)
    return other, s.entry(other, agency_id="H26", iss=OTHER_ISS, **changes)


@book.invalid(4, BINDING, "issuer_mismatch")
def x5c_of_another_agency(s: Stage) -> Shown:
    """An agency that may issue this type signed a document in another agency's name, with its own certificate."""
    other, entry = other_agency(s)
    return shown(s, s.presentation(s.credential(other)), s.entry(), entry)


@book.invalid(4, BINDING, "issuer_mismatch")
def iss_not_in_san(s: Stage) -> Shown:
    """The trust list enters a certificate for an iss that the certificate itself does not name."""
    nameless = s.agency_named("Nameless agency", OTHER_ISS)
    return shown(s, s.presentation(s.credential(nameless)), s.entry(nameless))


@book.invalid(4, BINDING, "issuer_mismatch")
def san_without_any_uri(s: Stage) -> Shown:
    """The certificate has no subject alternative name."""
    bare = certified("Agency without name", certificates.CREDENTIAL_ISSUER)
    return shown(s, s.presentation(s.credential(bare)), s.entry(bare))


@book.invalid(4, BINDING, "issuer_mismatch")
def iss_among_several_in_san(s: Stage) -> Shown:
    """A certificate names two issuers; the trust list enters it for the other one only."""
    both = s.agency_named("Agency of two names", OTHER_ISS, ISS)
    return shown(s, s.presentation(s.credential(both)), s.entry(), s.entry(both, agency_id="H26", iss=OTHER_ISS))


@book.invalid(4, BINDING, "issuer_mismatch")
def iss_with_trailing_slash(s: Stage) -> str:
    """The iss with a slash at its end: names are compared byte for byte."""
    return s.plain(iss=ISS + "/")


@book.invalid(4, BINDING, "issuer_mismatch")
def iss_in_upper_case(s: Stage) -> str:
    """The iss with its host in upper case: names are compared byte for byte."""
    return s.plain(iss=ISS.replace("g18", "G18"))


@book.invalid(4, LIST, "issuer_unknown")
def certificate_not_entered(s: Stage) -> str:
    """A certificate that leads to the root and names the agency, and that the trust list does not know."""
    return s.presentation(s.credential(s.agency_named("Stranger")))


@book.invalid(4, LIST, "issuer_unknown")
def certificate_renewed_for_the_same_key(s: Stage) -> Shown:
    """The trust list enters an earlier certificate of the same key: authority is the certificate's, not the key's."""
    earlier = s.agency_named("Agency", end=NOW + DAY)  # of the same name, hence of the same key
    return shown(s, s.presentation(), s.entry(earlier))


@book.invalid(4, LIST, "type_not_authorised")
def vct_not_authorised(s: Stage) -> Shown:
    """The agency may issue another type only."""
    return under(s, vcts=(SINGLE_USE_VCT,))


@book.invalid(4, LIST, "type_not_authorised")
def vct_in_upper_case(s: Stage) -> str:
    """The type in upper case: types are compared byte for byte."""
    return s.plain(vct=VCT.upper())


@book.invalid(4, "SD-JWT VC §4.4", "type_not_authorised")
def vct_that_extends_an_authorised_one(s: Stage) -> Shown:
    """A type whose metadata says that it extends the one that the agency may issue: that grants nothing."""
    vct = "urn:example:type:test-record:2"
    extending = msgspec.structs.replace(
        RECORD, vct=vct, code="test-record-2", version=2, type_metadata={"vct": vct, "extends": VCT}
    )
    bundle = s.bundle_token(catalogue=Catalogue(entries=(RECORD, REFERRAL, extending)))
    return Shown(text=s.presentation(s.credential(vct=vct)), bundle=bundle)


@book.invalid(4, LIST, "type_not_authorised")
def vct_authorised_for_another_certificate_of_the_agency(s: Stage) -> Shown:
    """The agency may issue this type with its other certificate only."""
    other = s.agency_named("Second certificate")
    return shown(s, s.presentation(), s.entry(vcts=(SINGLE_USE_VCT,)), s.entry(other, vcts=(VCT,)))


@book.valid(4, LIST)
def valid_in_the_first_hour_of_authority(s: Stage) -> Shown:
    """Nothing: the authority begins within the hour to which iat is rounded down."""
    return under(s, valid_from=ISSUED + timedelta(minutes=59, seconds=59))


@book.invalid(4, LIST, "authority_period")
def issued_before_the_authority_began(s: Stage) -> Shown:
    """Issued an hour before the agency's authority began, which rounding cannot explain."""
    return under(s, valid_from=ISSUED + timedelta(hours=1))


@book.valid(4, LIST)
def valid_in_the_last_second_of_authority(s: Stage) -> Shown:
    """Nothing: the authority ends one second after iat."""
    return under(s, valid_until=ISSUED + SECOND)


@book.invalid(4, LIST, "authority_period")
def issued_when_the_authority_had_ended(s: Stage) -> Shown:
    """Issued in the very second in which the agency's authority ended."""
    return under(s, valid_until=ISSUED)


@book.valid(4, LIST)
def valid_when_issued_before_withdrawal(s: Stage) -> Shown:
    """Nothing: the agency was merged with another after it had issued this document."""
    status = {"status": IssuerStatus.WITHDRAWN, "status_since": ISSUED + SECOND, "successor_agency_id": "H26"}
    return under(s, **status)


@book.invalid(4, LIST, "authority_withdrawn")
def issued_when_the_authority_was_withdrawn(s: Stage) -> Shown:
    """Issued in the very second since which the agency may not issue any more."""
    return under(s, status=IssuerStatus.WITHDRAWN, status_since=ISSUED)


@book.invalid(4, LIST, "issuer_compromised")
def key_compromised(s: Stage) -> Shown:
    """The agency's key is in other hands since before this document was issued."""
    return under(s, status=IssuerStatus.COMPROMISED, status_since=ISSUED - DAY)


@book.invalid(4, LIST, "issuer_compromised")
def key_compromised_and_document_dated_back(s: Stage) -> Shown:
    """An iat long before the key was lost: whoever holds the key writes any iat."""
    return under(s, status=IssuerStatus.COMPROMISED, status_since=NOW)


@book.valid(4, LIST)
def valid_with_the_old_key_after_roll_over(s: Stage) -> Shown:
    """Nothing: issued with the old certificate before the agency changed to a new one."""
    new = s.agency_named("New certificate")
    old = s.entry(status=IssuerStatus.WITHDRAWN, status_since=NOW - DAY)
    return shown(s, s.presentation(), old, s.entry(new, valid_from=NOW - 3 * DAY))


@book.valid(4, LIST)
def valid_with_the_new_key_after_roll_over(s: Stage) -> Shown:
    """Nothing: issued with the new certificate while the old one was still good."""
    new = s.agency_named("New certificate")
    return shown(s, s.presentation(s.credential(new)), s.entry(), s.entry(new, valid_from=NOW - 3 * DAY))


@book.invalid(4, LIST, "authority_withdrawn")
def issued_with_the_old_key_after_roll_over(s: Stage) -> Shown:
    """Issued with the old certificate after the agency had changed to a new one."""
    new = s.agency_named("New certificate")
    old = s.entry(status=IssuerStatus.WITHDRAWN, status_since=NOW - 3 * DAY)
    return shown(s, s.presentation(), old, s.entry(new, valid_from=NOW - 4 * DAY))


@book.invalid(4, LIST, "authority_period")
def issued_before_the_new_key_was_entered(s: Stage) -> Shown:
    """Issued with the new certificate, dated before it was good."""
    new = s.agency_named("New certificate")
    credential = s.credential(new, claims=CLAIMS, issued_at=BEGIN + DAY, not_before=BEGIN + DAY)
    return shown(s, s.presentation(credential), s.entry(), s.entry(new, valid_from=NOW - 3 * DAY))


@book.unknown(4, "docs/verification.md, The verifier bundle", "bundle_expired")
def certificate_not_entered_in_an_expired_bundle(s: Stage) -> Shown:
    """The trust list does not know the certificate, and is out of date: it may simply be older than the agency."""
    text = s.presentation(s.credential(s.agency_named("Stranger")))
    return Shown(text=text, bundle=s.bundle_token(expires_at=NOW))
