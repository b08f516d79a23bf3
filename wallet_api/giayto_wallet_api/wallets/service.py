"""Finding and opening wallets, and comparing what an agency believes about a holder with what is known."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from unicodedata import normalize

import msgspec
from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_issuers.subjects import Subject
from giayto_wallet_api.envelope.encryption import Envelope, Place, WalletKey
from giayto_wallet_api.envelope.subject_hash import SubjectHasher
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.store.statements import insert_if_absent
from giayto_wallet_api.wallets.tables import subject_replacements, wallet_directory, wallets

MismatchField = Literal["full_name", "birth_date"]


class _StoredIdentity(msgspec.Struct, frozen=True):
    id: str
    full_name: str
    birth_date: str | None


@dataclass(frozen=True, slots=True)
class Wallet:
    """One wallet and the key that opens its data.

    Args:
        wallet_id: identifier of the account.
        identity: the holder, as the identity provider last vouched for it.
        identity_version: counts up when the identity provider reports a change.
        key: the wallet's data key, unwrapped.
    """

    wallet_id: str
    identity: CitizenIdentity
    identity_version: int
    key: WalletKey


class Wallets:
    """Every way to reach a wallet. All methods work inside the caller's transaction."""

    def __init__(self, envelope: Envelope, subject_hasher: SubjectHasher) -> None:
        self._envelope = envelope
        self._subject_hasher = subject_hasher

    async def find_wallet(self, tx: AsyncConnection, subject: Subject) -> Wallet | None:
        """Return the wallet of a subject, or None when it has none."""
        return (await self.find_wallets(tx, (subject,))).get(subject)

    async def find_wallets(self, tx: AsyncConnection, subjects: Sequence[Subject]) -> dict[Subject, Wallet]:
        """Return the wallets of those subjects that have one, in one query."""
        by_hash = {self._subject_hasher.hash(subject): subject for subject in subjects}
        current = await self.current_hashes(tx, by_hash)
        rows = await tx.execute(
            select(wallets, wallet_directory.c.subject_hash)
            .join(wallet_directory, wallet_directory.c.wallet_id == wallets.c.wallet_id)
            .where(wallet_directory.c.subject_hash.in_(set(current.values())))
        )
        found = {row["subject_hash"]: self._open(row) for row in rows.mappings()}
        return {subject: found[current[asked]] for asked, subject in by_hash.items() if current[asked] in found}

    async def wallet_ids(self, tx: AsyncConnection, subject_hashes: Collection[bytes]) -> dict[bytes, str]:
        """Return the wallets of those subjects that have one, by the hashes of their current numbers."""
        directory = wallet_directory.c
        rows = await tx.execute(
            select(directory.subject_hash, directory.wallet_id).where(directory.subject_hash.in_(subject_hashes))
        )
        return {row.subject_hash: row.wallet_id for row in rows}

    async def current_hashes(self, tx: AsyncConnection, subject_hashes: Collection[bytes]) -> dict[bytes, bytes]:
        """Return for each hash that of the number that took its place; the same hash where none did."""
        replaced = subject_replacements.c
        rows = await tx.execute(
            select(replaced.former_hash, replaced.subject_hash).where(replaced.former_hash.in_(subject_hashes))
        )
        return {each: each for each in subject_hashes} | {row.former_hash: row.subject_hash for row in rows}

    async def wallet_key(self, tx: AsyncConnection, wallet_id: str) -> WalletKey:
        """Return the data key of a wallet that is known to exist."""
        query = select(wallets.c.wrapped_key).where(wallets.c.wallet_id == wallet_id)
        return self._envelope.open_wallet_key((await tx.execute(query)).scalar_one(), wallet_id)

    async def create_wallet(self, tx: AsyncConnection, identity: CitizenIdentity, now: datetime) -> Wallet | None:
        """Create the wallet of a holder; None when another transaction created it first."""
        wallet_id = new_id("wal")
        asked = self._subject_hasher.hash(identity.subject)
        subject_hash = (await self.current_hashes(tx, (asked,)))[asked]
        entry = {"subject_hash": subject_hash, "wallet_id": wallet_id}
        if not await insert_if_absent(tx, wallet_directory, entry):
            return None
        wrapped_key = self._envelope.new_wallet_key(wallet_id)
        wallet = Wallet(wallet_id, identity, 1, self._envelope.open_wallet_key(wrapped_key, wallet_id))
        await tx.execute(
            insert(wallets).values(
                wallet_id=wallet_id,
                holder_kind=identity.subject.kind,
                wrapped_key=wrapped_key,
                identity=_seal_identity(wallet),
                identity_version=wallet.identity_version,
                change_sequence=0,
                created_at=now,
            )
        )
        return wallet

    async def replace_identity(self, tx: AsyncConnection, wallet: Wallet, identity: CitizenIdentity) -> Wallet:
        """Store a corrected name or birth date that the identity provider reports."""
        renewed = Wallet(wallet.wallet_id, identity, wallet.identity_version + 1, wallet.key)
        await tx.execute(
            update(wallets)
            .where(wallets.c.wallet_id == wallet.wallet_id)
            .values(identity=_seal_identity(renewed), identity_version=renewed.identity_version)
        )
        return renewed

    def _open(self, row: RowMapping) -> Wallet:
        wallet_id, version = row["wallet_id"], row["identity_version"]
        key = self._envelope.open_wallet_key(row["wrapped_key"], wallet_id)
        plaintext = key.decrypt(row["identity"], _identity_place(version))
        stored = msgspec.json.decode(plaintext, type=_StoredIdentity)
        subject = Subject(row["holder_kind"], stored.id)
        return Wallet(wallet_id, CitizenIdentity(subject, stored.full_name, stored.birth_date), version, key)


def matches(wallet: Wallet, full_name: str, birth_date: str | None) -> list[MismatchField]:
    """Return the fields in which an agency's record differs from the holder; empty when they agree.

    Args:
        wallet: the holder's wallet.
        full_name: compared after NFC, without regard to case and to the number of spaces. Two words are not
        joined:
            `Lê Na` and `Lên A` are different people.
        birth_date: `YYYY-MM-DD`; None when the agency does not state one, as for organisations.
    """
    differing: list[MismatchField] = []
    if comparable_name(full_name) != comparable_name(wallet.identity.full_name):
        differing.append("full_name")
    if birth_date is not None and birth_date != wallet.identity.birth_date:
        differing.append("birth_date")
    return differing


def comparable_name(name: str) -> str:
    """Return a name in the form in which two spellings of one name are equal."""
    # Folding the case can leave NFC, so the form is normalised once more.
    return " ".join(normalize("NFC", normalize("NFC", name).casefold()).split())


def _seal_identity(wallet: Wallet) -> bytes:
    identity = wallet.identity
    stored = _StoredIdentity(identity.subject.id, identity.full_name, identity.birth_date)
    return wallet.key.encrypt(msgspec.json.encode(stored), _identity_place(wallet.identity_version))


def _identity_place(version: int) -> Place:
    # The key belongs to one wallet already, so the row needs no further name.
    return Place(table="wallets", row="", column="identity", version=version)
