"""Credentials of the giayto profile, issued by the code under test with fixed keys and times."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from giayto_crypto.keys import Signer
from giayto_crypto.sdjwt import (
    IN_PERSON_AUDIENCE,
    ClaimPath,
    StatusReference,
    UnverifiedSdJwt,
    issue_credential,
    present,
)
from sample_credentials.keys import HOLDER, ISSUER

NOW = datetime(2026, 11, 22, 9, 0, 30, tzinfo=UTC)
ISSUER_URL = "https://h26.agency.example"
VCT = "urn:example:type:test-record:1"
STATUS = StatusReference("https://wallet.example/public/v1/status-lists/1", 70_321)
CLAIMS: Mapping[str, Any] = {
    "personal_number": "001099012345",
    "full_name": "Nguyễn Thị Ánh Tuyết",
    "birth_date": "1999-02-28",
    "sex": "female",
    "address": "Phường Hoàn Kiếm, Hà Nội",
    "record_number": "LL-2026-0001",
    "issued_on": "2026-11-20",
    "valid_until": "2027-05-20",
    "has_record": False,
    "purpose": "Xin việc làm",
}


def _self_signed(signer: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test agency")])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=signer.public_key.cryptography_key,
        serial_number=1,
        not_valid_before=NOW - timedelta(days=30),
        not_valid_after=NOW + timedelta(days=700),
    )
    return builder.sign(signer.private_key, hashes.SHA256()).public_bytes(Encoding.DER)


X5C = (_self_signed(ISSUER),)


def issue_values(**changes: Any) -> dict[str, Any]:
    """Return the arguments of `issue_credential` for the sample credential, with these changes."""
    values: dict[str, Any] = {
        "issuer": ISSUER_URL,
        "vct": VCT,
        "holder_key": HOLDER.public_key,
        "status": STATUS,
        "issued_at": NOW - timedelta(days=2),
        "not_before": NOW - timedelta(days=2),
        "expires_at": NOW + timedelta(days=365),
        "claims": CLAIMS,
        "signer": ISSUER,
        "x5c": X5C,
    }
    return values | changes


def issue(claims: Mapping[str, Any] = CLAIMS, **changes: Any) -> UnverifiedSdJwt:
    """Issue a credential and read it back."""
    return UnverifiedSdJwt.parse_issued(issue_credential(**issue_values(claims=claims, **changes)))


def present_in_person(credential: UnverifiedSdJwt, paths: Iterable[ClaimPath], *, holder: Signer = HOLDER) -> str:
    """Present claims as a QR does."""
    nonce = "AAECAwQFBgcICQoLDA0ODw"
    return present(credential, paths, holder=holder, audience=IN_PERSON_AUDIENCE, nonce=nonce, now=NOW)
