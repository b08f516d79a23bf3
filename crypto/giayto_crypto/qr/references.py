"""Short references from a QR into the verifier bundle (docs/qr.md §3).

A reference is the beginning of a hash of the thing itself, never a position in a list: bundles of different age then
agree on what it means. A reference proves nothing; it only names the text that the issuer's signature will verify.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

ISSUER_REFERENCE_BYTES = 6
VCT_REFERENCE_BYTES = 4
STATUS_URI_REFERENCE_BYTES = 4


@dataclass(frozen=True, slots=True)
class ReferencedIssuer:
    """What an issuer reference stands for: `x5c` as DER, leaf first, and `iss`."""

    x5c: tuple[bytes, ...]
    iss: str


class References(Protocol):
    """Resolves references; a verifier bundle is one. Each method raises UnknownReferenceError."""

    def issuer(self, reference: bytes) -> ReferencedIssuer:
        """Return the chain and `iss` whose `issuer_reference` this is."""
        ...

    def vct(self, reference: bytes) -> str:
        """Return the document type whose `vct_reference` this is."""
        ...

    def status_uri(self, reference: bytes) -> str:
        """Return the status list URI whose `status_uri_reference` this is."""
        ...


def issuer_reference(x5c: Sequence[bytes], iss: str) -> bytes:
    """Return the 6 byte reference of a certificate chain (DER, leaf first) together with `iss`."""
    digest = sha256(iss.encode())
    for der in x5c:
        # Hashes of fixed length, so that no other split of the same bytes gives the same reference.
        digest.update(sha256(der).digest())
    return digest.digest()[:ISSUER_REFERENCE_BYTES]


def vct_reference(vct: str) -> bytes:
    """Return the 4 byte reference of a document type."""
    return sha256(vct.encode()).digest()[:VCT_REFERENCE_BYTES]


def status_uri_reference(uri: str) -> bytes:
    """Return the 4 byte reference of a status list URI."""
    return sha256(uri.encode()).digest()[:STATUS_URI_REFERENCE_BYTES]
