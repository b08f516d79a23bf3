"""The giayto QR: a standard SD-JWT VC presentation near its entropy floor (docs/qr.md)."""

from giayto_crypto.qr.codec import PREFIX, is_qr_text, pack, unpack
from giayto_crypto.qr.references import (
    ISSUER_REFERENCE_BYTES,
    STATUS_URI_REFERENCE_BYTES,
    VCT_REFERENCE_BYTES,
    ReferencedIssuer,
    References,
    issuer_reference,
    status_uri_reference,
    vct_reference,
)

__all__ = [
    "ISSUER_REFERENCE_BYTES",
    "PREFIX",
    "STATUS_URI_REFERENCE_BYTES",
    "VCT_REFERENCE_BYTES",
    "ReferencedIssuer",
    "References",
    "is_qr_text",
    "issuer_reference",
    "pack",
    "status_uri_reference",
    "unpack",
    "vct_reference",
]
