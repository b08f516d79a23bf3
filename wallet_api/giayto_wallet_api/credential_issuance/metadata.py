"""Credential issuer metadata (OpenID4VCI 1.0 §12.2), plain and signed."""

from datetime import datetime
from typing import Any, Final

from giayto_crypto import strict_json
from giayto_crypto.certified_jws import sign_certified
from giayto_crypto.jwe import ALGORITHM, ENCRYPTIONS
from giayto_issuers.document_type.credential_configuration import configuration_id, credential_configuration
from giayto_wallet_api.runtime import Runtime

SIGNED_METADATA_TYP: Final = "openidvci-issuer-metadata+jwt"
BATCH_SIZE: Final = 20
"""Most copies of one request. A wallet uses each once and comes back for more."""
NONCE_PATH: Final = "/oid4vci/nonce"
CREDENTIAL_PATH: Final = "/oid4vci/credential"
DEFERRED_PATH: Final = "/oid4vci/deferred-credential"
NOTIFICATION_PATH: Final = "/oid4vci/notification"
_SIGNED_LIFETIME_SECONDS: Final = 24 * 3600
_DISPLAY: Final = (
    {"name": "Ví giấy tờ", "locale": "vi"},
    {"name": "Document wallet", "locale": "en"},
)


def issuer_metadata(runtime: Runtime) -> dict[str, Any]:
    """Return the metadata; the configurations are those of the document types."""
    issuer = runtime.settings.base_url
    return {
        "credential_issuer": issuer,
        "credential_endpoint": f"{issuer}{CREDENTIAL_PATH}",
        "nonce_endpoint": f"{issuer}{NONCE_PATH}",
        "deferred_credential_endpoint": f"{issuer}{DEFERRED_PATH}",
        "notification_endpoint": f"{issuer}{NOTIFICATION_PATH}",
        "credential_request_encryption": {
            "jwks": {"keys": [runtime.issuance.request_key.jwk]},
            "enc_values_supported": list(ENCRYPTIONS),
            "encryption_required": False,
        },
        "credential_response_encryption": {
            "alg_values_supported": [ALGORITHM],
            "enc_values_supported": list(ENCRYPTIONS),
            "encryption_required": False,
        },
        "batch_credential_issuance": {"batch_size": BATCH_SIZE},
        "display": list(_DISPLAY),
        "credential_configurations_supported": {
            configuration_id(each): credential_configuration(each) for each in runtime.document_types
        },
    }


def plain_metadata(runtime: Runtime) -> bytes:
    """Return the metadata as JSON."""
    return strict_json.canonical(issuer_metadata(runtime))


def signed_metadata(runtime: Runtime, now: datetime) -> str | None:
    """Return the metadata as a JWS with its signer's certificates (§12.2.3); None where no key was made for that.

    The certificate chains to the root that verifiers and wallets of this scheme pin.
    """
    identity = runtime.keys.issuer_metadata
    if identity is None:
        return None
    issuer = runtime.settings.base_url
    issued_at = int(now.timestamp())
    payload = {
        "iss": issuer,
        "sub": issuer,
        "iat": issued_at,
        "exp": issued_at + _SIGNED_LIFETIME_SECONDS,
        **issuer_metadata(runtime),
    }
    return sign_certified(payload, typ=SIGNED_METADATA_TYP, signer=identity.signer, x5c=identity.chain)
