"""Issuing copies of a deposited document for keys that a wallet proved.

    1 the newest version of the document, its subject and the wallet that the keys belong to, if it is one of ours
    2 the agency's delegated signer, its certificate and its authority
    3 what the copies will say, checked once more; status indexes for them
    4 the intent, stored
    5 the signatures
    6 the issuance, stored: statuses, audit entry, and the document in the holder's wallet

Between 4 and 6 the process may die: indexes and keys are lost then, which does no harm, and nothing was handed over.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import PublicKey
from giayto_crypto.sdjwt import StatusReference
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.records.validation import ValidRecord
from giayto_issuers.signing import IssuingAgency, PreparedDocument, prepare_document, sign_copy
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.authorization.grants import Grant, GrantedDocument
from giayto_wallet_api.credential_issuance.errors import CredentialRequestDeniedError, InvalidProofError
from giayto_wallet_api.credential_issuance.tables import issuances, issued_keys, signing_intents
from giayto_wallet_api.credential_issuance.wallet_entry import HeldCopies, enter_in_wallet, holder_of_keys
from giayto_wallet_api.deposits import sealing
from giayto_wallet_api.deposits.depositing import require_match
from giayto_wallet_api.deposits.reading import SealedDeposit, sealed_deposit
from giayto_wallet_api.deposits.tables import CURRENT
from giayto_wallet_api.documents.tables import ACTIVE, document_versions
from giayto_wallet_api.hosted_signing.delegation import delegated_agency
from giayto_wallet_api.hosted_signing.signers import SignerUnavailableError
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.status.addresses import list_id_of
from giayto_wallet_api.status.entries import PlaceUse, StatusPlace, use_places
from giayto_wallet_api.status.reservations import reserve
from giayto_wallet_api.status.schemas import ReservationRequest, ReservedIndex
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.store.statements import insert_if_absent
from giayto_wallet_api.wallets.service import Wallet

_CLIENT_NAME = "hosted-signing"
"""In whose name status indexes are reserved: this server, for the agency."""


@dataclass(frozen=True, slots=True)
class IssuedCopies:
    """Copies that may be handed over."""

    notification_id: str
    credentials: tuple[str, ...]

    def __repr__(self) -> str:
        return f"IssuedCopies({self.notification_id}, …)"


@dataclass(frozen=True, slots=True)
class _Order:
    """What steps 1 and 2 found."""

    deposit: SealedDeposit
    document_type: DocumentType
    record: ValidRecord
    wallet: Wallet | None
    agency: IssuingAgency


@dataclass(frozen=True, slots=True)
class _Intent:
    """What is about to be signed."""

    issuance_id: str
    prepared: PreparedDocument
    keys: tuple[PublicKey, ...]
    places: tuple[ReservedIndex, ...]


async def issue_copies(
    runtime: Runtime, grant: Grant, document: GrantedDocument, keys: Sequence[PublicKey]
) -> IssuedCopies:
    """Sign one copy of a document for each key.

    Args:
        runtime: the application's.
        grant: lets the wallet fetch the document.
        document: which one.
        keys: proved by the wallet, and claimed for this (`claim_keys`).

    Raises:
        CredentialRequestDeniedError: the document was withdrawn or has ended, or may not go to this wallet.
        InvalidProofError: a key is bound to a credential already.
        SignerUnavailableError: nobody can sign now; the request can be deferred.
    """
    try:
        order = await _take_order(runtime, document, keys)  # 1, 2
        prepared = prepare_document(order.document_type, order.record, agency=order.agency, now=runtime.clock())  # 3
    except (CredentialRequestDeniedError, InvalidProofError, SignerUnavailableError):
        raise
    except GiaytoError as error:
        raise CredentialRequestDeniedError(f"the document cannot be issued now ({error.code})") from error
    intent = await _intend(runtime, order, prepared, keys)  # 3, 4
    credentials = await asyncio.to_thread(_sign_all, order.agency, intent)  # 5
    await _complete(runtime, grant, order, intent, credentials)  # 6
    return IssuedCopies(intent.issuance_id, credentials)


async def claim_keys(tx: AsyncConnection, keys: Sequence[PublicKey], now: datetime) -> None:
    """Reserve keys for one copy each, for good: a proof that is sent again is refused by its keys.

    Raises:
        InvalidProofError: one has been claimed before.
    """
    for key in sorted(keys, key=lambda each: each.thumbprint):  # one order for all, so that none waits in a circle
        if not await insert_if_absent(tx, issued_keys, {"key_thumbprint": key.thumbprint, "claimed_at": now}):
            raise InvalidProofError("proofs: a key is bound to a credential already; make a new one")


async def _take_order(runtime: Runtime, document: GrantedDocument, keys: Sequence[PublicKey]) -> _Order:
    now = runtime.clock()
    async with runtime.database.read() as tx:
        deposit = await _require_issuable(tx, document)
        document_type = runtime.document_types[deposit.document_type]
        claims = sealing.unseal(
            runtime.envelope, deposit.wrapped_key, deposit.claims, deposit.document_id, deposit.version
        )
        record = sealing.valid_record(document_type, deposit.row_key, claims)
        wallet = await runtime.wallets.find_wallet(tx, record.subject)
        if wallet is not None:
            require_match(record, wallet)
        holder = await holder_of_keys(tx, wallet, keys)
        identity = runtime.issuance.hosted_signers.find(deposit.agency_id)
        agency = await delegated_agency(tx, deposit.agency_id, identity, deposit.document_type, now)
    return _Order(deposit, document_type, record, holder, agency)


async def _require_issuable(tx: AsyncConnection, document: GrantedDocument, *, hold: bool = False) -> SealedDeposit:
    deposit = await sealed_deposit(tx, document.agency_id, document.document_id, hold=hold)
    if deposit is None or deposit.state != CURRENT:
        raise CredentialRequestDeniedError("the document was withdrawn")
    versions = document_versions.c
    state = (
        await tx.execute(
            document_versions.select()
            .with_only_columns(versions.state)
            .where(versions.agency_id == deposit.agency_id, versions.row_key == deposit.row_key)
        )
    ).scalar_one_or_none()
    if state not in (None, ACTIVE):
        raise CredentialRequestDeniedError("the document is suspended or revoked")
    return deposit


async def _intend(runtime: Runtime, order: _Order, prepared: PreparedDocument, keys: Sequence[PublicKey]) -> _Intent:
    deposit, now = order.deposit, runtime.clock()
    client = AgencyClient(deposit.agency_id, _CLIENT_NAME)
    reservation = await reserve(
        runtime, client, ReservationRequest(document_type=deposit.document_type, count=len(keys))
    )
    intent = _Intent(new_id("iss"), prepared, tuple(keys), reservation.entries)
    async with runtime.database.transaction() as tx:
        await tx.execute(
            insert(signing_intents),
            [
                {
                    "agency_id": deposit.agency_id,
                    "issuance_id": intent.issuance_id,
                    "position": position,
                    "document_id": deposit.document_id,
                    "version": deposit.version,
                    "list_id": place.list_id,
                    "idx": place.idx,
                    "key_thumbprint": key.thumbprint,
                    "intended_at": now,
                }
                for position, (key, place) in enumerate(zip(keys, _places(runtime, intent), strict=True))
            ],
        )
    return intent


def _sign_all(agency: IssuingAgency, intent: _Intent) -> tuple[str, ...]:
    return tuple(
        sign_copy(intent.prepared, agency=agency, holder_key=key, status=StatusReference(uri=place.uri, idx=place.idx))
        for key, place in zip(intent.keys, intent.places, strict=True)
    )


async def _complete(runtime: Runtime, grant: Grant, order: _Order, intent: _Intent, credentials: Sequence[str]) -> None:
    deposit, now = order.deposit, runtime.clock()
    async with runtime.database.transaction() as tx:
        # A withdrawal between the order and now: nothing is handed over.
        held = await _require_issuable(
            tx, GrantedDocument(deposit.agency_id, deposit.document_id, deposit.document_type), hold=True
        )
        if held.version != deposit.version:
            raise CredentialRequestDeniedError("a new version has just taken the document's place: ask again")
        uses = [PlaceUse(place, deposit.document_id, deposit.version) for place in _places(runtime, intent)]
        await use_places(tx, agency_id=deposit.agency_id, uses=uses, now=now)
        wallet = order.wallet
        await tx.execute(
            insert(issuances).values(
                agency_id=deposit.agency_id,
                issuance_id=intent.issuance_id,
                document_id=deposit.document_id,
                version=deposit.version,
                grant_id=grant.grant_id,
                wallet_id=None if wallet is None else wallet.wallet_id,
                copies=len(credentials),
                issued_at=now,
            )
        )
        sequence = await audit.record(
            tx,
            now=now,
            actor=AgencyClient(deposit.agency_id, _CLIENT_NAME).actor,
            action="credential.issued",
            target=deposit.document_id,
            facts={
                "version": deposit.version,
                "document_type": deposit.document_type,
                "copies": len(credentials),
                "issuance_id": intent.issuance_id,
                "grant_id": grant.grant_id,
                "wallet_id": None if wallet is None else wallet.wallet_id,
            },
        )
        if wallet is not None:
            copies = HeldCopies(wallet, deposit, order.record.claims, intent.prepared.times, intent.keys, credentials)
            await enter_in_wallet(tx, copies, sequence, now)


def _places(runtime: Runtime, intent: _Intent) -> list[StatusPlace]:
    base_url = runtime.settings.base_url
    # Reserved here a moment ago, so each has an identifier.
    return [StatusPlace(str(list_id_of(base_url, place.uri)), place.idx) for place in intent.places]
