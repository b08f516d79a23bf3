"""What the agency side does to a citizen's documents: deliver, suspend, resume, revoke.

Everything happens in the caller's transaction. The caller has checked the credentials, owns the status list,
and writes the one audit entry of the change; here the wallet's own rows and the event for its phones are
written.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.strict_json import canonical
from giayto_wallet_api.changes.service import ChangeKind, Happening, record_change, record_changes
from giayto_wallet_api.envelope.encryption import Place
from giayto_wallet_api.holder_keys.tables import holder_keys
from giayto_wallet_api.inbox import states
from giayto_wallet_api.inbox.tables import wallet_credentials, wallet_documents
from giayto_wallet_api.store.statements import insert_rows
from giayto_wallet_api.wallets.service import Wallet

VersionKey = tuple[str, str, int]
"""Wallet, document, version."""
_VERSION_KEY = (wallet_documents.c.wallet_id, wallet_documents.c.document_id, wallet_documents.c.version)


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

    @property
    def key(self) -> VersionKey:
        """What names this version in the wallet's tables."""
        return self.wallet.wallet_id, self.document_id, self.version


async def deliver(tx: AsyncConnection, delivery: Delivery, now: datetime) -> None:
    """Put a document into the inbox of its holder; see `deliver_all`."""
    await deliver_all(tx, [delivery], now)


async def deliver_all(tx: AsyncConnection, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Put documents into the inboxes of their holders, in the place of earlier versions, and tell the phones.

    Args:
        tx: the caller's transaction.
        deliveries: at least one; of one document, earlier versions come before later ones.
        now: the moment of the delivery.
    """
    # Documents are held before wallets, as where a citizen answers: in another order two could wait for each other.
    earlier = await _earlier_versions(tx, [each for each in deliveries if each.version > 1])
    offers = [Happening(each.wallet.wallet_id, ChangeKind.DOCUMENT_OFFERED, each.document_id) for each in deliveries]
    sequences = await record_changes(tx, offers, now)
    states_after = _supersede(earlier, deliveries, now)
    await write_states(tx, {key: states_after[key] for key in earlier if states_after[key] != earlier[key]})
    await insert_rows(
        tx,
        wallet_documents,
        [
            _document_row(delivery, states_after[delivery.key], sequence, now)
            for delivery, sequence in zip(deliveries, sequences, strict=True)
        ],
    )
    await store_credentials(tx, deliveries)


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


async def consume(tx: AsyncConnection, wallet_id: str, document_id: str, now: datetime) -> None:
    """Tell that the current version of a document, which is good for one use, was used."""
    await _change_current(
        tx, wallet_id, document_id, now, ChangeKind.DOCUMENT_CONSUMED, lambda state: states.consume(state, now)
    )


def claims_place(document_id: str, version: int) -> Place:
    """Where the claims of a document version are encrypted for."""
    return Place(table="wallet_documents", row=document_id, column="claims", version=version)


def credential_place(document_id: str, version: int, key_thumbprint: str) -> Place:
    """Where a copy of a document version is encrypted for."""
    row = f"{document_id}/{key_thumbprint}"
    return Place(table="wallet_credentials", row=row, column="credential", version=version)


async def write_states(tx: AsyncConnection, states_by_key: Mapping[VersionKey, states.DocumentState]) -> None:
    """Store the states of versions."""
    if not states_by_key:
        return
    await tx.execute(
        update(wallet_documents)
        .where(
            wallet_documents.c.wallet_id == bindparam("of_wallet"),
            wallet_documents.c.document_id == bindparam("of_document"),
            wallet_documents.c.version == bindparam("of_version"),
        )
        .values(state=bindparam("new_state"), state_record=bindparam("new_record")),
        [
            {
                "of_wallet": wallet_id,
                "of_document": document_id,
                "of_version": version,
                "new_state": states.state_name(state),
                "new_record": states.encode_state(state),
            }
            for (wallet_id, document_id, version), state in states_by_key.items()
        ],
    )


async def _earlier_versions(
    tx: AsyncConnection, deliveries: Sequence[Delivery]
) -> dict[VersionKey, states.DocumentState]:
    """Read the stored versions of the documents that are delivered anew, and hold them."""
    if not deliveries:
        return {}
    documents = [(each.wallet.wallet_id, each.document_id) for each in deliveries]
    rows = await tx.execute(
        select(*_VERSION_KEY, wallet_documents.c.state_record)
        .where(
            wallet_documents.c.wallet_id.in_({wallet_id for wallet_id, _ in documents}),  # found through the index
            tuple_(wallet_documents.c.wallet_id, wallet_documents.c.document_id).in_(documents),
        )
        .order_by(*_VERSION_KEY)
        .with_for_update()
    )
    return {
        (wallet_id, document_id, version): states.decode_state(record)
        for wallet_id, document_id, version, record in rows
    }


def _supersede(
    earlier: Mapping[VersionKey, states.DocumentState], deliveries: Sequence[Delivery], now: datetime
) -> dict[VersionKey, states.DocumentState]:
    """Return the states of all versions after the deliveries: the last of each document is on offer."""
    after: dict[VersionKey, states.DocumentState] = dict(earlier)
    versions_of: dict[str, list[VersionKey]] = {}
    for key in earlier:
        versions_of.setdefault(key[1], []).append(key)
    for delivery in deliveries:
        versions = versions_of.setdefault(delivery.document_id, [])
        for key in versions:
            after[key] = states.supersede(after[key], delivery.version, now)
        after[delivery.key] = states.Offered(now)
        versions.append(delivery.key)
    return after


def _document_row(delivery: Delivery, state: states.DocumentState, sequence: int, now: datetime) -> dict[str, Any]:
    place = claims_place(delivery.document_id, delivery.version)
    return {
        "wallet_id": delivery.wallet.wallet_id,
        "document_id": delivery.document_id,
        "version": delivery.version,
        "agency_id": delivery.agency_id,
        "document_type": delivery.document_type,
        "claims": delivery.wallet.key.encrypt(canonical(delivery.claims), place),
        "valid_from": delivery.valid_from,
        "valid_until": delivery.valid_until,
        "delivered_at": now,
        "offered_sequence": sequence,
        "state": states.state_name(state),
        "state_record": states.encode_state(state),
    }


async def store_credentials(tx: AsyncConnection, deliveries: Sequence[Delivery]) -> None:
    """Keep the copies of versions that the wallet has, and count the use of their keys."""
    copies = [(delivery, copy) for delivery in deliveries for copy in delivery.credentials]
    await insert_rows(tx, wallet_credentials, [_credential_row(*each) for each in copies])
    uses = Counter((delivery.wallet.wallet_id, copy.key_thumbprint) for delivery, copy in copies)
    await tx.execute(
        update(holder_keys)
        .where(holder_keys.c.wallet_id == bindparam("of_wallet"), holder_keys.c.key_thumbprint == bindparam("of_key"))
        .values(credential_count=holder_keys.c.credential_count + bindparam("more")),
        [
            {"of_wallet": wallet_id, "of_key": thumbprint, "more": more}
            for (wallet_id, thumbprint), more in sorted(uses.items())
        ],
    )


def _credential_row(delivery: Delivery, copy: DeliveredCredential) -> dict[str, Any]:
    place = credential_place(delivery.document_id, delivery.version, copy.key_thumbprint)
    return {
        "wallet_id": delivery.wallet.wallet_id,
        "document_id": delivery.document_id,
        "version": delivery.version,
        "key_thumbprint": copy.key_thumbprint,
        "device_id": copy.device_id,
        "credential": delivery.wallet.key.encrypt(copy.sd_jwt.encode(), place),
    }


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
        await write_states(tx, {(wallet_id, document_id, current.version): after})
        await record_change(tx, wallet_id, kind, document_id, now)
