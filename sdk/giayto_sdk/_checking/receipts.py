"""Receipts on disk: checking one years later, and keeping the signed lists of many in one folder."""

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from re import compile as compile_pattern
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from giayto_crypto.errors import GiaytoError, KeyFormatError
from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_crypto.trust_list import TrustList
from giayto_sdk._checking.bundles import BundleShelf, content_of, load_anchors
from giayto_sdk._clock import system_clock
from giayto_sdk._files import write_atomically
from giayto_sdk.errors import ConfigurationError
from giayto_verifiers import Receipt, ReceiptResult
from giayto_verifiers import check_receipt as check_token
from giayto_verifiers.receipts.making import MAX_RECEIPT_BYTES

FileOrContent = str | PathLike[str] | bytes
"""A path, or the content of the file."""
_MAX_KEY_BYTES: Final = 64 * 1024
_SHA256: Final = compile_pattern(r"[0-9a-f]{64}")


class ListFolder(Mapping[str, str]):
    """Trust lists and status lists of many receipts, each once, in files named by their SHA-256. They are public data.

    A receipt that was made with `embed_lists=False` is much smaller (docs/receipts.md), and can be checked again as
    long as the folder is kept: what is in a file is compared with the hash that the receipt holds.
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        """Use a folder; it is made when the first list is kept."""
        self._folder = Path(folder)

    def keep(self, receipt: Receipt) -> None:
        """Write the lists of a receipt, those that are not there yet.

        Raises:
            ConfigurationError: the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for sha256, token in receipt.lists.items():
                if not self._path(sha256).exists():
                    write_atomically(self._path(sha256), token.encode("ascii"))
        except OSError as error:
            raise ConfigurationError(f"lists: {self._folder.name} cannot be written ({error.strerror})") from error

    def __getitem__(self, sha256: str) -> str:
        # The name comes out of a receipt: it must not lead anywhere else.
        if not _SHA256.fullmatch(sha256) or not self._path(sha256).exists():
            raise KeyError(sha256)
        return content_of(self._path(sha256), MAX_RECEIPT_BYTES, "list").decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in self._folder.glob("*.jwt") if _SHA256.fullmatch(path.stem))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.jwt"


def check_receipt(
    receipt: FileOrContent,
    *,
    anchor: FileOrContent,
    verifier_key: FileOrContent | None,
    verifier: str | None,
    transaction: str | None,
    lists: Mapping[str, str] | None = None,
    newer_bundle: FileOrContent | None = None,
) -> ReceiptResult:
    """Check a receipt, today or in ten years, with no network (docs/receipts.md).

    Args:
        receipt: path of the file, or its content.
        anchor: the root certificates (PEM) that were pinned at the time of the check.
        verifier_key: key or certificate (PEM) of the verifier that is said to have signed; None: not known.
        verifier: whose receipt it must be; None takes any.
        transaction: of which transaction it must be; None takes any.
        lists: where the signed lists are that the receipt leaves out, such as a `ListFolder`.
        newer_bundle: a bundle of today, which tells of keys that are known by now to have been in other hands.

    Raises:
        ConfigurationError: a file cannot be read, or holds something else.
    """
    anchors = load_anchors(_file(anchor))
    key = None if verifier_key is None else load_verifier_key(_file(verifier_key))
    newer = None if newer_bundle is None else _trust_list(_file(newer_bundle), anchors)
    return check_token(
        load_receipt(_file(receipt)),
        anchors=anchors,
        verifier_key=key,
        verifier=verifier,
        transaction=transaction,
        lists=lists,
        newer_trust_list=newer,
    )


def load_receipt(source: Path | bytes) -> str:
    """Read a receipt as it was signed, without checking anything; ConfigurationError when it cannot be read."""
    # A byte that is not ASCII stays one that is not: the strict parser refuses it.
    return content_of(source, MAX_RECEIPT_BYTES, "receipt").decode("latin-1").rstrip("\r\n")


def load_verifier_key(source: Path | bytes) -> PublicKey | x509.Certificate:
    """Read a verifier's certificate, public key, or the private key that it signs with, in PEM.

    Raises:
        ConfigurationError: none of these, or not of a P-256 key.
    """
    pem = content_of(source, _MAX_KEY_BYTES, "verifier key")
    try:
        if b"-----BEGIN CERTIFICATE-----" in pem:
            certificate = x509.load_pem_x509_certificates(pem)[0]
            PublicKey.from_certificate(certificate)
            return certificate
        if b"PRIVATE KEY-----" in pem:
            return LocalSigner.from_pem(pem).public_key
        key = load_pem_public_key(pem)
        if isinstance(key, ec.EllipticCurvePublicKey):
            return PublicKey.from_cryptography(key)
    except (ValueError, KeyFormatError) as error:
        raise ConfigurationError("verifier key: a P-256 key or its certificate in PEM is expected") from error
    raise ConfigurationError("verifier key: a P-256 key or its certificate in PEM is expected")


def _trust_list(source: Path | bytes, anchors: tuple[x509.Certificate, ...]) -> TrustList:
    try:
        return BundleShelf(anchors, clock=system_clock, fetcher=None).open(source).trust_list
    except ConfigurationError:
        raise
    except GiaytoError as error:
        raise ConfigurationError(f"newer bundle: {error.detail}") from error


def _file(source: FileOrContent) -> Path | bytes:
    return source if isinstance(source, bytes) else Path(source)
