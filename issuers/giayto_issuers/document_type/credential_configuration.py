"""A document type as a credential configuration of OpenID4VCI 1.0: what a wallet reads before it asks for a copy."""

from typing import Any

from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.document_type.published import display_of_type

FORMAT = "dc+sd-jwt"
BINDING_METHOD = "jwk"
PROOF_TYPE = "jwt"
ALGORITHM = "ES256"


def configuration_id(document_type: DocumentType) -> str:
    """Return the `credential_configuration_id`, which is the scope as well: `health-book.1`.

    Two versions of a type are two configurations. A dot is in no code, so no two types share an identifier.
    """
    return f"{document_type.code}.{document_type.version}"


def credential_configuration(document_type: DocumentType) -> dict[str, Any]:
    """Return the configuration of a type (OpenID4VCI 1.0 §12.2.4, Appendices A.3.2 and B.2).

    It is the value of `credential_configurations_supported[configuration_id(document_type)]`. Claims stand in the
    type's order, which is the one in which to show them; elements of a list without a label are left out.
    """
    return {
        "format": FORMAT,
        "vct": document_type.vct,
        "scope": configuration_id(document_type),
        "cryptographic_binding_methods_supported": [BINDING_METHOD],
        "credential_signing_alg_values_supported": [ALGORITHM],
        "proof_types_supported": {PROOF_TYPE: {"proof_signing_alg_values_supported": [ALGORITHM]}},
        "credential_metadata": {"display": display_of_type(document_type), "claims": _claims(document_type)},
    }


def _claims(document_type: DocumentType) -> list[dict[str, Any]]:
    return [
        {
            "path": claim["path"],
            "mandatory": claim["mandatory"],
            "display": [{"locale": shown["locale"], "name": shown["label"]} for shown in claim["display"]],
        }
        for claim in document_type.type_metadata()["claims"]
        if "display" in claim
    ]
