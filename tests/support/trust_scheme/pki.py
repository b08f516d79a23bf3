"""Certificates of a test: every field can be made wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto.keys import LocalSigner

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2028, 1, 1, tzinfo=UTC)
NO_USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


@dataclass(frozen=True)
class Certified:
    """A key and the chain that certifies it, leaf first, anchor left out."""

    signer: LocalSigner
    chain: tuple[x509.Certificate, ...]

    @property
    def x5c(self) -> tuple[bytes, ...]:
        return tuple(certificate.public_bytes(Encoding.DER) for certificate in self.chain)


@dataclass(frozen=True)
class Authority:
    """A CA: its key, its own certificate, and the intermediates below the anchor."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @classmethod
    def root(cls, name: str = "Test root", begin: datetime = BEGIN, end: datetime = END) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(key, make_certificate(name, key.public_key(), name, key, ca=True, begin=begin, end=end))

    def intermediate(self, name: str, **wrong: Any) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = make_certificate(name, key.public_key(), self.name, self.key, ca=True, **wrong)
        return Authority(key, certificate, (certificate, *self.chain))

    def certify(self, *usages: x509.ObjectIdentifier, uris: Sequence[str] = (), **wrong: Any) -> Certified:
        signer = LocalSigner.generate()
        leaf = make_certificate(
            "Leaf", signer.public_key.cryptography_key, self.name, self.key, usages=usages, uris=uris, **wrong
        )
        return Certified(signer, (leaf, *self.chain))

    @property
    def name(self) -> str:
        return str(self.certificate.subject.rfc4514_string().removeprefix("CN="))

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def make_certificate(
    subject: str,
    key: Any,
    issuer: str,
    issuer_key: Any,
    *,
    ca: bool = False,
    begin: datetime = BEGIN,
    end: datetime = END,
    usages: Sequence[x509.ObjectIdentifier] = (),
    uris: Sequence[str] = (),
    basic_ca: bool | None = None,
    key_usage: tuple[str, ...] | None = None,
    extra: Sequence[tuple[x509.ExtensionType, bool]] = (),
    serial: int | None = None,
) -> x509.Certificate:
    """Make a certificate that is right unless told otherwise; the same in every run when its serial number is given."""
    if key_usage is None:
        key_usage = ("key_cert_sign", "crl_sign") if ca else ("digital_signature",)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key)
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=ca if basic_ca is None else basic_ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**NO_USAGE | dict.fromkeys(key_usage, True)), critical=True)
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=True)
    if uris:
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri) for uri in uris])
        builder = builder.add_extension(names, critical=False)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256(), ecdsa_deterministic=serial is not None)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
