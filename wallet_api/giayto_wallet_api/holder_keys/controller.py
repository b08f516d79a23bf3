"""`/wallet/v1/nonces`, `/wallet/v1/holder-keys`."""

from http import HTTPStatus
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import BodyKwarg

from giayto_wallet_api.cursors import DEFAULT_PAGE, CursorParameter, LimitParameter
from giayto_wallet_api.devices.principal import CitizenDependency, requires_citizen
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.holder_keys import registration, schemas
from giayto_wallet_api.holder_keys.problems import HolderKeyNonceError, HolderKeyTakenError
from giayto_wallet_api.holder_keys.proof import unverified_nonce, verify_holder_key_proof
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.runtime import RuntimeDependency


class HolderKeyController(Controller):
    """The pool of holder keys of the device that asks."""

    path = "/wallet/v1"
    tags = ("citizens: holder keys",)
    guards = (requires_citizen,)

    @post(
        "/nonces",
        summary="Get a nonce for holder-key proofs",
        responses=answers(schemas.NonceAnswer, schemas.NONCE_EXAMPLE, InvalidTokenError, status=HTTPStatus.CREATED),
    )
    async def issue_nonce(self, runtime: RuntimeDependency, citizen: CitizenDependency) -> schemas.NonceAnswer:
        """Return a nonce that this device may use once."""
        async with runtime.database.transaction() as tx:
            nonce = await registration.issue_nonce(tx, citizen, runtime.clock())
        return schemas.NonceAnswer(nonce, int(registration.NONCE_LIFETIME.total_seconds()))

    @post(
        "/holder-keys",
        summary="Register holder keys",
        responses=answers(
            schemas.Registration,
            schemas.REGISTRATION_EXAMPLE,
            HolderKeyNonceError,
            InvalidTokenError,
            HolderKeyTakenError,
            status=HTTPStatus.CREATED,
        ),
    )
    async def register(
        self,
        runtime: RuntimeDependency,
        citizen: CitizenDependency,
        data: Annotated[
            schemas.RegistrationRequest, BodyKwarg(examples=example_of(schemas.REGISTRATION_REQUEST_EXAMPLE))
        ],
    ) -> schemas.Registration:
        """Add keys to the pool of this device; each is proved by a JWT that it signed itself."""
        now = runtime.clock()
        nonce = unverified_nonce(data.proofs[0])
        keys = [
            verify_holder_key_proof(proof, position=position, audience=runtime.settings.base_url, nonce=nonce, now=now)
            for position, proof in enumerate(data.proofs)
        ]
        async with runtime.database.transaction() as tx:
            registered = await registration.register_keys(tx, citizen, keys, nonce, now)
            unused = await registration.count_unused(tx, citizen)
        return schemas.Registration(registered, unused)

    @get(
        "/holder-keys",
        summary="List the holder keys of this device",
        responses=answers(schemas.PoolPage, schemas.POOL_EXAMPLE, InvalidTokenError),
    )
    async def list_pool(
        self,
        runtime: RuntimeDependency,
        citizen: CitizenDependency,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.PoolPage:
        """Return the pool of the device that asks, without other devices' keys."""
        async with runtime.database.read() as tx:
            keys = await registration.list_pool(tx, citizen, after=cursor or "", limit=limit + 1)
        items = [schemas.PoolItem(key.key_thumbprint, key.credential_count, key.registered_at) for key in keys[:limit]]
        return schemas.PoolPage(items, items[-1].key_thumbprint if len(keys) > limit else None)
