"""X.509 paths to a pinned anchor, for our own purposes only.

A certificate of the web's PKI must never speak for an agency, and a leaf made for one purpose never for another. So
each purpose has its own extended key usage (RFC 5280 §4.2.1.12), and a path proves something only together with it.
Which agency a leaf speaks for is the trust list's business (`giayto_crypto.trust_list`), not the path's.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from giayto_crypto.errors import CertificateError, CertificateExpiredError, KeyFormatError
from giayto_crypto.jws import MAX_CERTIFICATE_BYTES, MAX_CERTIFICATES
from giayto_crypto.keys import PublicKey

# An arc that needs no registration: 2.25 followed by a UUID as an integer (ITU-T X.667 §7).
_ARC = "2.25.199461870707676068838065100578562350611"
CREDENTIAL_ISSUER = x509.ObjectIdentifier(f"{_ARC}.1")
"""EKU of an agency's certificate that signs credentials."""
TRUST_LIST = x509.ObjectIdentifier(f"{_ARC}.2")
"""EKU of the certificate that signs the trust list."""
STATUS_LIST = x509.ObjectIdentifier(f"{_ARC}.3")
"""EKU of a certificate that signs status list tokens (the standard's own OID is not assigned yet)."""
BUNDLE = x509.ObjectIdentifier(f"{_ARC}.4")
"""EKU of a certificate that signs verifier bundles."""
CATALOGUE = x509.ObjectIdentifier(f"{_ARC}.5")
"""EKU of a certificate that signs editions of the catalogue."""
PRESENTATION_REQUEST = x509.ObjectIdentifier(f"{_ARC}.7")
"""EKU of a verifier's certificate that signs presentation requests."""
VERIFIER_REGISTRATION = x509.ObjectIdentifier(f"{_ARC}.8")
"""EKU of the certificate that says which verifiers are registered."""
ISSUER_METADATA = x509.ObjectIdentifier(f"{_ARC}.9")
"""EKU of the certificate that signs the metadata of the credential issuer."""
PURPOSES = (
    CREDENTIAL_ISSUER,
    ISSUER_METADATA,
    TRUST_LIST,
    STATUS_LIST,
    BUNDLE,
    CATALOGUE,
    PRESENTATION_REQUEST,
    VERIFIER_REGISTRATION,
)

MAX_ANCHORS = 16
_MAX_INTERMEDIATES = MAX_CERTIFICATES - 1
_UNREADABLE = (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
"""What the library raises on broken extensions and names, wherever it first looks at them."""
_EkuCheck = Callable[[Policy, x509.Certificate, x509.ExtendedKeyUsage], None]


@dataclass(frozen=True, slots=True)
class VerifiedCertificate:
    """A leaf whose path to a pinned anchor holds for one purpose."""

    leaf: x509.Certificate
    key: PublicKey
    san_uris: tuple[str, ...]
    """The URIs of the subject alternative name; an agency's leaf carries its `iss` here."""
    sha256: bytes
    """SHA-256 of the leaf's DER: how the trust list names it."""
    valid_from: datetime
    """First second at which every certificate of the path, anchor included, is valid (UTC)."""
    valid_until: datetime
    """Last second at which every certificate of the path is valid (UTC, inclusive)."""


def load_anchors(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Read pinned root certificates from PEM.

    Raises:
        CertificateError: no certificate, more than 16, or something that is not one.
    """
    try:
        anchors = tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise CertificateError("anchors: PEM certificates are expected") from error
    _require_anchors(anchors)
    return anchors


def fingerprint(certificate: x509.Certificate) -> bytes:
    """Return SHA-256 of a certificate's DER, 32 bytes."""
    return sha256(certificate.public_bytes(Encoding.DER)).digest()


def verify_chain(
    x5c: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    *,
    purpose: x509.ObjectIdentifier,
    now: datetime,
) -> VerifiedCertificate:
    """Check that a leaf leads to a pinned anchor, at `now`, for one purpose (RFC 5280 §6).

    Args:
        x5c: leaf first, then intermediates; at most 4 certificates and 16 KiB.
        anchors: pinned roots, 1 to 16. Nothing else is trusted.
        purpose: the EKU that the leaf must carry: one of `PURPOSES`.
        now: aware time at which the path must hold.

    Raises:
        CertificateExpiredError: the path is good but for the time.
        CertificateError: no path, wrong purpose, a CA certificate as leaf, a key that is not P-256, or too large.
    """
    _require_anchors(anchors)
    _require_caps(x5c)
    _require_one_encoding(x5c)
    path = _find_path(x5c, anchors, purpose, now)
    if path is None:
        raise _refusal(x5c, anchors, purpose)
    leaf = x5c[0]
    return VerifiedCertificate(
        leaf=leaf,
        key=_p256_key(leaf),
        san_uris=_san_uris(leaf),
        sha256=fingerprint(leaf),
        valid_from=max(certificate.not_valid_before_utc for certificate in path),
        valid_until=min(certificate.not_valid_after_utc for certificate in path),
    )


def _require_anchors(anchors: Sequence[x509.Certificate]) -> None:
    if not 1 <= len(anchors) <= MAX_ANCHORS:
        raise CertificateError(f"anchors: 1 to {MAX_ANCHORS} pinned certificates are expected", count=len(anchors))


def _require_caps(x5c: Sequence[x509.Certificate]) -> None:
    if not 1 <= len(x5c) <= MAX_CERTIFICATES:
        raise CertificateError(f"chain: 1 to {MAX_CERTIFICATES} certificates are expected", count=len(x5c))
    if sum(len(certificate.public_bytes(Encoding.DER)) for certificate in x5c) > MAX_CERTIFICATE_BYTES:
        raise CertificateError(f"chain: larger than {MAX_CERTIFICATE_BYTES} bytes", limit=MAX_CERTIFICATE_BYTES)


def _require_one_encoding(x5c: Sequence[x509.Certificate]) -> None:
    # The signature is a BIT STRING of whole octets. Its count of unused bits (X.690 §8.6.2) lies outside what is signed
    # and is overlooked by the library: another count would give the same certificate another fingerprint.
    for certificate in x5c:
        if not certificate.public_bytes(Encoding.DER).endswith(b"\x00" + certificate.signature):
            raise CertificateError("chain: a certificate's signature is not made of whole octets")


def _find_path(
    x5c: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    purpose: x509.ObjectIdentifier,
    at: datetime,
) -> Sequence[x509.Certificate] | None:
    """Return the certificates from leaf to anchor, or None when there is no acceptable path at that time."""
    verifier = (
        PolicyBuilder()
        .store(Store(list(anchors)))
        .time(at)
        .max_chain_depth(_MAX_INTERMEDIATES)
        .extension_policies(ca_policy=_ca_policy(purpose), ee_policy=_leaf_policy(purpose))
        .build_client_verifier()
    )
    try:
        return verifier.verify(x5c[0], list(x5c[1:])).chain
    except (VerificationError, *_UNREADABLE):
        return None


def _refusal(
    x5c: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], purpose: x509.ObjectIdentifier
) -> CertificateError:
    """Say why there is no path: an expired certificate needs a new one, an untrusted one needs suspicion."""
    for anchor in anchors:
        for at in _common_validity([*x5c, anchor]):
            if _find_path(x5c, [anchor], purpose, at) is not None:
                return CertificateExpiredError("chain: outside its validity period at the time of the check")
    return CertificateError("chain: no path to a pinned anchor for this purpose", purpose=purpose.dotted_string)


def _common_validity(certificates: Sequence[x509.Certificate]) -> Iterator[datetime]:
    """Yield a time at which all certificates are valid, if there is one."""
    try:
        start = max(certificate.not_valid_before_utc for certificate in certificates)
        end = min(certificate.not_valid_after_utc for certificate in certificates)
    except ValueError:  # DER can write a year 0, which Python's clock does not have
        return
    if start <= end:
        yield start


def _leaf_policy(purpose: x509.ObjectIdentifier) -> ExtensionPolicy:
    # The default client policy demands the web's clientAuth and a DNS-like name; ours demands our purpose instead.
    # Critical extensions that no rule here mentions are refused by the library.
    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _demand_purpose(purpose))
        .require_present(x509.KeyUsage, Criticality.AGNOSTIC, _require_digital_signature)
        .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _refuse_ca)
    )


def _ca_policy(purpose: x509.ObjectIdentifier) -> ExtensionPolicy:
    def allows(policy: Policy, certificate: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
        if usage is not None and purpose not in usage:
            raise ValueError("a CA limited to other purposes")

    return ExtensionPolicy.webpki_defaults_ca().may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, allows)


def _demand_purpose(purpose: x509.ObjectIdentifier) -> _EkuCheck:
    def check(policy: Policy, certificate: x509.Certificate, usage: x509.ExtendedKeyUsage) -> None:
        if purpose not in usage:
            raise ValueError("the leaf was made for another purpose")

    return check


def _require_digital_signature(policy: Policy, certificate: x509.Certificate, usage: x509.KeyUsage) -> None:
    if not usage.digital_signature:
        raise ValueError("the leaf's key usage lacks digitalSignature")


def _refuse_ca(policy: Policy, certificate: x509.Certificate, constraints: x509.BasicConstraints | None) -> None:
    if constraints is not None and constraints.ca:
        raise ValueError("a CA certificate must not sign documents itself")


def _p256_key(leaf: x509.Certificate) -> PublicKey:
    try:
        return PublicKey.from_certificate(leaf)
    except KeyFormatError as error:
        raise CertificateError("chain: the leaf's key must be P-256") from error


def _san_uris(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    except _UNREADABLE as error:
        raise CertificateError("chain: the leaf's subject alternative name cannot be read") from error
    return tuple(names.get_values_for_type(x509.UniformResourceIdentifier))
