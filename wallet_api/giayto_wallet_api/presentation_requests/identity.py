"""As whom the server asks: its certificate for requests, and what it says of the verifier behind a request."""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.verifier_registration import VerifierRegistration, sign_registration
from giayto_verifiers.requests import ClientIdPrefix, VerifierIdentity
from giayto_wallet_api.presentation_requests.principal import VerifierClient
from giayto_wallet_api.presentation_requests.problems import HostedRequestsOffError
from giayto_wallet_api.presentation_requests.tables import verifier_domains
from giayto_wallet_api.runtime import Runtime

REGISTRATION_LIFETIME: Final = timedelta(hours=1)


def hosted_identity(runtime: Runtime, prefix: ClientIdPrefix) -> VerifierIdentity:
    """Return the identity that hosted requests are signed with.

    Raises:
        HostedRequestsOffError: the server has no certificate for it.
        CertificateError: `x509_san_dns`, and the certificate does not name the host of the server.
    """
    keys = runtime.keys.presentation_request
    if keys is None:
        raise HostedRequestsOffError("presentation-request.key.pem and .chain.pem are not in the keys folder")
    if prefix is ClientIdPrefix.X509_HASH:
        return VerifierIdentity.by_hash(keys.signer, keys.chain)
    host = urlsplit(runtime.settings.base_url).hostname or ""
    return VerifierIdentity.by_dns_name(keys.signer, keys.chain, host)


def identity_for(runtime: Runtime, client_id: str) -> VerifierIdentity:
    """Return the hosted identity of a client identifier that was made here; see `hosted_identity`."""
    return hosted_identity(runtime, ClientIdPrefix(client_id.partition(":")[0]))


async def domains_of(tx: AsyncConnection, verifier_id: str) -> tuple[str, ...]:
    """Return the domains that are the verifier's own."""
    domains = verifier_domains.c
    rows = await tx.execute(select(domains.domain).where(domains.verifier_id == verifier_id).order_by(domains.domain))
    return tuple(domain for (domain,) in rows)


def registration_token(
    runtime: Runtime, verifier: VerifierClient, client_id: str, domains: tuple[str, ...], now: datetime
) -> str:
    """Sign what the trust scheme says of a verifier, for requests under one client identifier.

    Raises:
        HostedRequestsOffError: the server has no certificate for it.
    """
    keys = runtime.keys.verifier_registration
    if keys is None:
        raise HostedRequestsOffError("verifier-registration.key.pem and .chain.pem are not in the keys folder")
    registration = VerifierRegistration(
        iss=runtime.settings.base_url,
        sub=client_id,
        verifier_id=verifier.verifier_id,
        names=verifier.names,
        domains=domains,
        iat=int(now.timestamp()),
        exp=int((now + REGISTRATION_LIFETIME).timestamp()),
    )
    return sign_registration(registration, signer=keys.signer, x5c=keys.chain)
