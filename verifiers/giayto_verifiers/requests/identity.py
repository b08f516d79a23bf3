"""Who asks: a certificate, its key, and the client identifier that both make (OpenID4VP 1.0 §5.9)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Self
from urllib.parse import urlsplit

from cryptography import x509

from giayto_crypto import b64url
from giayto_crypto.errors import CertificateError
from giayto_crypto.keys import PublicKey, Signer


class ClientIdPrefix(StrEnum):
    """The client identifier prefixes that are signed with a certificate, and made here."""

    X509_HASH = "x509_hash"
    X509_SAN_DNS = "x509_san_dns"


@dataclass(frozen=True, slots=True)
class VerifierIdentity:
    """A verifier as wallets see it.

    Attributes:
        client_id: with its prefix, which belongs to it everywhere.
        signer: holds the private key of the leaf.
        x5c: DER, leaf first, anchor left out.
    """

    client_id: str
    signer: Signer = field(repr=False)
    x5c: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def by_hash(cls, signer: Signer, x5c: Sequence[bytes]) -> Self:
        """Name the verifier by the SHA-256 of its certificate.

        Raises:
            CertificateError: no certificate, or that of another key.
        """
        _leaf_of(signer, x5c)
        return cls(f"{ClientIdPrefix.X509_HASH}:{certificate_hash(x5c[0])}", signer, tuple(x5c))

    @classmethod
    def by_dns_name(cls, signer: Signer, x5c: Sequence[bytes], dns_name: str) -> Self:
        """Name the verifier by a DNS name of its certificate; answers then go to that host and to no other.

        Raises:
            CertificateError: no certificate, that of another key, or one without this name.
        """
        if dns_name not in dns_names(_leaf_of(signer, x5c)):
            raise CertificateError("verifier's certificate: the DNS name is not in its subject alternative name")
        return cls(f"{ClientIdPrefix.X509_SAN_DNS}:{dns_name}", signer, tuple(x5c))

    def may_receive_at(self, response_uri: str) -> bool:
        """Whether answers may go to this URL: with `x509_san_dns` only to the host that the certificate names."""
        prefix, _, name = self.client_id.partition(":")
        return prefix != ClientIdPrefix.X509_SAN_DNS or urlsplit(response_uri).hostname == name


def certificate_hash(der: bytes) -> str:
    """Return what follows `x509_hash:` for this leaf: base64url of its SHA-256."""
    return b64url.encode(sha256(der).digest())


def dns_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the `dNSName` entries of a certificate's subject alternative name (RFC 5280 §4.2.1.6)."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return ()
    return tuple(names.get_values_for_type(x509.DNSName))


def _leaf_of(signer: Signer, x5c: Sequence[bytes]) -> x509.Certificate:
    if not x5c:
        raise CertificateError("verifier's certificate: a chain is needed")
    try:
        leaf = x509.load_der_x509_certificate(x5c[0])
    except ValueError as error:
        raise CertificateError("verifier's certificate: not DER") from error
    if PublicKey.from_certificate(leaf) != signer.public_key:
        raise CertificateError("verifier's certificate: it belongs to another key")
    return leaf
