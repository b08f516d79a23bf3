"""Bodies of the provider's endpoints."""

from typing import Annotated

import msgspec
from msgspec import Meta


class ProviderMetadata(msgspec.Struct, frozen=True):
    """What a client must know of the provider (OpenID Connect Discovery 1.0 §3)."""

    issuer: Annotated[str, Meta(examples=["http://127.0.0.1:8000/sandbox/idp"])]
    authorization_endpoint: Annotated[str, Meta(examples=["http://127.0.0.1:8000/sandbox/idp/authorize"])]
    token_endpoint: Annotated[str, Meta(examples=["http://127.0.0.1:8000/sandbox/idp/token"])]
    jwks_uri: Annotated[str, Meta(examples=["http://127.0.0.1:8000/sandbox/idp/jwks"])]
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

    kty: Annotated[str, Meta(examples=["EC"])]
    crv: Annotated[str, Meta(examples=["P-256"])]
    x: Annotated[str, Meta(examples=["MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"])]
    y: Annotated[str, Meta(examples=["4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"])]
    kid: Annotated[str, Meta(examples=["cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"])]
    use: str = "sig"
    alg: str = "ES256"


class JwkSet(msgspec.Struct, frozen=True):
    """The provider's keys."""

    keys: tuple[PublicJwk, ...]


class IdTokenAnswer(msgspec.Struct, frozen=True):
    """The answer to a good token request (OpenID Connect Core §3.1.3.3)."""

    id_token: Annotated[str, Meta(examples=["eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOi…"])]
    access_token: Annotated[
        str,
        Meta(
            description="Demanded by OAuth; it opens nothing, for this provider has no userinfo endpoint.",
            examples=["8xLOxBtZp8"],
        ),
    ]
    token_type: Annotated[str, Meta(examples=["Bearer"])]
    expires_in: Annotated[int, Meta(description="Seconds.", examples=[300])]


class TokenRefusal(msgspec.Struct, frozen=True):
    """The answer to a refused token request (RFC 6749 §5.2)."""

    error: Annotated[str, Meta(examples=["invalid_grant"])]
