"""The server's own keys, read from one folder of files.

    bundle.key.pem        bundle.chain.pem         signs verifier bundles
    trust-list.key.pem    trust-list.chain.pem     signs the trust list
    status-list.key.pem   status-list.chain.pem    signs status list tokens
    catalogue.key.pem     catalogue.chain.pem      signs editions of the catalogue
    issuer-metadata.key.pem, .chain.pem            signs the credential issuer's metadata; may be left out
    presentation-request.key.pem, .chain.pem       signs hosted presentation requests; may be left out
    verifier-registration.key.pem, .chain.pem      says which verifiers are registered; may be left out
    root.pem              the anchors that verifiers pin (one or more certificates)
    access-token.key.pem  signs access tokens; only this server reads them
    wrapping.key          32 random bytes: wraps the data keys of wallets
    derivation.key        32 random bytes: the keyed hashes and permutations are derived from it (HKDF)

A chain holds the leaf first and leaves the anchor out. Each purpose has a key of its own, so that one that
leaks does not open the others. `generate_secrets` makes the last three files; certificates come from the
authority.
"""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto.keys import LocalSigner, PublicKey, Signer
from giayto_wallet_api.settings import SettingsError

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """A signer and the certificates that say whose it is.

    Args:
        signer: holds the private key of the leaf.
        chain: DER, leaf first, anchor left out.
    """

    signer: Signer
    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """All keys of this server. Its `repr` shows none of the secret ones."""

    bundle: SigningIdentity
    trust_list: SigningIdentity
    status_list: SigningIdentity
    catalogue: SigningIdentity
    access_token: Signer
    anchors: tuple[x509.Certificate, ...]
    wrapping_key: bytes = field(repr=False)
    derivation_key: bytes = field(repr=False)
    issuer_metadata: SigningIdentity | None = None
    """Without it the metadata of the credential issuer are published unsigned only."""
    presentation_request: SigningIdentity | None = None
    """Without it verifiers cannot ask through this server; see `verifier_registration`, too."""
    verifier_registration: SigningIdentity | None = None

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte key for one purpose, such as `subject-lookup`; different purposes, unrelated
        keys.
        """
        info = f"giayto {purpose} v1".encode()
        return HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=info).derive(self.derivation_key)

    @classmethod
    def load(cls, folder: Path) -> "ServerKeys":
        """Read all key files.

        Raises:
            SettingsError: a file is missing, unreadable, or a chain does not belong to its key.
        """
        return cls(
            bundle=_identity(folder, "bundle"),
            trust_list=_identity(folder, "trust-list"),
            status_list=_identity(folder, "status-list"),
            catalogue=_identity(folder, "catalogue"),
            access_token=LocalSigner.from_pem(_read(folder / "access-token.key.pem")),
            anchors=tuple(x509.load_pem_x509_certificates(_read(folder / "root.pem"))),
            wrapping_key=_secret(folder / "wrapping.key"),
            derivation_key=_secret(folder / "derivation.key"),
            issuer_metadata=_optional_identity(folder, "issuer-metadata"),
            presentation_request=_optional_identity(folder, "presentation-request"),
            verifier_registration=_optional_identity(folder, "verifier-registration"),
        )


def generate_secrets(folder: Path) -> None:
    """Make the key files that need no certificate, where they do not exist yet; only the owner may read them."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in (
        (folder / "access-token.key.pem", LocalSigner.generate().to_pem()),
        (folder / "wrapping.key", secrets.token_bytes(SECRET_BYTES)),
        (folder / "derivation.key", secrets.token_bytes(SECRET_BYTES)),
    ):
        if not path.exists():
            write_secret(path, content)


def write_identity(folder: Path, name: str, identity_key: LocalSigner, chain: tuple[bytes, ...]) -> None:
    """Write `<name>.key.pem` and `<name>.chain.pem`; `chain` is DER, leaf first."""
    write_secret(folder / f"{name}.key.pem", identity_key.to_pem())
    certificates = (x509.load_der_x509_certificate(der) for der in chain)
    pem = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)
    (folder / f"{name}.chain.pem").write_bytes(pem)


def write_secret(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read; an existing one is never overwritten."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _identity(folder: Path, name: str) -> SigningIdentity:
    signer = LocalSigner.from_pem(_read(folder / f"{name}.key.pem"))
    chain = x509.load_pem_x509_certificates(_read(folder / f"{name}.chain.pem"))
    if PublicKey.from_certificate(chain[0]) != signer.public_key:
        raise SettingsError(f"{name}.chain.pem does not start with the certificate of {name}.key.pem")
    return SigningIdentity(signer, tuple(certificate.public_bytes(Encoding.DER) for certificate in chain))


def _optional_identity(folder: Path, name: str) -> SigningIdentity | None:
    return _identity(folder, name) if (folder / f"{name}.key.pem").exists() else None


def _secret(path: Path) -> bytes:
    content = _read(path)
    if len(content) != SECRET_BYTES:
        raise SettingsError(f"{path.name}: {SECRET_BYTES} bytes are expected")
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path.name}: cannot be read from the keys folder") from error
