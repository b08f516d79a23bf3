"""`/wallet/v1/credential-offers`: what agencies have left for this citizen, to be fetched."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.localised import Localised
from giayto_wallet_api.authorization.grants import GrantedDocument
from giayto_wallet_api.credential_issuance.offers import make_offer
from giayto_wallet_api.deposits.reading import DepositedDocument, documents_of_subject
from giayto_wallet_api.deposits.schemas import OFFER_EXAMPLE, OfferAnswer
from giayto_wallet_api.devices.principal import CitizenDependency, requires_citizen
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.inbox.tables import wallet_documents
from giayto_wallet_api.openapi import answers
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import RuntimeDependency
from giayto_wallet_api.wallets.tables import wallet_directory

_ITEM_EXAMPLE: dict[str, Any] = {
    "document_id": "doc_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f",
    "agency_id": "G18",
    "document_type": "urn:giayto:type:referral:1",
    "titles": {"vi": "Phiếu chuyển cơ sở khám bệnh, chữa bệnh", "en": "Referral to another health facility"},
    "fetched": False,
}
_OPENED_EXAMPLE = {name: value for name, value in OFFER_EXAMPLE.items() if name != "tx_code"}


class OfferedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A deposited document. `fetched`: this wallet has its current version already, and may fetch more copies."""

    document_id: str
    agency_id: str
    document_type: str
    titles: Localised
    fetched: bool


class OfferedDocuments(msgspec.Struct, frozen=True):
    """All documents that wait, oldest first. A citizen has few: there is one page."""

    items: tuple[OfferedDocument, ...]


class CitizenOfferController(Controller):
    """Offers to the citizen whose device asks."""

    path = "/wallet/v1/credential-offers"
    tags = ("citizens: documents",)
    guards = (requires_citizen,)

    @get(
        "/",
        summary="List documents that can be fetched",
        responses=answers(OfferedDocuments, {"items": [_ITEM_EXAMPLE]}, InvalidTokenError),
    )
    async def list_offers(self, runtime: RuntimeDependency, citizen: CitizenDependency) -> OfferedDocuments:
        """Return what agencies have deposited for this citizen, also what was fetched before."""
        async with runtime.database.read() as tx:
            waiting = await _waiting(tx, citizen.wallet_id)
            held = await _held(tx, citizen.wallet_id)
        return OfferedDocuments(
            tuple(
                OfferedDocument(
                    document_id=each.document_id,
                    agency_id=each.agency_id,
                    document_type=each.document_type,
                    titles=runtime.document_types[each.document_type].titles,
                    fetched=each.document_id in held,
                )
                for each in waiting
            )
        )

    @post(
        "/{document_id:str}",
        status_code=HTTPStatus.CREATED,
        summary="Open an offer",
        responses=answers(OfferAnswer, _OPENED_EXAMPLE, InvalidTokenError, NotFoundError, status=HTTPStatus.CREATED),
    )
    async def open(
        self, runtime: RuntimeDependency, citizen: CitizenDependency, document_id: FromPath[str]
    ) -> OfferAnswer:
        """Make a credential offer for this device. Its session proves who asks: no transaction code is needed."""
        async with runtime.database.transaction() as tx:
            waiting = {each.document_id: each for each in await _waiting(tx, citizen.wallet_id)}
            found = waiting.get(document_id)
            if found is None:
                raise NotFoundError("nothing of this kind waits for this wallet")
            document = GrantedDocument(found.agency_id, found.document_id, found.document_type)
            made = await make_offer(tx, runtime, document, with_tx_code=False, actor=citizen.actor, now=runtime.clock())
        return OfferAnswer(
            credential_offer=made.content,
            by_value=made.by_value,
            by_reference=made.by_reference,
            expires_at=made.expires_at,
        )


async def _waiting(tx: AsyncConnection, wallet_id: str) -> list[DepositedDocument]:
    directory = wallet_directory.c
    subject_hash = (
        await tx.execute(select(directory.subject_hash).where(directory.wallet_id == wallet_id))
    ).scalar_one()
    return list(await documents_of_subject(tx, subject_hash))


async def _held(tx: AsyncConnection, wallet_id: str) -> frozenset[str]:
    """Return the documents of which this wallet holds the current version."""
    held = wallet_documents.c
    rows = await tx.execute(
        select(held.document_id).where(held.wallet_id == wallet_id, held.state.in_(("confirmed", "suspended")))
    )
    return frozenset(rows.scalars())
