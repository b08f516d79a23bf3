"""What the agency side does to a citizen's documents: deliver, suspend, resume, revoke.

Everything happens in the caller's transaction. The caller has checked the credentials, owns the status list,
and writes the one audit entry of the change; here the wallet's own rows and the event for its phones are
written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.strict_json import canonical
from giayto_wallet_api.changes.service import ChangeKind, record_change
from giayto_wallet_api.envelope.encryption import Place
from giayto_wallet_api.holder_keys.tables import holder_keys
from giayto_wallet_api.inbox import states
from giayto_wallet_api.inbox.tables import wallet_credentials, wallet_documents
from giayto_wallet_api.wallets.service import Wallet


@dataclass(frozen=True, slots=True)
class DeliveredCredential:
    """One copy of a document, bound to one holder key of one device of the wallet."""

    key_thumbprint: str
    device_id: str
    sd_jwt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One version of a document, with a copy for each device.

    Args:
        wallet: the holder's wallet.
        document_id: the same for all versions of the document.
        version: from 1; a later version supersedes the earlier ones.
        agency_id: who issued it.
        document_type: `vct`.
        claims: all claims of the document in clear; stored encrypted.
        credentials: the copies; each key belongs to this wallet, and the caller has checked that.
        valid_from: `nbf` of the credentials.
        valid_until: `exp` of the credentials.
    """

    wallet: Wallet
    document_id: str
    version: int
    agency_id: str
    document_type: str
    claims: Mapping[str, Any]
    credentials: Sequence[DeliveredCredential]
    valid_from: datetime
    valid_until: datetime


async def deliver(tx: AsyncConnection, delivery: Delivery, now: datetime) -> None:
    """Put a document into the inbox of its holder, in the place of earlier versions, and tell the phones."""
    wallet_id, document_id = delivery.wallet.wallet_id, delivery.document_id
    if delivery.version > 1:
        await _supersede_earlier_versions(tx, wallet_id, document_id, delivery.version, now)
    sequence = await record_change(tx, wallet_id, ChangeKind.DOCUMENT_OFFERED, document_id, now)
    place = claims_place(document_id, delivery.version)
    offered = states.Offered(now)
    await tx.execute(
        insert(wallet_documents).values(
            wallet_id=wallet_id,
            document_id=document_id,
            version=delivery.version,
            agency_id=delivery.agency_id,
            document_type=delivery.document_type,
            claims=delivery.wallet.key.encrypt(canonical(delivery.claims), place),
            valid_from=delivery.valid_from,
            valid_until=delivery.valid_until,
            delivered_at=now,
            offered_sequence=sequence,
            state=states.state_name(offered),
            state_record=states.encode_state(offered),
        )
    )
    await _store_credentials(tx, delivery)


async def suspend(tx: AsyncConnection, wallet_id: str, document_id: str, now: datetime) -> None:
    """Withhold the current version of a document for a time."""
    await _change_current(
        tx,
        wallet_id,
        document_id,
        now,
        ChangeKind.DOCUMENT_SUSPENDED,
        lambda state: states.suspend(state, now),
    )


async def resume(tx: AsyncConnection, wallet_id: str, document_id: str, now: datetime) -> None:
    """Let a suspended document stand again, in the state that the suspension interrupted."""
    await _change_current(tx, wallet_id, document_id, now, ChangeKind.DOCUMENT_RESUMED, states.resume)


async def revoke(tx: AsyncConnection, wallet_id: str, document_id: str, now: datetime) -> None:
    """Withdraw the current version of a document for good."""
    await _change_current(
        tx, wallet_id, document_id, now, ChangeKind.DOCUMENT_REVOKED, lambda state: states.revoke(state, now)
    )


def claims_place(document_id: str, version: int) -> Place:
    """Where the claims of a document version are encrypted for."""
    return Place(table="wallet_documents", row=document_id, column="claims", version=version)


def credential_place(document_id: str, version: int, key_thumbprint: str) -> Place:
    """Where a copy of a document version is encrypted for."""
    row = f"{document_id}/{key_thumbprint}"
    return Place(table="wallet_credentials", row=row, column="credential", version=version)


async def write_state(
    tx: AsyncConnection, wallet_id: str, document_id: str, version: int, state: states.DocumentState
) -> None:
    """Store the state of one version."""
    await tx.execute(
        update(wallet_documents)
        .where(
            wallet_documents.c.wallet_id == wallet_id,
            wallet_documents.c.document_id == document_id,
            wallet_documents.c.version == version,
        )
        .values(state=states.state_name(state), state_record=states.encode_state(state))
    )


async def _supersede_earlier_versions(
    tx: AsyncConnection, wallet_id: str, document_id: str, by_version: int, now: datetime
) -> None:
    rows = await tx.execute(
        select(wallet_documents.c.version, wallet_documents.c.state_record)
        .where(
            wallet_documents.c.wallet_id == wallet_id,
            wallet_documents.c.document_id == document_id,
            wallet_documents.c.version < by_version,
        )
        .with_for_update()
    )
    for version, record in rows.all():
        state = states.decode_state(record)
        superseded = states.supersede(state, by_version, now)
        if superseded != state:
            await write_state(tx, wallet_id, document_id, version, superseded)


async def _store_credentials(tx: AsyncConnection, delivery: Delivery) -> None:
    wallet_id, document_id, version = delivery.wallet.wallet_id, delivery.document_id, delivery.version
    await tx.execute(
        insert(wallet_credentials),
        [
            {
                "wallet_id": wallet_id,
                "document_id": document_id,
                "version": version,
                "key_thumbprint": copy.key_thumbprint,
                "device_id": copy.device_id,
                "credential": delivery.wallet.key.encrypt(
                    copy.sd_jwt.encode(), credential_place(document_id, version, copy.key_thumbprint)
                ),
            }
            for copy in delivery.credentials
        ],
    )
    used = [copy.key_thumbprint for copy in delivery.credentials]
    await tx.execute(
        update(holder_keys)
        .where(holder_keys.c.wallet_id == wallet_id, holder_keys.c.key_thumbprint.in_(used))
        .values(credential_count=holder_keys.c.credential_count + 1)
    )


async def _change_current(
    tx: AsyncConnection,
    wallet_id: str,
    document_id: str,
    now: datetime,
    kind: ChangeKind,
    transition: Callable[[states.DocumentState], states.DocumentState],
) -> None:
    current = (
        await tx.execute(
            select(wallet_documents.c.version, wallet_documents.c.state_record)
            .where(wallet_documents.c.wallet_id == wallet_id, wallet_documents.c.document_id == document_id)
            .order_by(wallet_documents.c.version.desc())
            .limit(1)
            .with_for_update()
        )
    ).one()
    before = states.decode_state(current.state_record)
    after = transition(before)
    if after != before:
        await write_state(tx, wallet_id, document_id, current.version, after)
        await record_change(tx, wallet_id, kind, document_id, now)
