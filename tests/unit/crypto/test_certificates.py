"""Paths to a pinned anchor: right purpose, right time, right key, and nothing else."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto import certificates
from giayto_crypto.certificates import CREDENTIAL_ISSUER, PURPOSES, TRUST_LIST, load_anchors, verify_chain
from giayto_crypto.errors import CertificateError, CertificateExpiredError
from giayto_crypto.keys import PublicKey
from trust_scheme import NOW, Authority, make_certificate
from trust_scheme.pki import BEGIN, END

ISS = "https://agency.example"
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def root() -> Authority:
    return Authority.root()


def test_a_leaf_below_the_anchor_is_verified(root: Authority) -> None:
    agency = root.certify(CREDENTIAL_ISSUER, uris=[ISS, "https://second.example"])
    verified = verify_chain(agency.chain, [root.certificate], purpose=CREDENTIAL_ISSUER, now=NOW)
    assert verified.key == agency.signer.public_key
    assert verified.san_uris == (ISS, "https://second.example")
    assert verified.sha256 == certificates.fingerprint(agency.chain[0])
    assert (verified.valid_from, verified.valid_until) == (BEGIN, END)


def test_a_leaf_below_an_intermediate_is_verified_and_limited_by_it(root: Authority) -> None:
    until = NOW + timedelta(days=3)
    agency = root.intermediate("Between", end=until).certify(CREDENTIAL_ISSUER)
    verified = verify_chain(agency.chain, [root.certificate], purpose=CREDENTIAL_ISSUER, now=NOW)
    assert verified.valid_until == until


def test_a_leaf_without_names_has_no_uris(root: Authority) -> None:
    chain = root.certify(CREDENTIAL_ISSUER).chain
    assert verify_chain(chain, [root.certificate], purpose=CREDENTIAL_ISSUER, now=NOW).san_uris == ()


@pytest.mark.parametrize("made_for", PURPOSES)
@pytest.mark.parametrize("used_for", PURPOSES)
def test_a_leaf_serves_its_own_purpose_only(
    root: Authority, made_for: x509.ObjectIdentifier, used_for: x509.ObjectIdentifier
) -> None:
    chain = root.certify(made_for).chain
    if made_for == used_for:
        verify_chain(chain, [root.certificate], purpose=used_for, now=NOW)
    else:
        with pytest.raises(CertificateError) as refused:
            verify_chain(chain, [root.certificate], purpose=used_for, now=NOW)
        assert not isinstance(refused.value, CertificateExpiredError)


def refuse(root: Authority, chain: tuple[x509.Certificate, ...]) -> CertificateError:
    with pytest.raises(CertificateError) as refused:
        verify_chain(chain, [root.certificate], purpose=CREDENTIAL_ISSUER, now=NOW)
    return refused.value


def test_a_leaf_of_another_root_is_refused(root: Authority) -> None:
    stranger = Authority.root()  # of the same name
    assert refuse(root, stranger.certify(CREDENTIAL_ISSUER).chain).code == "certificate_untrusted"


def test_a_root_in_the_chain_is_not_an_anchor(root: Authority) -> None:
    stranger = Authority.root()
    refuse(root, (*stranger.certify(CREDENTIAL_ISSUER).chain, stranger.certificate))


def test_a_leaf_without_extended_key_usage_is_refused(root: Authority) -> None:
    refuse(root, root.certify().chain)


def test_the_any_purpose_usage_is_not_enough(root: Authority) -> None:
    refuse(root, root.certify(x509.ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE).chain)


def test_a_ca_certificate_does_not_sign_documents(root: Authority) -> None:
    refuse(root, root.certify(CREDENTIAL_ISSUER, basic_ca=True).chain)


def test_a_leaf_without_digital_signature_is_refused(root: Authority) -> None:
    refuse(root, root.certify(CREDENTIAL_ISSUER, key_usage=("key_agreement",)).chain)


def test_an_unknown_critical_extension_is_refused(root: Authority) -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    refuse(root, root.certify(CREDENTIAL_ISSUER, extra=[(unknown, True)]).chain)


def test_a_leaf_cannot_certify_another(root: Authority) -> None:
    agency = root.certify(CREDENTIAL_ISSUER)
    impostor = Authority(agency.signer.private_key, agency.chain[0], agency.chain)
    refuse(root, impostor.certify(CREDENTIAL_ISSUER).chain)


def test_an_intermediate_limited_to_another_purpose_is_refused(root: Authority) -> None:
    refuse(root, root.intermediate("Status only", usages=[certificates.STATUS_LIST]).certify(CREDENTIAL_ISSUER).chain)


def test_an_intermediate_limited_to_this_purpose_is_accepted(root: Authority) -> None:
    chain = root.intermediate("Issuers only", usages=[CREDENTIAL_ISSUER]).certify(CREDENTIAL_ISSUER).chain
    verify_chain(chain, [root.certificate], purpose=CREDENTIAL_ISSUER, now=NOW)


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)])
def test_a_leaf_key_that_is_not_p256_is_refused(root: Authority, key: ec.EllipticCurvePrivateKey) -> None:
    leaf = make_certificate("Leaf", key.public_key(), root.name, root.key, usages=[CREDENTIAL_ISSUER])
    assert "P-256" in refuse(root, (leaf,)).detail


@pytest.mark.parametrize(
    ("at", "accepted"), [(BEGIN - SECOND, False), (BEGIN, True), (END, True), (END + SECOND, False)]
)
def test_a_leaf_outside_its_period_is_expired_and_not_untrusted(root: Authority, at: object, accepted: bool) -> None:
    wide = Authority.root("Wide", BEGIN - timedelta(days=9), END + timedelta(days=9))
    chain = wide.certify(CREDENTIAL_ISSUER).chain
    if accepted:
        verify_chain(chain, [wide.certificate], purpose=CREDENTIAL_ISSUER, now=at)
    else:
        with pytest.raises(CertificateExpiredError):
            verify_chain(chain, [root.certificate, wide.certificate], purpose=CREDENTIAL_ISSUER, now=at)


def test_an_expired_anchor_is_told_as_expired() -> None:
    short = Authority.root("Short", BEGIN, NOW - SECOND)
    with pytest.raises(CertificateExpiredError):
        verify_chain(short.certify(CREDENTIAL_ISSUER).chain, [short.certificate], purpose=CREDENTIAL_ISSUER, now=NOW)


def test_an_expired_leaf_of_another_root_is_untrusted(root: Authority) -> None:
    stranger = Authority.root()
    old = stranger.certify(CREDENTIAL_ISSUER, end=NOW - SECOND)
    assert refuse(root, old.chain).code == "certificate_untrusted"


def test_a_year_that_no_clock_has_is_untrusted(root: Authority) -> None:
    """DER allows the year 0; Python's datetime does not."""
    leaf = root.certify(CREDENTIAL_ISSUER).chain[0].public_bytes(Encoding.DER)
    period = leaf.index(b"\x30\x1e\x17\x0d260101000000Z")
    odd_period = b"\x30\x22" + b"\x18\x0f00000101000000Z" + b"\x18\x0f20280101000000Z"
    longer = len(odd_period) - 32
    odd = bytearray(leaf[:period] + odd_period + leaf[period + 32 :])
    for length_at in (2, 6):  # of the certificate, and of what is signed in it
        odd[length_at : length_at + 2] = (int.from_bytes(odd[length_at : length_at + 2]) + longer).to_bytes(2)
    assert refuse(root, (x509.load_der_x509_certificate(bytes(odd)),)).code == "certificate_untrusted"


def with_a_name_of_bits(root: Authority, certificate: x509.Certificate, name: bytes) -> x509.Certificate:
    """Return the certificate with a name whose text is written as a BIT STRING, signed by the root as it then is."""
    text, bits = b"\x0c%c%b" % (len(name), name), b"\x03%c%b" % (len(name), name)
    tbs = certificate.tbs_certificate_bytes
    assert tbs.count(text) == 1
    tbs = tbs.replace(text, bits)
    signature = b"\x00" + root.key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    content = tbs + algorithm + b"\x03%c%b" % (len(signature), signature)
    return x509.load_der_x509_certificate(b"\x30\x82" + len(content).to_bytes(2) + content)


def test_a_refused_leaf_whose_subject_the_library_cannot_read_is_untrusted(root: Authority) -> None:
    """The library reads the subject when it says which certificate it refuses."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    leaf = make_certificate("\x00Strange", key, root.name, root.key, usages=[TRUST_LIST])
    assert refuse(root, (with_a_name_of_bits(root, leaf, b"\x00Strange"),)).code == "certificate_untrusted"


def test_an_alternative_name_that_the_library_cannot_read_is_untrusted(root: Authority) -> None:
    named = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "\x00Strange")]))
    (leaf,) = root.certify(CREDENTIAL_ISSUER, extra=[(x509.SubjectAlternativeName([named]), False)]).chain
    assert refuse(root, (with_a_name_of_bits(root, leaf, b"\x00Strange"),)).code == "certificate_untrusted"


def test_certificates_that_were_never_valid_together_are_untrusted(root: Authority) -> None:
    early = root.intermediate("Early", end=NOW - timedelta(days=2))
    late = early.certify(CREDENTIAL_ISSUER, begin=NOW - timedelta(days=1))
    assert refuse(root, late.chain).code == "certificate_untrusted"


def test_more_than_four_certificates_are_refused_unread(root: Authority) -> None:
    chain = root.certify(CREDENTIAL_ISSUER).chain * 5
    assert "1 to 4" in refuse(root, chain).detail


def test_a_certificate_with_a_second_encoding_is_refused(root: Authority) -> None:
    """The count of unused bits before the signature (X.690 §8.6.2) is not signed, and libraries overlook it."""
    chain = next(
        chain for _ in range(200) if (chain := root.certify(CREDENTIAL_ISSUER).chain)[0].signature[-1] & 1 == 0
    )
    changed = bytearray(chain[0].public_bytes(Encoding.DER))
    changed[-len(chain[0].signature) - 1] = 1
    second = x509.load_der_x509_certificate(bytes(changed))
    assert second.signature == chain[0].signature
    verify_chain(chain, [root.certificate], purpose=CREDENTIAL_ISSUER, now=NOW)
    assert not isinstance(refuse(root, (second,)), CertificateExpiredError)


def test_an_empty_chain_is_refused(root: Authority) -> None:
    assert "1 to 4" in refuse(root, ()).detail


def test_more_than_16_kib_are_refused_unread(root: Authority) -> None:
    padding = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x04\x82\x40\x00" + bytes(0x4000))
    chain = root.certify(CREDENTIAL_ISSUER, extra=[(padding, False)]).chain
    assert "larger" in refuse(root, chain).detail


@pytest.mark.parametrize("count", [0, 17])
def test_without_anchors_or_with_too_many_nothing_is_verified(root: Authority, count: int) -> None:
    with pytest.raises(CertificateError, match="anchors"):
        verify_chain(
            root.certify(CREDENTIAL_ISSUER).chain, [root.certificate] * count, purpose=CREDENTIAL_ISSUER, now=NOW
        )


def test_anchors_are_read_from_pem(root: Authority) -> None:
    second = Authority.root("Second")
    assert load_anchors(root.pem + second.pem) == (root.certificate, second.certificate)


@pytest.mark.parametrize("pem", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_anchors_that_are_no_certificates_are_refused(pem: bytes) -> None:
    with pytest.raises(CertificateError):
        load_anchors(pem)


def test_our_purposes_are_distinct_and_below_one_arc() -> None:
    texts = [purpose.dotted_string for purpose in PURPOSES]
    assert len(set(texts)) == len({text.rpartition(".")[0] for text in texts}) * len(PURPOSES)
    assert all(text.startswith("2.25.") for text in texts)


def test_the_key_is_the_leafs_and_not_the_intermediates(root: Authority) -> None:
    between = root.intermediate("Between")
    verified = verify_chain(
        between.certify(CREDENTIAL_ISSUER).chain, [root.certificate], purpose=CREDENTIAL_ISSUER, now=NOW
    )
    assert verified.key != PublicKey.from_certificate(between.certificate)
