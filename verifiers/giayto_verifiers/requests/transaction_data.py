"""Transaction data: what the holder confirms together with the presentation (OpenID4VP 1.0 §8.4, appendix B.3.3)."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

from giayto_crypto import b64url, strict_json
from giayto_crypto.errors import GiaytoError

HASH_NAME: Final = "sha-256"
STATEMENT: Final = "urn:giayto:transaction-data:statement:1"
"""The one type that giayto's own wallet understands: a sentence that the holder confirms, and a reference to it."""
_STATEMENT_MEMBERS: Final = frozenset(
    {"type", "credential_ids", "transaction_data_hashes_alg", "statement_vi", "statement_en", "reference"}
)
_STATEMENT_TEXTS: Final = ("statement_vi", "statement_en", "reference")
_MAX_BYTES: Final = 8 * 1024


class TransactionDataError(GiaytoError):
    """Transaction data that a wallet must refuse, or that nobody should send."""

    code = "invalid_transaction_data"
    message_vi = "Nội dung giao dịch cần xác nhận không hợp lệ hoặc không được hỗ trợ."
    message_en = "The transaction to confirm is not valid or not supported."


def statement(credential_ids: Iterable[str], *, statement_vi: str, statement_en: str, reference: str) -> dict[str, Any]:
    """Return transaction data of the type `STATEMENT`, to be encoded by `encode_transaction_data`."""
    return {
        "type": STATEMENT,
        "credential_ids": list(credential_ids),
        "transaction_data_hashes_alg": [HASH_NAME],
        "statement_vi": statement_vi,
        "statement_en": statement_en,
        "reference": reference,
    }


def encode_transaction_data(members: Mapping[str, Any]) -> str:
    """Return the string that the request carries, over which the hash is made."""
    return b64url.encode(strict_json.canonical(members))


def transaction_data_hash(encoded: str) -> str:
    """Return the hash that the holder's proof must carry: over the encoded string, which is not decoded before."""
    return b64url.encode(sha256(encoded.encode("ascii")).digest())


def read_transaction_data(encoded: object, credential_ids: Iterable[str]) -> dict[str, Any]:
    """Read one entry of the request's `transaction_data`, whatever its type.

    Args:
        encoded: as it stands in the request.
        credential_ids: of the query of the same request.

    Raises:
        TransactionDataError: not base64url of a JSON object with `type`, `credential_ids` of this query, and sha-256
            among its hash algorithms.
    """
    if not isinstance(encoded, str):
        raise TransactionDataError("transaction_data: strings are expected")
    try:
        members = strict_json.loads_object(b64url.decode(encoded), max_bytes=_MAX_BYTES)
    except GiaytoError as error:
        raise TransactionDataError(f"transaction_data: {error.detail}") from error
    referenced = members.get("credential_ids")
    if not isinstance(members.get("type"), str) or not isinstance(referenced, list) or not referenced:
        raise TransactionDataError("transaction_data: type and credential_ids are expected")
    if not all(isinstance(name, str) for name in referenced) or not set(credential_ids).issuperset(referenced):
        raise TransactionDataError("transaction_data: credential_ids names a credential that is not asked for")
    algorithms = members.get("transaction_data_hashes_alg", [HASH_NAME])
    if not isinstance(algorithms, list) or HASH_NAME not in algorithms:
        raise TransactionDataError("transaction_data: sha-256 must be among transaction_data_hashes_alg")
    return members


def require_statement(members: Mapping[str, Any]) -> None:
    """Refuse transaction data that is not exactly a `STATEMENT` (§8.5: unknown types and fields are refused).

    Raises:
        TransactionDataError: another type, an unknown field, or a text that is missing.
    """
    if members.get("type") != STATEMENT:
        raise TransactionDataError("transaction_data: a type that this wallet does not know")
    if not _STATEMENT_MEMBERS.issuperset(members):
        raise TransactionDataError("transaction_data: a field that its type does not have")
    if not all(isinstance(members.get(name), str) and members[name] for name in _STATEMENT_TEXTS):
        raise TransactionDataError("transaction_data: statement_vi, statement_en and reference are needed")
