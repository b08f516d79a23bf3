"""Who calls on behalf of a verifier: by a signed assertion at the token endpoint, by a token afterwards."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import SkipValidation
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.keys import PublicKey
from giayto_crypto.localised import Localised
from giayto_wallet_api.audit.log import Actor
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.presentation_requests.registration import verifier_actor
from giayto_wallet_api.presentation_requests.tables import verifier_keys, verifiers
from giayto_wallet_api.problems import ForbiddenError
from giayto_wallet_api.runtime import runtime_of

VERIFIER_SCOPE: Final = "verifier"
"""What a verifier's access token must have been asked for."""
_SUBJECT_PREFIX: Final = "verifier:"
_STATE_KEY: Final = "giayto_verifier_client"


@dataclass(frozen=True, slots=True)
class VerifierClient:
    """An authenticated verifier."""

    verifier_id: str
    names: Localised

    @property
    def actor(self) -> Actor:
        """How the audit log names it."""
        return verifier_actor(self.verifier_id)


VerifierDependency = NamedDependency[SkipValidation[VerifierClient]]
"""The type of a handler's `verifier` parameter, behind `requires_verifier`."""


def token_subject(verifier_id: str) -> str:
    """How access tokens name a verifier."""
    return f"{_SUBJECT_PREFIX}{verifier_id}"


async def keys_of_verifier(tx: AsyncConnection, verifier_id: str) -> list[PublicKey]:
    """Return the keys that a verifier's assertions may be signed with."""
    rows = await tx.execute(select(verifier_keys.c.point).where(verifier_keys.c.verifier_id == verifier_id))
    return [PublicKey.from_compressed(point) for (point,) in rows]


async def requires_verifier(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let only a registered verifier pass, with a valid token and a proof of its key.

    Raises:
        InvalidTokenError: no valid token, or a verifier that is no longer registered.
        DpopProofError: no valid proof.
        ForbiddenError: the token was asked for something else.
    """
    runtime = runtime_of(connection)
    token = await runtime.dpop.authenticate(connection)
    if VERIFIER_SCOPE not in token.scope.split() or not token.subject.startswith(_SUBJECT_PREFIX):
        raise ForbiddenError("the access token is not for verifiers")
    verifier_id = token.subject.removeprefix(_SUBJECT_PREFIX)
    async with runtime.database.read() as tx:
        row = (await tx.execute(select(verifiers).where(verifiers.c.verifier_id == verifier_id))).first()
    if row is None:
        raise InvalidTokenError("the verifier is not registered")
    names = Localised(vi=row.name_vi, en=row.name_en)
    connection.scope["state"][_STATE_KEY] = VerifierClient(verifier_id, names)


async def provide_verifier(request: Request[Any, Any, Any]) -> VerifierClient:
    """Return who `requires_verifier` let pass."""
    verifier: VerifierClient = request.scope["state"][_STATE_KEY]
    return verifier
