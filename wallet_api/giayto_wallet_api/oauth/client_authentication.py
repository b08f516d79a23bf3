"""Client authentication by a signed assertion (RFC 7523 as updated by RFC 10070, private_key_jwt)."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto import jws
from giayto_crypto.errors import GiaytoError
from giayto_crypto.jwt_claims import verify_claims
from giayto_crypto.keys import PublicKey
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.agencies.registration import split_client_id
from giayto_wallet_api.agencies.tables import agency_client_keys
from giayto_wallet_api.oauth.errors import InvalidClientError
from giayto_wallet_api.store.one_time import use_once

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_TYP: Final = "client-authentication+jwt"
ASSERTION_MAX_AGE: Final = timedelta(minutes=2)
_LEEWAY: Final = timedelta(seconds=10)
_MAX_JTI_CHARACTERS: Final = 256
FindKeys = Callable[[AsyncConnection, str], Awaitable[list[PublicKey]]]
"""Returns the registered keys of a client, by its identifier; none for an unknown one."""


async def authenticate_client(
    tx: AsyncConnection, assertion: str, *, issuer: str, now: datetime, client_id: str | None = None
) -> AgencyClient:
    """Return the agency's client that signed an assertion, and use the assertion up; see `authenticate_assertion`."""
    subject = await authenticate_assertion(
        tx, assertion, issuer=issuer, now=now, client_id=client_id, find_keys=_keys_of_agency_client
    )
    return AgencyClient(*split_client_id(subject))


async def authenticate_assertion(
    tx: AsyncConnection,
    assertion: str,
    *,
    issuer: str,
    now: datetime,
    find_keys: FindKeys,
    client_id: str | None = None,
) -> str:
    """Return the identifier of the client that signed an assertion, and use the assertion up.

    Args:
        tx: the transaction in which the assertion is used up.
        assertion: `iss` and `sub` are the client identifier, `aud` is `issuer` alone, `jti` has not been used.
        issuer: the authorization server's issuer identifier.
        now: the time of the check.
        find_keys: knows the registered keys of the kind of client that asks.
        client_id: the parameter of that name; None when the request has none, which it need not have.

    Raises:
        InvalidClientError: whatever is wrong; the answer does not tell an unknown client from a wrong key.
    """
    try:
        subject = jws.parse(assertion, typ=ASSERTION_TYP).unverified_payload().get("sub")
    except GiaytoError as error:
        raise InvalidClientError(error.detail) from error
    if not isinstance(subject, str) or client_id not in (None, subject):
        raise InvalidClientError("sub must be the client identifier, and so must client_id be")
    for key in await find_keys(tx, subject):
        claims = _claims_signed_by(key, assertion, subject, issuer, now)
        if claims is not None:
            await _use_up(tx, subject, claims["jti"], now)
            return subject
    raise InvalidClientError("the assertion was not signed by a registered key, or says what is not acceptable")


async def _keys_of_agency_client(tx: AsyncConnection, client_id: str) -> list[PublicKey]:
    client, keys = AgencyClient(*split_client_id(client_id)), agency_client_keys.c
    rows = await tx.execute(
        select(keys.point).where(keys.agency_id == client.agency_id, keys.client_name == client.client_name)
    )
    return [PublicKey.from_compressed(point) for (point,) in rows]


def _claims_signed_by(
    key: PublicKey, assertion: str, client_id: str, issuer: str, now: datetime
) -> dict[str, object] | None:
    try:
        return verify_claims(
            assertion,
            typ=ASSERTION_TYP,
            key=key,
            issuer=client_id,
            audience=issuer,
            now=now,
            max_age=ASSERTION_MAX_AGE,
            leeway=_LEEWAY,
            required=("iss", "sub", "aud", "exp", "iat", "jti"),
        )
    except GiaytoError:
        return None


async def _use_up(tx: AsyncConnection, client_id: str, jti: object, now: datetime) -> None:
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI_CHARACTERS:
        raise InvalidClientError(f"jti must be a text of at most {_MAX_JTI_CHARACTERS} characters")
    first_use = await use_once(
        tx,
        purpose="client-assertion",
        owner=client_id,
        value=jti,
        expires_at=now + ASSERTION_MAX_AGE + 2 * _LEEWAY,
        now=now,
    )
    if not first_use:
        raise InvalidClientError("the assertion was used before")
