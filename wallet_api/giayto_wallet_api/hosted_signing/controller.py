"""`/issuer/v1/hosted-signing`: the calling agency lets this server sign for it, or takes that back."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, put
from litestar.params import BodyKwarg, FromPath

from giayto_wallet_api.agencies.principal import AgencyClientDependency, requires_agency
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.hosted_signing import delegation
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError
from giayto_wallet_api.runtime import Runtime, RuntimeDependency

_LEAF = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_EXAMPLE = {"certificates": [{"leaf_sha256": _LEAF, "chosen_at": "2026-11-22T09:30:00Z"}]}
LeafSha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The certificate of the delegated key, by SHA-256 of its DER in hexadecimal."""

    leaf_sha256: LeafSha256


class ChosenCertificate(msgspec.Struct, frozen=True):
    """A certificate with which this server signs for the agency."""

    leaf_sha256: str
    chosen_at: datetime


class HostedSigning(msgspec.Struct, frozen=True):
    """What the agency has chosen; empty when it signs everything itself."""

    certificates: tuple[ChosenCertificate, ...]


class HostedSigningController(Controller):
    """Delegated signing, which only the agency itself can allow."""

    path = "/issuer/v1/hosted-signing"
    tags = ("agencies: deposits",)
    guards = (requires_agency,)

    @get("/", summary="Which certificates this server may sign with", responses=answers(HostedSigning, _EXAMPLE))
    async def read(self, runtime: RuntimeDependency, client: AgencyClientDependency) -> HostedSigning:
        """Return the agency's choice."""
        return await _chosen(runtime, client.agency_id)

    @put(
        "/",
        summary="Let this server sign with a certificate",
        responses=answers(HostedSigning, _EXAMPLE, InvalidTokenError, MalformedRequestError, NotFoundError),
    )
    async def choose(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[Choice, BodyKwarg(examples=example_of({"leaf_sha256": _LEAF}))],
    ) -> HostedSigning:
        """Allow it for one certificate, whose key the operator holds for the agency."""
        leaf = bytes.fromhex(data.leaf_sha256)
        async with runtime.database.transaction() as tx:
            await delegation.choose(
                tx, agency_id=client.agency_id, leaf_sha256=leaf, now=runtime.clock(), actor=client.actor
            )
        return await _chosen(runtime, client.agency_id)

    @delete(
        "/{leaf_sha256:str}",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Sign nothing more with a certificate",
        responses=answers(
            None, None, InvalidTokenError, NotFoundError, status=HTTPStatus.NO_CONTENT, description="Taken back."
        ),
    )
    async def withdraw(
        self, runtime: RuntimeDependency, client: AgencyClientDependency, leaf_sha256: FromPath[str]
    ) -> None:
        """Take the permission back; what was signed before stays valid."""
        try:
            leaf = bytes.fromhex(leaf_sha256)
        except ValueError as error:
            raise NotFoundError("this certificate was not chosen for hosted signing") from error
        async with runtime.database.transaction() as tx:
            await delegation.withdraw(
                tx, agency_id=client.agency_id, leaf_sha256=leaf, now=runtime.clock(), actor=client.actor
            )


async def _chosen(runtime: Runtime, agency_id: str) -> HostedSigning:
    async with runtime.database.read() as tx:
        chosen = await delegation.choices_of(tx, agency_id)
    return HostedSigning(tuple(ChosenCertificate(each.leaf_sha256.hex(), each.chosen_at) for each in chosen))
