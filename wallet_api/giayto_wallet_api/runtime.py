"""What the features of one running application share. `giayto_wallet_api.app` makes it, handlers receive it
as `runtime`.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from giayto_issuers.document_type.loading import load_types
from giayto_issuers.document_type.model import DocumentTypes
from giayto_wallet_api.clock import Clock
from giayto_wallet_api.credential_issuance.parts import IssuanceParts, build_issuance_parts
from giayto_wallet_api.dpop.gate import DpopGate
from giayto_wallet_api.dpop.nonces import DpopNonces
from giayto_wallet_api.envelope.encryption import Envelope
from giayto_wallet_api.envelope.subject_hash import SubjectHasher
from giayto_wallet_api.identity.citizen_identity import IdentityProvider
from giayto_wallet_api.identity.citizen_login import CitizenLogin, SandboxLogin
from giayto_wallet_api.identity.configuration import build_sandbox_provider, trusted_provider
from giayto_wallet_api.identity.sandbox_provider.provider import SandboxProvider
from giayto_wallet_api.oauth.access_tokens import AccessTokens
from giayto_wallet_api.server_keys import ServerKeys
from giayto_wallet_api.settings import Settings
from giayto_wallet_api.status.reservation_marks import ReservationMarks
from giayto_wallet_api.status.revocation_export import RevocationExport
from giayto_wallet_api.status.turns import Turns
from giayto_wallet_api.store.database import Database
from giayto_wallet_api.wallets.service import Wallets


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Settings, time, keys and store of one application."""

    settings: Settings
    clock: Clock
    keys: ServerKeys
    database: Database
    revocation_export: RevocationExport | None
    reservation_marks: ReservationMarks | None
    status_list_turns: Turns
    access_tokens: AccessTokens
    dpop: DpopGate
    envelope: Envelope
    wallets: Wallets
    subject_hasher: SubjectHasher
    document_types: DocumentTypes
    content_digest_key: bytes = field(repr=False)
    bulk_turns: asyncio.Semaphore
    """Batches of rows that are worked on at the same time; the others wait for their turn, each stream for one."""
    identity_provider: IdentityProvider | None
    sandbox_provider: SandboxProvider | None
    citizen_login: CitizenLogin | None
    """How citizens log in with a browser for wallets by other makers; None where they cannot yet."""
    issuance: IssuanceParts


BATCHES_AT_ONCE: Final = 2
"""Two: while one is being stored, another is checked. More would only take turns of the others' processor."""

RuntimeDependency = NamedDependency[SkipValidation[Runtime]]
"""The type of a handler's `runtime` parameter."""


def build_runtime(settings: Settings, *, clock: Clock, keys: ServerKeys | None = None) -> Runtime:
    """Wire the parts together; nothing is connected yet.

    Args:
        settings: see `Settings`.
        clock: the source of the present moment.
        keys: the server's keys; read from `settings.keys_folder` when not given.
    """
    keys = keys or ServerKeys.load(settings.keys_folder)
    database = Database(settings.database_url, pool_size=settings.database_pool)
    access_tokens = AccessTokens(issuer=settings.base_url, signer=keys.access_token)
    dpop = DpopGate(
        base_url=settings.base_url,
        database=database,
        clock=clock,
        nonces=DpopNonces(keys.derive("dpop-nonce")),
        access_tokens=access_tokens,
    )
    sandbox_provider = build_sandbox_provider(settings, keys)
    identity_provider = trusted_provider(sandbox_provider)
    subject_hasher = SubjectHasher(keys.derive("subject-lookup"))
    envelope = Envelope(keys.wrapping_key)
    revocation_export = _revocation_export(settings, clock, database)
    return Runtime(
        settings=settings,
        clock=clock,
        keys=keys,
        database=database,
        revocation_export=revocation_export,
        reservation_marks=_reservation_marks(settings, clock),
        status_list_turns=Turns(),
        access_tokens=access_tokens,
        dpop=dpop,
        envelope=envelope,
        wallets=Wallets(envelope, subject_hasher),
        subject_hasher=subject_hasher,
        document_types=load_types(settings.types_folder),
        content_digest_key=keys.derive("content-digest"),
        bulk_turns=asyncio.Semaphore(BATCHES_AT_ONCE),
        identity_provider=identity_provider,
        sandbox_provider=sandbox_provider,
        citizen_login=_citizen_login(sandbox_provider, identity_provider, database),
        issuance=build_issuance_parts(settings, keys),
    )


def _revocation_export(settings: Settings, clock: Clock, database: Database) -> RevocationExport | None:
    if settings.revocations_folder is None:
        return None
    export = RevocationExport(settings.revocations_folder, clock)
    database.before_commit(export.before_commit)
    return export


def _reservation_marks(settings: Settings, clock: Clock) -> ReservationMarks | None:
    return None if settings.revocations_folder is None else ReservationMarks(settings.revocations_folder, clock)


def _citizen_login(
    provider: SandboxProvider | None, verifier: IdentityProvider | None, database: Database
) -> CitizenLogin | None:
    if provider is None or verifier is None:
        return None
    return SandboxLogin(provider, verifier, database)


def runtime_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Runtime:
    """Return the runtime of the application that serves a connection; for guards, which get no dependencies."""
    runtime: Runtime = connection.app.state.runtime
    return runtime
