"""What a deposited record says, encrypted under a data key of its own (envelope encryption)."""

from collections.abc import Mapping
from typing import Any

from giayto_crypto import strict_json
from giayto_issuers.claims import check_claims
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.records.validation import ValidRecord, subject_identity
from giayto_issuers.validity import document_period
from giayto_wallet_api.deposits.schemas import MAX_RECORD_BYTES
from giayto_wallet_api.envelope.encryption import Envelope, Place


def seal(envelope: Envelope, claims: Mapping[str, Any], document_id: str, version: int) -> tuple[bytes, bytes]:
    """Return a fresh wrapped key and the claims under it; both decrypt for this document version only."""
    owner = _owner(document_id, version)
    wrapped_key = envelope.new_wallet_key(owner)
    key = envelope.open_wallet_key(wrapped_key, owner)
    return wrapped_key, key.encrypt(strict_json.canonical(dict(claims)), _place(document_id, version))


def unseal(envelope: Envelope, wrapped_key: bytes, sealed: bytes, document_id: str, version: int) -> dict[str, Any]:
    """Return the claims of a deposit; DecryptionError when the store was tampered with."""
    key = envelope.open_wallet_key(wrapped_key, _owner(document_id, version))
    return strict_json.loads_object(key.decrypt(sealed, _place(document_id, version)), max_bytes=MAX_RECORD_BYTES)


def valid_record(document_type: DocumentType, row_key: str, claims: Mapping[str, Any]) -> ValidRecord:
    """Return the record that was deposited, from its claims, checked once more against the type.

    Raises:
        ClaimsError: this release's type no longer takes what was deposited.
    """
    subject = check_claims(document_type, claims)
    period = document_period(document_type.validity, claims)
    return ValidRecord(
        row_number=0,
        row_key=row_key,
        vct=document_type.vct,
        subject=subject,
        identity=subject_identity(document_type, claims),
        claims=claims,
        valid_from=period.valid_from,
        valid_until=period.valid_until,
    )


def _owner(document_id: str, version: int) -> str:
    return f"deposit/{document_id}/{version}"


def _place(document_id: str, version: int) -> Place:
    return Place(table="deposits", row=document_id, column="claims", version=version)
