"""The delegated signers of agencies, by agency: a key in a file for the sandbox, in a hardware module in production.

    <keys folder>/agencies/<agency_id>/signer.key.pem     readable by its owner alone
    <keys folder>/agencies/<agency_id>/signer.chain.pem   leaf first, anchor left out

Having a key here is not enough to use it: the agency must have chosen the certificate, and the trust list must cover
it (`giayto_wallet_api.hosted_signing.delegation`).
"""

import stat
from http import HTTPStatus
from pathlib import Path
from re import compile as compile_pattern
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto.errors import KeyFormatError
from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_wallet_api.problems import ProblemError
from giayto_wallet_api.server_keys import SigningIdentity

_AGENCY_ID: Final = compile_pattern(r"[A-Z0-9]+(\.[A-Z0-9]+)*")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class SignerUnavailableError(ProblemError):
    """The agency's signer does not answer now: not there, locked, or out of reach."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "signer_unavailable"
    retryable = True
    message_vi = "Chưa ký số được thay cho cơ quan; hãy thử lại sau."
    message_en = "The agency's delegated signer is not available; try again later."


class HostedSigners(Protocol):
    """Where the delegated signers are. A PKCS#11 module fits here as well as a folder."""

    def find(self, agency_id: str) -> SigningIdentity:
        """Return the signer of an agency and the certificates that say whose it is.

        Raises:
            SignerUnavailableError: it is not there, or cannot be used now.
        """
        ...


class FileSigners:
    """Signers in files, read at each use: one that is added or taken away takes effect at once."""

    def __init__(self, folder: Path) -> None:
        """Look for signers in this folder; it need not exist."""
        self._folder = folder

    def find(self, agency_id: str) -> SigningIdentity:
        """Return the signer of an agency; see `HostedSigners.find`."""
        if not _AGENCY_ID.fullmatch(agency_id):
            raise SignerUnavailableError("hosted signing: not an agency identifier")
        folder = self._folder / agency_id
        try:
            signer = LocalSigner.from_pem(_read_private(folder / "signer.key.pem"))
            chain = x509.load_pem_x509_certificates((folder / "signer.chain.pem").read_bytes())
            certified = PublicKey.from_certificate(chain[0])
        except (OSError, ValueError, KeyFormatError) as error:
            raise SignerUnavailableError("hosted signing: the signer's files cannot be used") from error
        if certified != signer.public_key:
            raise SignerUnavailableError("hosted signing: signer.chain.pem is not of the key in signer.key.pem")
        return SigningIdentity(signer, tuple(certificate.public_bytes(Encoding.DER) for certificate in chain))


def _read_private(path: Path) -> bytes:
    with path.open("rb") as file:
        if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            raise SignerUnavailableError("hosted signing: others may read signer.key.pem; set its mode to 0600")
        return file.read()
