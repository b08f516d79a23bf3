"""Step 3: certificate paths that must not lead to an anchor (RFC 5280 §6)."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from giayto_crypto import certificates
from trust_scheme import NOW, Authority, Certified, make_certificate
from trust_scheme.scheme import ISS
from verification_cases.casebook import Shown, book
from verification_cases.stage import ABSENT, Stage, certified, intermediate, private_key, root, signer

PATH = "RFC 5280 §6.1"
PURPOSE = "RFC 5280 §4.2.1.12"
BASIC = "RFC 5280 §4.2.1.9"
X5C = "RFC 7515 §4.1.6"
CAPS = "docs/verification.md, Trust"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def issued_by(s: Stage, by: Certified, *, enter: bool = True, x5c: Sequence[bytes] | None = None) -> Shown:
    """Show a credential that is right but for its certificate, which the trust list enters unless it cannot."""
    credential = s.credential(by, x5c=by.x5c if x5c is None else x5c)
    entry = s.entry(by) if enter else s.entry()
    bundle = s.bundle_token(trust_list=s.trust_list_token(s.trust_list(entry)))
    return Shown(text=s.presentation(credential), bundle=bundle)


def with_x5c(s: Stage, x5c: Any) -> str:
    """Show a credential with this member of the header, signed by the agency."""
    return s.bound(s.signed(s.payload(), header={"x5c": x5c}))


def der(certificate: bytes) -> str:
    return b64encode(certificate).decode()


@book.valid(3, PATH)
def valid_with_intermediate_certificate(s: Stage) -> Shown:
    """Nothing: the agency's certificate comes from an authority below the root."""
    return issued_by(s, s.agency_named("Agency below an intermediate", by=intermediate("Intermediate", root())))


@book.valid(3, CAPS)
def valid_with_four_certificates(s: Stage) -> Shown:
    """Nothing: the longest chain that is read."""
    above = intermediate("Third", intermediate("Second", intermediate("First", root())))
    return issued_by(s, s.agency_named("Agency of the longest chain", by=above))


@book.valid(3, "RFC 5280 §4.1.2.5")
def valid_certificate_in_its_last_second(s: Stage) -> Shown:
    """Nothing: the certificate ends with the second of the check."""
    return issued_by(s, s.agency_named("Agency in its last second", end=NOW))


@book.invalid(3, "RFC 5280 §4.1.2.5", "certificate_expired")
def x5c_expired_one_second_ago(s: Stage) -> Shown:
    """The agency's certificate ended one second before the check."""
    return issued_by(s, s.agency_named("Expired agency", end=NOW - SECOND))


@book.invalid(3, "RFC 5280 §4.1.2.5", "certificate_expired")
def x5c_begins_in_one_second(s: Stage) -> Shown:
    """The agency's certificate begins one second after the check."""
    return issued_by(s, s.agency_named("Early agency", begin=NOW + SECOND))


@book.invalid(3, "RFC 5280 §4.1.2.5", "certificate_expired")
def x5c_intermediate_expired(s: Stage) -> Shown:
    """The authority between the agency and the root has expired; the agency's certificate has not."""
    above = intermediate("Expired intermediate", root(), end=NOW - DAY)
    return issued_by(s, s.agency_named("Agency below an expired one", by=above))


@book.invalid(3, PATH, "certificate_untrusted")
def x5c_of_another_root(s: Stage) -> Shown:
    """A chain that is right in itself, up to a root of the forger's own. The trust list even enters it."""
    return issued_by(s, s.agency_named("Forged agency", by=root("Forged root")))


@book.invalid(3, PATH, "certificate_untrusted")
def x5c_of_a_root_with_the_same_name(s: Stage) -> Shown:
    """A forged root that is called like the pinned one."""
    key = private_key("Forged twin")
    name = s.root.name
    twin = Authority(key, make_certificate(name, key.public_key(), name, key, ca=True, serial=7))
    return issued_by(s, s.agency_named("Agency of the twin", by=twin), enter=False)


@book.invalid(3, PATH, "certificate_untrusted")
def x5c_brings_its_own_root(s: Stage) -> Shown:
    """A forged root comes along in x5c: nothing but the pinned one is an anchor."""
    forged = root("Forged root")
    agency = s.agency_named("Agency with its own root", by=forged)
    return issued_by(s, Certified(agency.signer, (*agency.chain, forged.certificate)))


@book.invalid(3, PATH, "certificate_untrusted")
def x5c_self_signed(s: Stage) -> Shown:
    """A certificate that the forger signed himself, with every extension as it should be."""
    key = private_key("Self-signed")
    oneself = Authority(key, make_certificate("Self-signed", key.public_key(), "Self-signed", key, serial=8))
    return issued_by(s, s.agency_named("Self-signed", by=oneself))


@book.invalid(3, BASIC, "certificate_untrusted")
def x5c_minted_by_an_agency(s: Stage) -> Shown:
    """An agency used its own certificate as an authority and made one for another agency."""
    agency = s.agency_named("Minting agency", "https://h26.agency.example")
    above = Authority(agency.signer.private_key, agency.chain[0], agency.chain)
    return issued_by(s, s.agency_named("Minted agency", by=above))


@book.invalid(3, BASIC, "certificate_untrusted")
def x5c_intermediate_is_no_authority(s: Stage) -> Shown:
    """The certificate between agency and root lacks cA."""
    above = intermediate("No authority", root(), basic_ca=False)
    return issued_by(s, s.agency_named("Agency below no authority", by=above))


@book.invalid(3, "RFC 5280 §4.2.1.3", "certificate_untrusted")
def x5c_intermediate_may_not_sign_certificates(s: Stage) -> Shown:
    """The certificate between agency and root has cA, but its key may not sign certificates."""
    above = intermediate("Without keyCertSign", root(), key_usage=("digital_signature",))
    return issued_by(s, s.agency_named("Agency below a mute authority", by=above))


@book.invalid(3, PURPOSE, "certificate_untrusted")
def x5c_intermediate_limited_to_status_lists(s: Stage) -> Shown:
    """The authority between agency and root may certify signers of status lists only."""
    above = intermediate("Status authority", root(), usages=[certificates.STATUS_LIST])
    return issued_by(s, s.agency_named("Agency below the status authority", by=above))


@book.invalid(3, PATH, "certificate_untrusted")
def x5c_intermediate_missing(s: Stage) -> Shown:
    """The certificate between agency and root was left out; none is fetched."""
    agency = s.agency_named("Agency below a missing one", by=intermediate("Intermediate", root()))
    return issued_by(s, Certified(agency.signer, agency.chain[:1]))


@book.invalid(3, X5C, "certificate_untrusted")
def x5c_in_the_wrong_order(s: Stage) -> Shown:
    """The intermediate certificate first: the signer's comes first."""
    agency = s.agency_named("Agency below an intermediate", by=intermediate("Intermediate", root()))
    return issued_by(s, agency, x5c=agency.x5c[::-1])


@book.invalid(3, BASIC, "certificate_untrusted")
def x5c_leaf_is_an_authority(s: Stage) -> Shown:
    """A document signed with a certificate of an authority."""
    return issued_by(s, s.agency_named("Authority as agency", basic_ca=True))


@book.invalid(3, "RFC 5280 §4.2.1.3", "certificate_untrusted")
def x5c_leaf_may_not_sign(s: Stage) -> Shown:
    """The agency's key is for key agreement only."""
    return issued_by(s, s.agency_named("Agreeing agency", key_usage=("key_agreement",)))


@book.invalid(3, PURPOSE, "certificate_untrusted")
def x5c_without_purpose(s: Stage) -> Shown:
    """A certificate that says nothing of its purpose."""
    return issued_by(s, certified("Agency without purpose", uris=[ISS]))


PURPOSES = {
    "status-lists": ("signing status lists", certificates.STATUS_LIST),
    "the-trust-list": ("signing the trust list", certificates.TRUST_LIST),
    "bundles": ("signing verifier bundles", certificates.BUNDLE),
    "web-servers": ("web servers", ExtendedKeyUsageOID.SERVER_AUTH),
    "any-purpose": ("any purpose: ours must be named", ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE),
}
for suffix, (what, usage) in PURPOSES.items():

    def of_purpose(s: Stage, suffix: str = suffix, usage: x509.ObjectIdentifier = usage) -> Shown:
        return issued_by(s, certified(f"For {suffix}", usage, uris=[ISS]))

    flaw = f"A document signed with a certificate for {what}."
    book.add(f"x5c-for-{suffix}", flaw, 3, PURPOSE, "invalid", "certificate_untrusted", make=of_purpose)


@book.invalid(3, "RFC 5280 §4.2", "certificate_untrusted")
def x5c_with_unknown_critical_extension(s: Stage) -> Shown:
    """A critical extension that nobody here understands."""
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
    return issued_by(s, s.agency_named("Extended agency", extra=[(extension, True)]))


@book.invalid(3, "RFC 7518 §3.4", "certificate_untrusted")
def x5c_key_of_another_curve(s: Stage) -> Shown:
    """The agency's certificate is for a key on P-384, with which ES256 cannot be."""
    key = private_key("Agency", ec.SECP384R1()).public_key()
    usages = [certificates.CREDENTIAL_ISSUER]
    leaf = make_certificate("P-384", key, s.root.name, s.root.key, usages=usages, uris=[ISS], serial=9)
    return issued_by(s, Certified(signer("Agency"), (leaf,)))


@book.invalid(3, CAPS, "certificate_untrusted")
def x5c_of_five_certificates(s: Stage) -> str:
    """One certificate more than is read."""
    return with_x5c(s, [der(s.agency.x5c[0])] * 5)


@book.invalid(3, CAPS, "malformed")
def x5c_of_100_certificates(s: Stage) -> str:
    """A chain of 100 certificates: the header is refused for its size before any of them is read."""
    return with_x5c(s, [der(s.agency.x5c[0])] * 100)


@book.invalid(3, CAPS, "certificate_untrusted")
def x5c_larger_than_16_kib(s: Stage) -> Shown:
    """One certificate of 17 KiB."""
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.2"), bytes(17 * 1024))
    return issued_by(s, s.agency_named("Large agency", extra=[(extension, False)]), enter=False)


BROKEN_CHAINS: dict[str, tuple[str, Any]] = {
    "x5c-missing": ("No certificate in the header.", lambda chain: ABSENT),
    "x5c-empty": ("An empty chain.", lambda chain: []),
    "x5c-is-text": ("A certificate that is not in an array.", lambda chain: chain[0]),
    "x5c-holds-a-number": ("A number in the place of a certificate.", lambda chain: [7]),
    "x5c-not-base64": (
        "A certificate with white space in its base64.",
        lambda chain: ["\n".join((chain[0][:64], chain[0][64:]))],
    ),
    "x5c-not-der": ("Base64 of something that is not a certificate.", lambda chain: [b64encode(b"x" * 64).decode()]),
}
for case_id, (flaw, change) in BROKEN_CHAINS.items():

    def of_broken_chain(s: Stage, change: Any = change) -> str:
        return with_x5c(s, change([der(certificate) for certificate in s.agency.x5c]))

    book.add(case_id, flaw, 3, X5C, "invalid", "certificate_untrusted", make=of_broken_chain)


@book.invalid(3, X5C, "certificate_untrusted")
def x5c_in_base64url(s: Stage) -> str:
    """A certificate in base64url without padding, which x5c alone does not use."""
    return with_x5c(s, [urlsafe_b64encode(s.agency.x5c[0] + b"\xff\xff").rstrip(b"=").decode()])


@book.invalid(3, X5C, "certificate_untrusted")
def x5c_followed_by_something(s: Stage) -> str:
    """Bytes after the certificate: one certificate would have many spellings."""
    return with_x5c(s, [der(s.agency.x5c[0] + b"\x00")])


@book.invalid(3, "RFC 7515 §4.1.5", "certificate_untrusted")
def x5u_instead_of_x5c(s: Stage) -> str:
    """The header names an address to fetch the certificate from: nothing that a token names is ever fetched."""
    header = {"x5c": ABSENT, "x5u": "https://g18.agency.example/agency.pem"}
    return s.bound(s.signed(s.payload(), header=header))


@book.invalid(3, "RFC 7515 §4.1.3", "certificate_untrusted")
def jwk_instead_of_x5c(s: Stage) -> str:
    """The header brings its own key, which fits the signature."""
    thief = Certified(signer("Thief"), s.agency.chain)
    header = {"x5c": ABSENT, "jwk": thief.signer.public_key.jwk}
    return s.bound(s.signed(s.payload(), header=header, by=thief))
