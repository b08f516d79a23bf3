"""Bodies of the provider's endpoints."""

from typing import Annotated

import msgspec
from msgspec import Meta


class ProviderMetadata(msgspec.Struct, frozen=True):
    """What a client must know of the provider (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    scopes_supported: tuple[str, ...] = ("openid",)
    response_types_supported: tuple[str, ...] = ("code",)
    response_modes_supported: tuple[str, ...] = ("query",)
    grant_types_supported: tuple[str, ...] = ("authorization_code",)
    subject_types_supported: tuple[str, ...] = ("pairwise",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("ES256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("none",)
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    claims_supported: tuple[str, ...] = (
        "sub", "personal_number", "full_name", "birth_date", "tax_code", "organisation_name",
    )  # fmt: skip
    ui_locales_supported: tuple[str, ...] = ("vi", "en")
    authorization_response_iss_parameter_supported: bool = True


class PublicJwk(msgspec.Struct, frozen=True):
    """The provider's key, public part (RFC 7517)."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str = "sig"
    alg: str = "ES256"


class JwkSet(msgspec.Struct, frozen=True):
    """The provider's keys."""

    keys: tuple[PublicJwk, ...]


class IdTokenAnswer(msgspec.Struct, frozen=True):
    """The answer to a good token request (OpenID Connect Core §3.1.3.3)."""

    id_token: str
    access_token: Annotated[
        str, Meta(description="Demanded by OAuth; it opens nothing, for this provider has no userinfo endpoint.")
    ]
    token_type: str
    expires_in: Annotated[int, Meta(description="Seconds.")]


class TokenRefusal(msgspec.Struct, frozen=True):
    """The answer to a refused token request (RFC 6749 §5.2)."""

    error: str


_ISSUER = "http://127.0.0.1:8000/sandbox/idp"
METADATA_EXAMPLE = msgspec.to_builtins(
    ProviderMetadata(
        issuer=_ISSUER,
        authorization_endpoint=f"{_ISSUER}/authorize",
        token_endpoint=f"{_ISSUER}/token",
        jwks_uri=f"{_ISSUER}/jwks",
    )
)
JWKS_EXAMPLE = msgspec.to_builtins(
    JwkSet(
        (
            PublicJwk(
                kty="EC",
                crv="P-256",
                x="MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                y="4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
                kid="cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
            ),
        )
    )
)
TOKEN_EXAMPLE = {"id_token": "eyJ…", "access_token": "8xLOxBtZp8…", "token_type": "Bearer", "expires_in": 300}
REFUSAL_EXAMPLE = {"error": "invalid_grant"}
