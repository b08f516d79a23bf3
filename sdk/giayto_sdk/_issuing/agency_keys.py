"""The agency's own key and certificates, read from the files that its configuration names."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto.errors import KeyFormatError
from giayto_crypto.keys import LocalSigner, PublicKey, Signer
from giayto_sdk.config import AgencyConfig
from giayto_sdk.errors import ConfigurationError


def load_signer(path: Path) -> LocalSigner:
    """Read a private key file.

    Raises:
        ConfigurationError: missing, unreadable, or not an unencrypted P-256 key in PEM.
    """
    try:
        return LocalSigner.from_pem(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"key file: {path.name} cannot be read ({error.strerror})") from error
    except KeyFormatError as error:
        raise ConfigurationError(f"key file: {path.name}: {error.detail}") from error


def load_signing_key(config: AgencyConfig) -> LocalSigner:
    """Read the key with which an agency signs credentials; ConfigurationError where it has none of its own."""
    if config.signing_key_file is None:
        raise ConfigurationError("signing_key_file: this configuration names no key to sign with: it can only deposit")
    return load_signer(config.signing_key_file)


def load_certificates(config: AgencyConfig, signer: Signer) -> tuple[bytes, ...]:
    """Read the certificates of the key with which an agency signs; see `load_chain`."""
    if config.certificate_chain_file is None:
        raise ConfigurationError("certificate_chain_file: the certificates of the signing key are needed")
    return load_chain(config.certificate_chain_file, signer)


def load_chain(path: Path, signer: Signer) -> tuple[bytes, ...]:
    """Read the certificate chain of a signing key, leaf first, as DER.

    Raises:
        ConfigurationError: unreadable, no PEM certificates, or the first does not certify this key.
    """
    try:
        chain = x509.load_pem_x509_certificates(path.read_bytes())
        certified = PublicKey.from_certificate(chain[0])
    except OSError as error:
        raise ConfigurationError(f"certificates: {path.name} cannot be read ({error.strerror})") from error
    except (ValueError, KeyFormatError) as error:
        raise ConfigurationError(f"certificates: {path.name} holds no PEM certificate of a P-256 key") from error
    if certified != signer.public_key:
        raise ConfigurationError(f"certificates: the first of {path.name} is not that of the signing key")
    # The anchor is what verifiers have pinned; sending it would only make every credential longer.
    return tuple(certificate.public_bytes(Encoding.DER) for certificate in chain if not _is_anchor(certificate))


def _is_anchor(certificate: x509.Certificate) -> bool:
    return certificate.issuer == certificate.subject
