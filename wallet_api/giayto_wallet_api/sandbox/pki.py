"""The sandbox's certificate authority: a root that only a sandbox pins, and one leaf for each purpose.

    authority/root.key.pem, root.pem     the root; its key never leaves the machine it was made on
    <folder>/<name>.key.pem, .chain.pem  what `giayto_wallet_api.server_keys` and the agencies read
    <server keys>/agencies/<agency_id>/  what `giayto_wallet_api.hosted_signing.signers` reads

Whoever can read the folder can issue any document, which is why nothing outside a sandbox may trust this root.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from giayto_crypto.certificates import (
    BUNDLE,
    CATALOGUE,
    CREDENTIAL_ISSUER,
    ISSUER_METADATA,
    PRESENTATION_REQUEST,
    STATUS_LIST,
    TRUST_LIST,
    VERIFIER_REGISTRATION,
)
from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_wallet_api.sandbox.agencies import SandboxAgency
from giayto_wallet_api.sandbox.refusal import require_sandbox
from giayto_wallet_api.server_keys import write_identity, write_secret
from giayto_wallet_api.settings import Mode

LIFETIME = timedelta(days=3650)
"""Of the root and of every leaf: the sandbox is thrown away before it needs a renewal."""

_START_EARLIER = timedelta(days=1)
"""A certificate begins this long before it was made, so that clocks may differ and `iat` be rounded down."""

_NAME_LIMIT = 64  # characters of an X.520 common name

SERVER_IDENTITIES = {
    "bundle": BUNDLE,
    "trust-list": TRUST_LIST,
    "status-list": STATUS_LIST,
    "catalogue": CATALOGUE,
    "issuer-metadata": ISSUER_METADATA,
    "presentation-request": PRESENTATION_REQUEST,
    "verifier-registration": VERIFIER_REGISTRATION,
}
"""The wallet backend's signing identities, by the name of their files, with their purpose."""

AGENCY_IDENTITY = "signing"
"""Name of the files of an agency's signing identity."""

HOSTED_IDENTITY = "signer"
"""Name of those files where the operator holds them; see `giayto_wallet_api.hosted_signing.signers`."""


@dataclass(frozen=True, slots=True)
class SandboxAuthority:
    """A root that certifies the sandbox's server and agencies."""

    root: x509.Certificate
    signer: LocalSigner

    @classmethod
    def open(cls, folder: Path, *, mode: Mode, now: datetime) -> "SandboxAuthority":
        """Read the root from `folder`, or make it there when there is none.

        Raises:
            SandboxRefusedError: not in sandbox mode.
        """
        require_sandbox(mode)
        if not (folder / "root.pem").exists():
            _make_root(folder, now)
        return cls(
            root=x509.load_pem_x509_certificate((folder / "root.pem").read_bytes()),
            signer=LocalSigner.from_pem((folder / "root.key.pem").read_bytes()),
        )

    @property
    def root_pem(self) -> bytes:
        """The root certificate: the anchor that verifiers of this sandbox pin."""
        return self.root.public_bytes(Encoding.PEM)

    def certify_service(
        self, key: PublicKey, *, name: str, purpose: x509.ObjectIdentifier, now: datetime
    ) -> x509.Certificate:
        """Return a leaf for the wallet backend with one of the EKUs of `giayto_crypto.certificates`."""
        return self._sign(_leaf(key, name, purpose, now))

    def certify_agency(self, key: PublicKey, agency: SandboxAgency, *, now: datetime) -> x509.Certificate:
        """Return the leaf with which `agency` signs credentials; its SAN carries the agency's `iss`."""
        iss = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(agency.iss)])
        builder = _leaf(key, f"{agency.agency_id} {agency.names.en}", CREDENTIAL_ISSUER, now)
        return self._sign(builder.add_extension(iss, critical=False))

    def equip_server(self, folder: Path, *, now: datetime) -> None:
        """Put the root and the server's signing identities into `folder`, where they are missing."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "root.pem").write_bytes(self.root_pem)
        for name, purpose in SERVER_IDENTITIES.items():
            if not (folder / f"{name}.chain.pem").exists():
                key = _fresh_key(folder / f"{name}.key.pem")
                leaf = self.certify_service(key.public_key, name=f"sandbox {name}", purpose=purpose, now=now)
                write_identity(folder, name, key, (leaf.public_bytes(Encoding.DER),))

    def equip_agency(self, folder: Path, agency: SandboxAgency, *, now: datetime) -> None:
        """Put the signing identity of `agency` into `folder`, and a key for its client, where they are missing."""
        self._equip_signer(folder, AGENCY_IDENTITY, agency, now)
        equip_client(folder)

    def equip_delegating_agency(self, folder: Path, signers: Path, agency: SandboxAgency, *, now: datetime) -> None:
        """Put the signing identity of `agency` where the operator holds it, and only its certificate into `folder`."""
        signer_folder = signers / agency.agency_id
        self._equip_signer(signer_folder, HOSTED_IDENTITY, agency, now)
        equip_client(folder)
        chain = (signer_folder / f"{HOSTED_IDENTITY}.chain.pem").read_bytes()
        (folder / f"{AGENCY_IDENTITY}.chain.pem").write_bytes(chain)

    def _equip_signer(self, folder: Path, name: str, agency: SandboxAgency, now: datetime) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / f"{name}.chain.pem").exists():
            key = _fresh_key(folder / f"{name}.key.pem")
            leaf = self.certify_agency(key.public_key, agency, now=now)
            write_identity(folder, name, key, (leaf.public_bytes(Encoding.DER),))

    def _sign(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.signer.public_key.cryptography_key)
        return (
            builder.issuer_name(self.root.subject)
            .add_extension(authority_key, critical=False)
            .sign(self.signer.private_key, SHA256())
        )


def equip_client(folder: Path) -> None:
    """Put a key with which a system authenticates into `folder`, where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "client.key.pem").exists():
        write_secret(folder / "client.key.pem", LocalSigner.generate().to_pem())


def _make_root(folder: Path, now: datetime) -> None:
    key = _fresh_key(folder / "root.key.pem")
    subject = _subject("giayto sandbox root, trust it nowhere else")
    root = (
        _certificate(key.public_key, subject, now)
        .issuer_name(subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(certificates=True), critical=True)
        .sign(key.private_key, SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_secret(folder / "root.key.pem", key.to_pem())
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))


def _fresh_key(path: Path) -> LocalSigner:
    """Return a new key for `path`; a key there without its certificate was left by a start that was cut off."""
    path.unlink(missing_ok=True)
    return LocalSigner.generate()


def _leaf(key: PublicKey, name: str, purpose: x509.ObjectIdentifier, now: datetime) -> x509.CertificateBuilder:
    return (
        _certificate(key, _subject(name), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    )


def _certificate(key: PublicKey, subject: x509.Name, now: datetime) -> x509.CertificateBuilder:
    start = now.astimezone(UTC).replace(microsecond=0) - _START_EARLIER
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.cryptography_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.cryptography_key), critical=False)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "giayto sandbox"),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:_NAME_LIMIT]),
        ]
    )


def _key_usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
