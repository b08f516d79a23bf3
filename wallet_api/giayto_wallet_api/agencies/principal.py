"""Who calls on behalf of an agency, and the guard that establishes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import SkipValidation
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.agencies.registration import client_id_of, split_client_id
from giayto_wallet_api.agencies.tables import agency_clients
from giayto_wallet_api.audit.log import Actor, agency_actor
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.limits.quotas import spend_agency_request
from giayto_wallet_api.oauth.access_tokens import AccessToken
from giayto_wallet_api.problems import ForbiddenError
from giayto_wallet_api.runtime import runtime_of

AGENCY_SCOPE: Final = "issuer"
"""What an agency's access token must have been asked for."""
_SUBJECT_PREFIX: Final = "client:"
_STATE_KEY: Final = "giayto_agency_client"


@dataclass(frozen=True, slots=True)
class AgencyClient:
    """An authenticated client of an agency."""

    agency_id: str
    client_name: str

    @property
    def client_id(self) -> str:
        """Its OAuth client identifier."""
        return client_id_of(self.agency_id, self.client_name)

    @property
    def token_subject(self) -> str:
        """How its access tokens name it."""
        return f"{_SUBJECT_PREFIX}{self.client_id}"

    @property
    def actor(self) -> Actor:
        """How the audit log names it."""
        return agency_actor(self.agency_id)


AgencyClientDependency = NamedDependency[SkipValidation[AgencyClient]]
"""The type of a handler's `client` parameter, behind `requires_agency`."""


async def requires_agency(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let only a registered client of an agency pass, with a valid token and a proof of its key.

    Raises:
        InvalidTokenError: no valid token, or a client that is no longer registered.
        DpopProofError: no valid proof.
        ForbiddenError: the token was asked for something else.
        TooManyRequestsError: the agency has asked too often.
    """
    runtime = runtime_of(connection)
    token = await runtime.dpop.authenticate(connection, spend=_spend_request)
    if AGENCY_SCOPE not in token.scope.split() or not token.subject.startswith(_SUBJECT_PREFIX):
        raise ForbiddenError("the access token is not for agencies")
    client = AgencyClient(*split_client_id(token.subject.removeprefix(_SUBJECT_PREFIX)))
    async with runtime.database.read() as tx:
        clients = agency_clients.c
        known = await tx.execute(
            select(clients.client_name).where(
                clients.agency_id == client.agency_id, clients.client_name == client.client_name
            )
        )
        if known.first() is None:
            raise InvalidTokenError("the client is not registered")
    connection.scope["state"][_STATE_KEY] = client


async def _spend_request(tx: AsyncConnection, token: AccessToken, now: datetime) -> None:
    if token.subject.startswith(_SUBJECT_PREFIX):
        agency_id, _ = split_client_id(token.subject.removeprefix(_SUBJECT_PREFIX))
        await spend_agency_request(tx, agency_id, now)


async def provide_agency_client(request: Request[Any, Any, Any]) -> AgencyClient:
    """Return who `requires_agency` let pass."""
    client: AgencyClient = request.scope["state"][_STATE_KEY]
    return client
