"""Which device of which wallet calls, and the guard that establishes it."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import SkipValidation

from giayto_wallet_api.audit.log import Actor, wallet_actor
from giayto_wallet_api.devices.access_tokens import find_session
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.runtime import runtime_of

_STATE_KEY: Final = "giayto_citizen"


@dataclass(frozen=True, slots=True)
class Citizen:
    """An authenticated device of a wallet. Every query about the wallet's things starts from `wallet_id` here."""

    wallet_id: str
    device_id: str
    session_expires_at: datetime

    @property
    def actor(self) -> Actor:
        """How the audit log names the holder."""
        return wallet_actor(self.wallet_id)


CitizenDependency = NamedDependency[SkipValidation[Citizen]]
"""The type of a handler's `citizen` parameter, behind `requires_citizen`."""


async def requires_citizen(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let only an enrolled device pass, with a current access token and a proof of its device key.

    Raises:
        InvalidTokenError: no current token, or one that is bound to another key.
        DpopProofError: no valid, fresh, unused proof.
    """
    runtime = runtime_of(connection)
    token, proof = await runtime.dpop.prove_token_use(connection)
    async with runtime.database.read() as tx:
        session = await find_session(tx, token, runtime.clock())
    if not hmac.compare_digest(proof.key.thumbprint, session.key_thumbprint):
        raise InvalidTokenError("the access token is bound to another key")
    connection.scope["state"][_STATE_KEY] = Citizen(session.wallet_id, session.device_id, session.expires_at)


async def provide_citizen(request: Request[Any, Any, Any]) -> Citizen:
    """Return who `requires_citizen` let pass."""
    citizen: Citizen = request.scope["state"][_STATE_KEY]
    return citizen
