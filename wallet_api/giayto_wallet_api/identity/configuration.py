"""Which identity provider an installation has."""

from cryptography.hazmat.primitives.asymmetric import ec

from giayto_crypto.keys import LocalSigner
from giayto_wallet_api.envelope.subject_hash import SubjectHasher
from giayto_wallet_api.identity.citizen_identity import IdentityProvider
from giayto_wallet_api.identity.id_token import OidcIdentityProvider
from giayto_wallet_api.identity.sandbox_provider.authorization_request import CLIENT_ID
from giayto_wallet_api.identity.sandbox_provider.population import Population, read_population
from giayto_wallet_api.identity.sandbox_provider.provider import SandboxProvider
from giayto_wallet_api.server_keys import ServerKeys
from giayto_wallet_api.settings import Settings, SettingsError

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def build_sandbox_provider(settings: Settings, keys: ServerKeys) -> SandboxProvider | None:
    """Return the sandbox identity provider; None in production.

    Raises:
        SettingsError: a population is configured in production, where everybody could log in as anybody.
    """
    if not settings.is_sandbox:
        if settings.population_file is not None:
            raise SettingsError("GIAYTO_POPULATION_FILE: the sandbox identity provider is refused in production")
        return None
    path = settings.population_file
    return SandboxProvider(
        base_url=settings.base_url,
        population=Population(()) if path is None else read_population(path),
        signer=_sandbox_signer(keys),
        subject_hasher=SubjectHasher(keys.derive("sandbox-identity-sub")),
    )


def trusted_provider(sandbox_provider: SandboxProvider | None) -> IdentityProvider | None:
    """Return whose ID tokens this installation accepts; None when it has no identity provider yet."""
    if sandbox_provider is None:
        return None
    key = sandbox_provider.public_key
    return OidcIdentityProvider(issuer=sandbox_provider.issuer, client_id=CLIENT_ID, keys={key.thumbprint: key})


def _sandbox_signer(keys: ServerKeys) -> LocalSigner:
    # Derived, so that all processes of a sandbox agree without one more key file.
    secret = int.from_bytes(keys.derive("sandbox-identity-signature")) % (_P256_ORDER - 1) + 1
    return LocalSigner(ec.derive_private_key(secret, ec.SECP256R1()))
