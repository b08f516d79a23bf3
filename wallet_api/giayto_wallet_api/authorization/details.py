"""What a wallet asks for: scopes, and authorization details of type `openid_credential` (OpenID4VCI 1.0 §5.1)."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from giayto_crypto import strict_json
from giayto_crypto.errors import MalformedError
from giayto_issuers.document_type.credential_configuration import configuration_id
from giayto_issuers.document_type.model import DocumentType, DocumentTypes
from giayto_wallet_api.authorization.grants import GrantedDocument
from giayto_wallet_api.oauth.errors import OAuthError

DETAILS_TYPE: Final = "openid_credential"
_MAX_DETAILS_BYTES: Final = 16 * 1024


class InvalidAuthorizationDetailsError(OAuthError):
    """Authorization details that are not understood, or name what is not offered (RFC 9396 §5)."""

    code = "invalid_authorization_details"


def find_configuration(document_types: DocumentTypes, identifier: object) -> DocumentType | None:
    """Return the document type of a `credential_configuration_id`; None when there is none."""
    return next((each for each in document_types if configuration_id(each) == identifier), None)


def read_details(document_types: DocumentTypes, text: str | None) -> Sequence[DocumentType] | None:
    """Return the types that an `authorization_details` parameter names; None when there is no such parameter.

    Raises:
        InvalidAuthorizationDetailsError: not an array of `openid_credential` objects with known configurations.
    """
    if text is None:
        return None
    try:
        details = strict_json.loads(text.encode(), max_bytes=_MAX_DETAILS_BYTES)
    except MalformedError as error:
        raise InvalidAuthorizationDetailsError("authorization_details: a JSON array is expected") from error
    if not isinstance(details, list) or not details:
        raise InvalidAuthorizationDetailsError("authorization_details: a non-empty array is expected")
    return distinct([_read_one(document_types, each) for each in details])


def read_scope(document_types: DocumentTypes, scope: str | None) -> Sequence[DocumentType]:
    """Return the types that a `scope` names; unknown values are ignored (OpenID4VCI 1.0 §5.1.2)."""
    found = (find_configuration(document_types, value) for value in (scope or "").split())
    return distinct([each for each in found if each is not None])


def distinct(types: Iterable[DocumentType]) -> list[DocumentType]:
    """Return each type once, in order."""
    return list({each.vct: each for each in types}.values())


def describe(document_types: DocumentTypes, documents: Sequence[GrantedDocument]) -> list[dict[str, Any]]:
    """Return the `authorization_details` of a token answer, with `credential_identifiers` (§6.2)."""
    by_type: dict[str, list[str]] = {}
    for document in documents:
        by_type.setdefault(document.document_type, []).append(document.document_id)
    return [
        {
            "type": DETAILS_TYPE,
            "credential_configuration_id": configuration_id(document_types[vct]),
            "credential_identifiers": identifiers,
        }
        for vct, identifiers in by_type.items()
    ]


def _read_one(document_types: DocumentTypes, detail: object) -> DocumentType:
    if not isinstance(detail, dict) or detail.get("type") != DETAILS_TYPE:
        raise InvalidAuthorizationDetailsError(f"authorization_details: type must be {DETAILS_TYPE}")
    found = find_configuration(document_types, detail.get("credential_configuration_id"))
    if found is None:
        raise InvalidAuthorizationDetailsError("authorization_details: no such credential_configuration_id")
    return found
