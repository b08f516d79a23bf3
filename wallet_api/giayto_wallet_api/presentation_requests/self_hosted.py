"""For verifiers that sign their requests themselves: the registration that wallets show the name from."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto import b64url
from giayto_crypto.errors import MalformedError
from giayto_verifiers.requests import ClientIdPrefix
from giayto_wallet_api.presentation_requests.identity import REGISTRATION_LIFETIME, domains_of, registration_token
from giayto_wallet_api.presentation_requests.principal import VerifierClient
from giayto_wallet_api.presentation_requests.schemas import Registration
from giayto_wallet_api.presentation_requests.tables import verifier_certificates
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime


async def registration_of(runtime: Runtime, verifier: VerifierClient, client_id: str) -> Registration:
    """Return a signed registration for one of the verifier's own client identifiers.

    Raises:
        NotFoundError: neither the hash of a registered certificate nor a pinned domain of the verifier.
        HostedRequestsOffError: the server has no certificate to sign it with.
    """
    now = runtime.clock()
    async with runtime.database.read() as tx:
        domains = await domains_of(tx, verifier.verifier_id)
        if not await _is_its_own(tx, verifier.verifier_id, client_id, domains, now):
            raise NotFoundError("register the certificate or the domain first")
    token = registration_token(runtime, verifier, client_id, domains, now)
    return Registration(client_id=client_id, registration=token, expires_at=now + REGISTRATION_LIFETIME)


async def _is_its_own(
    tx: AsyncConnection, verifier_id: str, client_id: str, domains: tuple[str, ...], now: datetime
) -> bool:
    prefix, _, name = client_id.partition(":")
    if prefix == ClientIdPrefix.X509_SAN_DNS:
        return name in domains
    if prefix != ClientIdPrefix.X509_HASH:
        return False
    try:
        digest = b64url.decode(name)
    except MalformedError:
        return False
    certificates = verifier_certificates.c
    found = await tx.execute(
        select(certificates.leaf_sha256).where(
            certificates.verifier_id == verifier_id,
            certificates.leaf_sha256 == digest,
            certificates.valid_until > now,
        )
    )
    return found.first() is not None
