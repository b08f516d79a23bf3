"""`/wallet/v1/enrolments`, `/wallet/v1/sessions`, `/wallet/v1/devices`."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Controller, Request, delete, get, post
from litestar.params import BodyKwarg, FromPath

from giayto_wallet_api.citizen_text import clean_citizen_text
from giayto_wallet_api.devices import schemas, service
from giayto_wallet_api.devices.access_tokens import ACCESS_TOKEN_LIFETIME, issue_access_token
from giayto_wallet_api.devices.principal import CitizenDependency, requires_citizen
from giayto_wallet_api.devices.problems import (
    DeviceKeyTakenError,
    HolderKindMismatchError,
    IdentityProviderMissingError,
    UnknownDeviceError,
)
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.identity.citizen_identity import IdentityRefusedError
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError
from giayto_wallet_api.runtime import RuntimeDependency

AnyRequest = Request[Any, Any, Any]

TAG: Final = "citizens: devices"


class SessionController(Controller):
    """How a device gets in: by a login once, by its key from then on."""

    path = "/wallet/v1"
    tags = (TAG,)

    @post(
        "/enrolments",
        summary="Enrol this device",
        responses=answers(
            schemas.Session,
            schemas.SESSION_EXAMPLE,
            MalformedRequestError,
            IdentityRefusedError,
            DeviceKeyTakenError,
            IdentityProviderMissingError,
            status=HTTPStatus.CREATED,
        ),
    )
    async def enrol(
        self,
        request: AnyRequest,
        runtime: RuntimeDependency,
        data: Annotated[schemas.EnrolmentRequest, BodyKwarg(examples=example_of(schemas.ENROLMENT_EXAMPLE))],
    ) -> schemas.Session:
        """Add this device to the wallet of whoever logged in, and open its first session.

        The first login of a person or organisation creates the wallet. The request carries a DPoP proof of the device
        key, with a nonce of this server.
        """
        proof = await runtime.dpop.prove_possession(request, needs_nonce=True)
        if runtime.identity_provider is None:
            raise IdentityProviderMissingError
        now = runtime.clock()
        identity = await runtime.identity_provider.verify(data.id_token, nonce=proof.key.thumbprint, now=now)
        if identity.subject.kind != data.holder_kind:
            raise HolderKindMismatchError(f"the login is of a {identity.subject.kind}")
        name = clean_citizen_text(data.device.name, "device.name")
        async with runtime.database.transaction() as tx:
            await service.use_id_token(tx, data.id_token, now)
            wallet = await service.open_wallet(tx, runtime, identity, now)
            description = service.DeviceDescription(name, data.device.platform)
            device_id = await service.enrol_device(tx, wallet, proof.key, description, now)
            token = await issue_access_token(tx, wallet.wallet_id, device_id, now)
        return _session(wallet.wallet_id, device_id, token)

    @post(
        "/sessions",
        summary="Open a session",
        responses=answers(schemas.Session, schemas.SESSION_EXAMPLE, UnknownDeviceError, status=HTTPStatus.CREATED),
    )
    async def open_session(
        self,
        request: AnyRequest,
        runtime: RuntimeDependency,
        data: Annotated[schemas.SessionRequest, BodyKwarg(examples=example_of(schemas.SESSION_REQUEST_EXAMPLE))],
    ) -> schemas.Session:
        """Give an enrolled device a new access token for a DPoP proof of its key, with a nonce of this server."""
        proof = await runtime.dpop.prove_possession(request, needs_nonce=True)
        async with runtime.database.transaction() as tx:
            wallet_id = await service.find_own_wallet(tx, proof.key, data.device_id)
            token = await issue_access_token(tx, wallet_id, data.device_id, runtime.clock())
        return _session(wallet_id, data.device_id, token)


class DeviceController(Controller):
    """The devices of the wallet."""

    path = "/wallet/v1/devices"
    tags = (TAG,)
    guards = (requires_citizen,)

    @get(
        "/",
        summary="List the devices of this wallet",
        responses=answers(schemas.DevicePage, schemas.DEVICES_EXAMPLE, InvalidTokenError),
    )
    async def list_devices(self, runtime: RuntimeDependency, citizen: CitizenDependency) -> schemas.DevicePage:
        """Return all devices, oldest first."""
        async with runtime.database.read() as tx:
            found = await service.list_devices(tx, runtime.wallets, citizen.wallet_id)
        items = [
            schemas.DeviceItem(
                device_id=device.device_id,
                name=device.name,
                platform=device.platform,
                enrolled_at=device.enrolled_at,
                current=device.device_id == citizen.device_id,
            )
            for device in found
        ]
        return schemas.DevicePage(items)

    @delete(
        "/{device_id:str}",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Remove a device",
        responses=answers(
            None, None, InvalidTokenError, NotFoundError, status=HTTPStatus.NO_CONTENT, description="Removed."
        ),
    )
    async def remove(self, runtime: RuntimeDependency, citizen: CitizenDependency, device_id: FromPath[str]) -> None:
        """Remove a device: its sessions, holder keys and copies end at once. A device may remove itself."""
        async with runtime.database.transaction() as tx:
            await service.remove_device(tx, runtime, citizen.wallet_id, device_id, runtime.clock())


def _session(wallet_id: str, device_id: str, token: str) -> schemas.Session:
    return schemas.Session(
        wallet_id=wallet_id,
        device_id=device_id,
        access_token=token,
        token_type="DPoP",  # noqa: S106 - the name of a scheme
        expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
    )
