"""Storing checked rows: steps 8 to 11 of a push, and the one transaction in which a row becomes a document.

    8 row key: new, or the same content again    10 status index: reserved for this agency and type, unused
    9 wallet of the subject, holder keys in it   11 `replaces`: the current version of the same document

All rows of a batch share a transaction, each within a savepoint of its own: a row that is refused leaves nothing
behind and takes no other with it.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.errors import GiaytoError
from giayto_crypto.status_list import StatusValue
from giayto_issuers.subjects import Subject
from giayto_wallet_api.agencies.authority import authority_of
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.documents.credential_checks import CheckedRow
from giayto_wallet_api.documents.problems import (
    HolderKeyError,
    NoWalletError,
    ReplacedRowError,
    RowKeyConflictError,
    StatusIndexNotReservedError,
    StatusIndexUsedError,
)
from giayto_wallet_api.documents.schemas import PushAnswer
from giayto_wallet_api.documents.tables import ACTIVE, REVOKED, SUPERSEDED, document_versions
from giayto_wallet_api.holder_keys.service import KeyOwner, owners_of_keys
from giayto_wallet_api.inbox.delivery import DeliveredCredential, Delivery, deliver
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.status.entries import PlaceState, StatusPlace, change_status, reserved_places, use_places
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.wallets.service import Wallet

Outcome = PushAnswer | GiaytoError


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows of everything that a batch refers to, read with one query each."""

    wallets: Mapping[Subject, Wallet]
    owners: Mapping[str, KeyOwner]
    places: Mapping[StatusPlace, PlaceState]


@dataclass(frozen=True, slots=True)
class _Version:
    document_id: str
    number: int


async def store_rows(runtime: Runtime, client: AgencyClient, rows: Sequence[CheckedRow]) -> list[Outcome]:
    """Store rows in one durable transaction; one outcome for each, in order."""
    if not rows:
        return []
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        # Authority may have been withdrawn while signatures were being checked.
        authority = await authority_of(tx, client.agency_id)
        known = await _read_known(tx, runtime, client, rows)
        outcomes: list[Outcome] = []
        for row in rows:
            try:
                for copy in row.copies:
                    authority.require_entry(copy.leaf_sha256, copy.iss, row.document_type, now)
                async with tx.begin_nested():
                    outcomes.append(await _store_row(tx, runtime, client, row, known, now))
            except GiaytoError as refusal:
                outcomes.append(refusal)
    return outcomes


async def _read_known(
    tx: AsyncConnection, runtime: Runtime, client: AgencyClient, rows: Sequence[CheckedRow]
) -> _Known:
    copies = [copy for row in rows for copy in row.copies]
    return _Known(
        wallets=await runtime.wallets.find_wallets(tx, list({row.subject for row in rows})),
        owners=await owners_of_keys(tx, [copy.holder_key.thumbprint for copy in copies]),
        places=await reserved_places(tx, client.agency_id, [copy.place for copy in copies]),
    )


async def _store_row(
    tx: AsyncConnection, runtime: Runtime, client: AgencyClient, row: CheckedRow, known: _Known, now: datetime
) -> PushAnswer:
    digest = _content_digest(runtime, row)
    stored = await _version_of_row(tx, client.agency_id, row.row_key)  # 8
    if stored is not None:
        if not hmac.compare_digest(stored.content_digest, digest):
            raise RowKeyConflictError("use a new row_key, and replaces, for a new version of the document")
        return PushAnswer(
            row_key=row.row_key, result="unchanged", document_id=stored.document_id, version=stored.version
        )
    wallet = known.wallets.get(row.subject)
    if wallet is None:  # 9
        raise NoWalletError("the subject has no wallet")
    copies = [_delivered(copy.sd_jwt, copy.holder_key.thumbprint, wallet, known.owners) for copy in row.copies]
    places = [copy.place for copy in row.copies]
    for place in places:  # 10
        _require_reserved(place, row.document_type, known.places)
    version = await _next_version(tx, client, row, wallet, now)  # 11
    sequence = await audit.record(
        tx,
        now=now,
        actor=client.actor,
        action="document.stored",
        target=version.document_id,
        facts={"version": version.number, "document_type": row.document_type, "copies": len(copies)},
    )
    await tx.execute(
        insert(document_versions).values(
            agency_id=client.agency_id,
            row_key=row.row_key,
            document_id=version.document_id,
            version=version.number,
            document_type=row.document_type,
            wallet_id=wallet.wallet_id,
            content_digest=digest,
            state=ACTIVE,
            pushed_sequence=sequence,
            pushed_at=now,
            changed_at=now,
        )
    )
    await _use_places(tx, client, version, places, now)
    await deliver(tx, _delivery(client, row, wallet, version, copies), now)
    return PushAnswer(row_key=row.row_key, result="stored", document_id=version.document_id, version=version.number)


def _content_digest(runtime: Runtime, row: CheckedRow) -> bytes:
    """Return what tells whether a row sent again says the same: not its copies, which are signed anew each time."""
    content = [row.document_type, row.subject.kind, row.subject.id, row.replaces, dict(row.claims)]
    return hmac.digest(runtime.content_digest_key, msgspec.json.encode(content, order="deterministic"), "sha256")


async def _version_of_row(tx: AsyncConnection, agency_id: str, row_key: str) -> Row[tuple[object, ...]] | None:
    versions = document_versions.c
    found = await tx.execute(
        select(document_versions).where(versions.agency_id == agency_id, versions.row_key == row_key)
    )
    return found.first()


def _delivered(sd_jwt: str, thumbprint: str, wallet: Wallet, owners: Mapping[str, KeyOwner]) -> DeliveredCredential:
    owner = owners.get(thumbprint)
    # A key of somebody else is answered like one that nobody has: an agency must not learn whose it is.
    if owner is None or owner.wallet_id != wallet.wallet_id:
        raise HolderKeyError("ask for the subject's holder keys again and sign for those")
    return DeliveredCredential(key_thumbprint=thumbprint, device_id=owner.device_id, sd_jwt=sd_jwt)


def _require_reserved(place: StatusPlace, document_type: str, places: Mapping[StatusPlace, PlaceState]) -> None:
    state = places.get(place)
    if state is None or state.document_type != document_type:
        raise StatusIndexNotReservedError("reserve status indexes for this document type first")
    if state.is_used:
        raise StatusIndexUsedError("sign the credential again with another reserved index")


async def _next_version(
    tx: AsyncConnection, client: AgencyClient, row: CheckedRow, wallet: Wallet, now: datetime
) -> _Version:
    """Return the version that a row becomes; the one that it replaces loses its validity here and now."""
    if row.replaces is None:
        return _Version(new_id("doc"), 1)
    previous = await _version_of_row(tx, client.agency_id, row.replaces)
    if (
        previous is None
        or (previous.document_type, previous.wallet_id) != (row.document_type, wallet.wallet_id)
        or previous.state in {SUPERSEDED, REVOKED}
    ):
        raise ReplacedRowError("replaces must name the current version of the same document")
    versions = document_versions.c
    await tx.execute(
        update(document_versions)
        .where(versions.agency_id == client.agency_id, versions.row_key == row.replaces)
        .values(state=SUPERSEDED, changed_at=now)
    )
    await change_status(
        tx,
        agency_id=client.agency_id,
        document_id=previous.document_id,
        version=previous.version,
        value=StatusValue.INVALID,
        now=now,
    )
    return _Version(previous.document_id, previous.version + 1)


async def _use_places(
    tx: AsyncConnection, client: AgencyClient, version: _Version, places: Sequence[StatusPlace], now: datetime
) -> None:
    try:
        await use_places(
            tx,
            agency_id=client.agency_id,
            document_id=version.document_id,
            version=version.number,
            places=places,
            now=now,
        )
    except IntegrityError:
        # A row before this one in the same batch took the place after the batch was looked up.
        raise StatusIndexUsedError("sign the credential again with another reserved index") from None


def _delivery(
    client: AgencyClient,
    row: CheckedRow,
    wallet: Wallet,
    version: _Version,
    copies: Sequence[DeliveredCredential],
) -> Delivery:
    return Delivery(
        wallet=wallet,
        document_id=version.document_id,
        version=version.number,
        agency_id=client.agency_id,
        document_type=row.document_type,
        claims=row.claims,
        credentials=copies,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
