"""A fetched document in a wallet of ours: the same document as a pushed one, confirmed by fetching it.

Whose wallet it is follows from the keys that were proved: holder keys of a device of the subject's own wallet. Keys
that nobody registered belong to a wallet by another maker, which keeps its copies itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.keys import PublicKey
from giayto_issuers.validity import CredentialTimes
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.changes.service import ChangeKind, record_change
from giayto_wallet_api.credential_issuance.errors import CredentialRequestDeniedError, InvalidProofError
from giayto_wallet_api.deposits.reading import SealedDeposit
from giayto_wallet_api.documents.tables import ACTIVE, document_versions
from giayto_wallet_api.holder_keys.service import owners_of_keys
from giayto_wallet_api.holder_keys.tables import holder_keys
from giayto_wallet_api.inbox import states
from giayto_wallet_api.inbox.delivery import DeliveredCredential, Delivery, credential_place, deliver, write_states
from giayto_wallet_api.inbox.tables import wallet_credentials, wallet_documents
from giayto_wallet_api.wallets.service import Wallet


@dataclass(frozen=True, slots=True)
class HeldCopies:
    """Copies for a wallet of ours, in the order of their keys."""

    wallet: Wallet
    deposit: SealedDeposit
    claims: Mapping[str, Any]
    times: CredentialTimes
    keys: Sequence[PublicKey]
    credentials: Sequence[str]

    def __repr__(self) -> str:
        return f"HeldCopies({self.deposit!r}, …)"


async def holder_of_keys(tx: AsyncConnection, wallet: Wallet | None, keys: Sequence[PublicKey]) -> Wallet | None:
    """Return the wallet that the keys belong to: the subject's, or None for a wallet by another maker.

    Args:
        tx: the transaction.
        wallet: of the document's subject; None when the subject has none here.
        keys: proved by whoever asks.

    Raises:
        CredentialRequestDeniedError: they are keys of somebody else's wallet, or of several.
        InvalidProofError: a registered key is bound to a credential already.
    """
    thumbprints = [key.thumbprint for key in keys]
    owners = await owners_of_keys(tx, thumbprints)
    if not owners:
        return None
    if wallet is None or len(owners) != len(keys) or {each.wallet_id for each in owners.values()} != {wallet.wallet_id}:
        raise CredentialRequestDeniedError("the proven keys are not all of the wallet of whom the document is about")
    held = holder_keys.c
    used = await tx.execute(
        select(func.count())
        .select_from(holder_keys)
        .where(held.wallet_id == wallet.wallet_id, held.key_thumbprint.in_(thumbprints), held.credential_count > 0)
    )
    if used.scalar_one():
        raise InvalidProofError("proofs: a holder key is bound to a credential already; register a new one")
    return wallet


async def enter_in_wallet(tx: AsyncConnection, copies: HeldCopies, sequence: int, now: datetime) -> None:
    """Store copies in the holder's wallet; the first ones bring the document there, later ones join them.

    Args:
        tx: the transaction in which the issuance is stored.
        copies: for holder keys of that wallet.
        sequence: number of the audit entry of the issuance.
        now: the moment of the issuance.

    Raises:
        CredentialRequestDeniedError: a device was removed meanwhile.
    """
    owners = await owners_of_keys(tx, [key.thumbprint for key in copies.keys])
    if any(key.thumbprint not in owners for key in copies.keys):
        raise CredentialRequestDeniedError("a device that was to hold copies has been removed")
    delivered = [
        DeliveredCredential(key.thumbprint, owners[key.thumbprint].device_id, sd_jwt)
        for key, sd_jwt in zip(copies.keys, copies.credentials, strict=True)
    ]
    if await _is_there(tx, copies):
        await _add(tx, copies, delivered)
    else:
        await _bring(tx, copies, delivered, sequence, now)


async def _is_there(tx: AsyncConnection, copies: HeldCopies) -> bool:
    held, deposit = wallet_documents.c, copies.deposit
    query = select(held.version).where(
        held.wallet_id == copies.wallet.wallet_id,
        held.document_id == deposit.document_id,
        held.version == deposit.version,
    )
    return (await tx.execute(query)).first() is not None


async def _bring(
    tx: AsyncConnection,
    copies: HeldCopies,
    delivered: Sequence[DeliveredCredential],
    sequence: int,
    now: datetime,
) -> None:
    wallet_id, deposit = copies.wallet.wallet_id, copies.deposit
    await tx.execute(
        insert(document_versions).values(
            agency_id=deposit.agency_id,
            row_key=deposit.row_key,
            document_id=deposit.document_id,
            version=deposit.version,
            document_type=deposit.document_type,
            wallet_id=wallet_id,
            content_digest=deposit.content_digest,
            state=ACTIVE,
            pushed_sequence=sequence,
            pushed_at=now,
            changed_at=now,
        )
    )
    delivery = Delivery(
        wallet=copies.wallet,
        document_id=deposit.document_id,
        version=deposit.version,
        agency_id=deposit.agency_id,
        document_type=deposit.document_type,
        claims=copies.claims,
        credentials=delivered,
        valid_from=copies.times.not_before,
        valid_until=copies.times.expires_at,
    )
    await deliver(tx, delivery, now)
    # Who fetches a document wants it: there is nothing left to ask.
    confirmed = states.confirm(states.Offered(now), now)
    await write_states(tx, {(wallet_id, deposit.document_id, deposit.version): confirmed})
    await record_change(tx, wallet_id, ChangeKind.DOCUMENT_CONFIRMED, deposit.document_id, now)
    await audit.record(
        tx,
        now=now,
        actor=audit.wallet_actor(wallet_id),
        action="document.confirmed",
        target=deposit.document_id,
        facts={"version": deposit.version, "agency_id": deposit.agency_id, "fetched": True},
    )


async def _add(tx: AsyncConnection, copies: HeldCopies, delivered: Sequence[DeliveredCredential]) -> None:
    wallet, deposit = copies.wallet, copies.deposit
    await tx.execute(
        insert(wallet_credentials),
        [
            {
                "wallet_id": wallet.wallet_id,
                "document_id": deposit.document_id,
                "version": deposit.version,
                "key_thumbprint": copy.key_thumbprint,
                "device_id": copy.device_id,
                "credential": wallet.key.encrypt(
                    copy.sd_jwt.encode(), credential_place(deposit.document_id, deposit.version, copy.key_thumbprint)
                ),
            }
            for copy in delivered
        ],
    )
    await tx.execute(
        update(holder_keys)
        .where(
            holder_keys.c.wallet_id == wallet.wallet_id,
            holder_keys.c.key_thumbprint.in_([copy.key_thumbprint for copy in delivered]),
        )
        .values(credential_count=holder_keys.c.credential_count + 1)
    )
