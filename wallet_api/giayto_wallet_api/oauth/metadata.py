"""What the authorization server says of itself (RFC 8414 §2, RFC 9126 §5, RFC 9207 §3, OpenID4VCI 1.0 §12.3)."""

from typing import Final

import msgspec

from giayto_issuers.document_type.credential_configuration import configuration_id
from giayto_wallet_api.agencies.principal import AGENCY_SCOPE
from giayto_wallet_api.authorization.details import DETAILS_TYPE
from giayto_wallet_api.authorization.token_grants import AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE, REFRESH_TOKEN
from giayto_wallet_api.presentation_requests.principal import VERIFIER_SCOPE
from giayto_wallet_api.runtime import Runtime

_SIGNING_ALGORITHMS: Final = ("ES256",)


class AuthorizationServerMetadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 8414 §2. Where no citizen can log in yet, there is no authorization endpoint."""

    issuer: str
    token_endpoint: str
    grant_types_supported: tuple[str, ...]
    response_types_supported: tuple[str, ...]
    scopes_supported: tuple[str, ...]
    token_endpoint_auth_methods_supported: tuple[str, ...]
    token_endpoint_auth_signing_alg_values_supported: tuple[str, ...]
    dpop_signing_alg_values_supported: tuple[str, ...]
    pre_authorized_grant_anonymous_access_supported: bool = msgspec.field(
        name="pre-authorized_grant_anonymous_access_supported"
    )
    authorization_endpoint: str | None = None
    pushed_authorization_request_endpoint: str | None = None
    require_pushed_authorization_requests: bool | None = None
    code_challenge_methods_supported: tuple[str, ...] | None = None
    authorization_details_types_supported: tuple[str, ...] | None = None
    authorization_response_iss_parameter_supported: bool | None = None


METADATA_EXAMPLE: Final = {
    "issuer": "https://giayto.example",
    "token_endpoint": "https://giayto.example/oauth/token",
    "grant_types_supported": ["client_credentials", PRE_AUTHORIZED_CODE, REFRESH_TOKEN, AUTHORIZATION_CODE],
    "response_types_supported": ["code"],
    "scopes_supported": [AGENCY_SCOPE, "referral.1"],
    "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
    "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
    "dpop_signing_alg_values_supported": ["ES256"],
    "pre-authorized_grant_anonymous_access_supported": True,
}


def server_metadata(runtime: Runtime) -> AuthorizationServerMetadata:
    """Return the metadata of this installation."""
    issuer = runtime.settings.base_url
    grants: tuple[str, ...] = ("client_credentials", PRE_AUTHORIZED_CODE, REFRESH_TOKEN)
    metadata = AuthorizationServerMetadata(
        issuer=issuer,
        token_endpoint=f"{issuer}/oauth/token",
        grant_types_supported=grants,
        response_types_supported=(),
        scopes_supported=(AGENCY_SCOPE, VERIFIER_SCOPE, *(configuration_id(each) for each in runtime.document_types)),
        token_endpoint_auth_methods_supported=("private_key_jwt", "none"),
        token_endpoint_auth_signing_alg_values_supported=_SIGNING_ALGORITHMS,
        dpop_signing_alg_values_supported=_SIGNING_ALGORITHMS,
        pre_authorized_grant_anonymous_access_supported=True,
        authorization_details_types_supported=(DETAILS_TYPE,),
    )
    if runtime.citizen_login is None:
        return metadata
    return msgspec.structs.replace(
        metadata,
        grant_types_supported=(*grants, AUTHORIZATION_CODE),
        response_types_supported=("code",),
        authorization_endpoint=f"{issuer}/oauth/authorize",
        pushed_authorization_request_endpoint=f"{issuer}/oauth/par",
        require_pushed_authorization_requests=True,
        code_challenge_methods_supported=("S256",),
        authorization_response_iss_parameter_supported=True,
    )
