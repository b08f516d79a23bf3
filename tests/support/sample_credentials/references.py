"""What a verifier bundle does for the QR, from lists."""

from dataclasses import dataclass
from typing import TypeVar

from giayto_crypto.errors import UnknownReferenceError
from giayto_crypto.qr import ReferencedIssuer, issuer_reference, status_uri_reference, vct_reference
from sample_credentials.issued import ISSUER_URL, STATUS, VCT, X5C

_Referenced = TypeVar("_Referenced")


@dataclass(frozen=True)
class KnownReferences:
    """Resolves the given issuers, types and status lists, and no others."""

    issuers: tuple[ReferencedIssuer, ...] = (ReferencedIssuer(X5C, ISSUER_URL),)
    vcts: tuple[str, ...] = (VCT,)
    status_uris: tuple[str, ...] = (STATUS.uri,)

    def issuer(self, reference: bytes) -> ReferencedIssuer:
        return _look_up({issuer_reference(known.x5c, known.iss): known for known in self.issuers}, reference)

    def vct(self, reference: bytes) -> str:
        return _look_up({vct_reference(known): known for known in self.vcts}, reference)

    def status_uri(self, reference: bytes) -> str:
        return _look_up({status_uri_reference(known): known for known in self.status_uris}, reference)


def _look_up(known: dict[bytes, _Referenced], reference: bytes) -> _Referenced:
    if reference not in known:
        raise UnknownReferenceError("test: not among the known references")
    return known[reference]
