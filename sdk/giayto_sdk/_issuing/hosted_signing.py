"""An agency's choice to be signed for (`/issuer/v1/hosted-signing`): what it allows, and takes back."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk.errors import ConfigurationError, ProtocolError

_PATH: Final = "/issuer/v1/hosted-signing"


class ChosenCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate with whose key the operator may sign for the agency."""

    leaf_sha256: str
    """SHA-256 of the certificate (DER), hexadecimal."""
    chosen_at: datetime


class _Answer(msgspec.Struct, frozen=True):
    certificates: tuple[ChosenCertificate, ...]


class HostedSigning:
    """Calls in the name of one agency."""

    def __init__(self, client: AuthorisedClient) -> None:
        """Use a client that holds the agency's tokens."""
        self._client = client

    def chosen(self) -> tuple[ChosenCertificate, ...]:
        """Return what the agency allows now, oldest first; nothing when it signs itself."""
        return _read(self._client.get(_PATH).json())

    def choose(self, leaf_sha256: str) -> tuple[ChosenCertificate, ...]:
        """Let the operator sign with a certificate of the agency; NotFoundError when it has registered no such one."""
        return _read(self._client.call("PUT", _PATH, json={"leaf_sha256": leaf_sha256}).json())

    def withdraw(self, leaf_sha256: str) -> None:
        """Take it back at once; what was signed before stays valid. NotFoundError when it was not chosen."""
        self._client.call("DELETE", f"{_PATH}/{leaf_sha256}")


def certificate_sha256(path: Path) -> str:
    """Return the SHA-256 of a certificate; the leaf's where the file holds a chain.

    Raises:
        ConfigurationError: unreadable, or no certificate in PEM.
    """
    try:
        leaf = x509.load_pem_x509_certificates(path.read_bytes())[0]
    except OSError as error:
        raise ConfigurationError(f"certificate: {path.name} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigurationError(f"certificate: {path.name} holds no certificate in PEM") from error
    return sha256(leaf.public_bytes(Encoding.DER)).hexdigest()


def _read(members: object) -> tuple[ChosenCertificate, ...]:
    try:
        return msgspec.convert(members, _Answer).certificates
    except msgspec.ValidationError as error:
        raise ProtocolError("hosted signing: an answer that this version does not know") from error
