"""Taking records as deposits: checked against their type, matched, stored once under the agency's own row key.

A row key that comes again with the same content changes nothing. A record with `replaces` is the next version of a
deposited document: the version before loses its validity at once, as with a push.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.errors import GiaytoError
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.records.validation import ValidRecord, validate_record
from giayto_issuers.subjects import Subject
from giayto_wallet_api.agencies.authority import authority_of
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.changes.service import ChangeKind, record_change
from giayto_wallet_api.deposits import sealing
from giayto_wallet_api.deposits.problems import IdentityMismatchError, UnknownTypeError
from giayto_wallet_api.deposits.retiring import take_validity
from giayto_wallet_api.deposits.tables import CURRENT, SUPERSEDED, deposits
from giayto_wallet_api.documents.problems import ReplacedRowError, RowKeyConflictError
from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.hosted_signing.delegation import require_choice
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.wallets.service import Wallet, matches


@dataclass(frozen=True, slots=True)
class Deposited:
    """What became of a record that was taken."""

    row_key: str
    document_id: str
    version: int
    is_new: bool


Outcome = Deposited | GiaytoError
Checked = ValidRecord | GiaytoError


@dataclass(frozen=True, slots=True)
class _Known:
    """A deposit as the batch sees it."""

    row_key: str
    document_id: str
    version: int
    document_type: str
    subject_hash: bytes
    content_digest: bytes
    state: str


@dataclass(slots=True)
class _Batch:
    """What the store knows of everything that a batch refers to."""

    known: dict[str, _Known]
    pushed: frozenset[str]
    wallets: Mapping[Subject, Wallet]
    now: datetime
    outcomes: list[Outcome] = field(default_factory=list)


async def require_depositor(runtime: Runtime, client: AgencyClient, code_or_vct: str) -> DocumentType:
    """Return the type that an agency wants to deposit records of.

    Raises:
        UnknownTypeError: no such type.
        TypeForbiddenError: the agency may not issue it now.
        HostedSigningNotChosenError: nobody here may sign for the agency.
    """
    document_type = runtime.document_types.find(code_or_vct)
    if document_type is None:
        raise UnknownTypeError("document_type: a code or vct of the catalogue is expected")
    async with runtime.database.read() as tx:
        (await authority_of(tx, client.agency_id)).require_type(document_type.vct, runtime.clock())
        await require_choice(tx, client.agency_id)
    return document_type


def check_record(document_type: DocumentType, row: Mapping[str, Any], number: int) -> Checked:
    """Validate one source row; the reason when it is no record of the type."""
    try:
        return validate_record(document_type, row, number)
    except GiaytoError as error:
        return error


async def deposit_records(
    runtime: Runtime, client: AgencyClient, document_type: DocumentType, records: Sequence[Checked]
) -> list[Outcome]:
    """Store checked records in one durable transaction; one outcome for each, in order."""
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        try:
            async with tx.begin_nested():
                return await _deposit_all(tx, runtime, client, document_type, records, now)
        except IntegrityError:
            # Another worker took one of these row keys between our look and our writing; now it is seen.
            return await _deposit_all(tx, runtime, client, document_type, records, now)


async def _deposit_all(
    tx: AsyncConnection,
    runtime: Runtime,
    client: AgencyClient,
    document_type: DocumentType,
    records: Sequence[Checked],
    now: datetime,
) -> list[Outcome]:
    # Authority may have been withdrawn while records were being checked.
    (await authority_of(tx, client.agency_id)).require_type(document_type.vct, now)
    await require_choice(tx, client.agency_id)
    valid = [record for record in records if isinstance(record, ValidRecord)]
    batch = await _open_batch(tx, runtime, client, valid, now)
    for record in records:
        if isinstance(record, GiaytoError):
            batch.outcomes.append(record)
            continue
        try:
            batch.outcomes.append(await _deposit(tx, runtime, client, record, batch))
        except GiaytoError as refusal:
            batch.outcomes.append(refusal)
    return batch.outcomes


async def _open_batch(
    tx: AsyncConnection, runtime: Runtime, client: AgencyClient, records: Sequence[ValidRecord], now: datetime
) -> _Batch:
    row_keys = {record.row_key for record in records} | {record.replaces for record in records if record.replaces}
    held, pushed = deposits.c, document_versions.c
    rows = await tx.execute(
        select(*(held[name] for name in _Known.__dataclass_fields__))
        .where(held.agency_id == client.agency_id, held.row_key.in_(row_keys))
        .order_by(held.row_key)  # all workers in one order, so that none waits for one that waits for it
        .with_for_update()
    )
    known = {row.row_key: _Known(*row) for row in rows}
    taken = await tx.execute(
        select(pushed.row_key).where(pushed.agency_id == client.agency_id, pushed.row_key.in_(row_keys - set(known)))
    )
    wallets = await runtime.wallets.find_wallets(tx, list({record.subject for record in records}))
    return _Batch(known, frozenset(taken.scalars()), wallets, now)


async def _deposit(
    tx: AsyncConnection, runtime: Runtime, client: AgencyClient, record: ValidRecord, batch: _Batch
) -> Deposited:
    digest = _content_digest(runtime, record)
    known = batch.known.get(record.row_key)
    if known is not None:
        if not hmac.compare_digest(known.content_digest, digest):
            raise RowKeyConflictError("use a new row_key, and replaces, for a new version of the document")
        return Deposited(known.row_key, known.document_id, known.version, is_new=False)
    if record.row_key in batch.pushed:
        raise RowKeyConflictError("a document with this row_key was pushed; a deposit needs one of its own")
    wallet = batch.wallets.get(record.subject)
    if wallet is not None:
        require_match(record, wallet)
    subject_hash = runtime.subject_hasher.hash(record.subject)
    previous = _replaced(batch, record, subject_hash)
    new = _Known(
        row_key=record.row_key,
        document_id=new_id("doc") if previous is None else previous.document_id,
        version=1 if previous is None else previous.version + 1,
        document_type=record.vct,
        subject_hash=subject_hash,
        content_digest=digest,
        state=CURRENT,
    )
    if previous is not None:
        await _supersede(tx, client, previous, batch)
    await _write(tx, runtime, client, record, new, batch.now)
    batch.known[record.row_key] = new
    if wallet is not None:
        await record_change(tx, wallet.wallet_id, ChangeKind.CREDENTIAL_OFFERED, new.document_id, batch.now)
    return Deposited(new.row_key, new.document_id, new.version, is_new=True)


def require_match(record: ValidRecord, wallet: Wallet) -> None:
    """Refuse a record whose name or birth date are not the holder's; IdentityMismatchError names the fields."""
    born = record.identity.birth_date
    differing = matches(wallet, record.identity.name, None if born is None else born.isoformat())
    if differing:
        raise IdentityMismatchError(f"differs from the population record: {', '.join(differing)}")


def _replaced(batch: _Batch, record: ValidRecord, subject_hash: bytes) -> _Known | None:
    if record.replaces is None:
        return None
    previous = batch.known.get(record.replaces)
    if previous is None or (previous.document_type, previous.subject_hash, previous.state) != (
        record.vct,
        subject_hash,
        CURRENT,
    ):
        raise ReplacedRowError("replaces must name the current deposit of the same document")
    return previous


async def _supersede(tx: AsyncConnection, client: AgencyClient, previous: _Known, batch: _Batch) -> None:
    await tx.execute(
        update(deposits)
        .where(deposits.c.agency_id == client.agency_id, deposits.c.row_key == previous.row_key)
        .values(state=SUPERSEDED, changed_at=batch.now)
    )
    await take_validity(
        tx,
        agency_id=client.agency_id,
        document_id=previous.document_id,
        version=previous.version,
        replaced=True,
        now=batch.now,
    )
    batch.known[previous.row_key] = replace(previous, state=SUPERSEDED)


async def _write(
    tx: AsyncConnection, runtime: Runtime, client: AgencyClient, record: ValidRecord, new: _Known, now: datetime
) -> None:
    wrapped_key, claims = sealing.seal(runtime.envelope, record.claims, new.document_id, new.version)
    sequence = await audit.record(
        tx,
        now=now,
        actor=client.actor,
        action="deposit.stored",
        target=new.document_id,
        facts={"version": new.version, "document_type": new.document_type},
    )
    await tx.execute(
        insert(deposits).values(
            agency_id=client.agency_id,
            row_key=new.row_key,
            document_id=new.document_id,
            version=new.version,
            document_type=new.document_type,
            subject_hash=new.subject_hash,
            content_digest=new.content_digest,
            wrapped_key=wrapped_key,
            claims=claims,
            state=CURRENT,
            deposited_sequence=sequence,
            deposited_at=now,
            changed_at=now,
        )
    )


def _content_digest(runtime: Runtime, record: ValidRecord) -> bytes:
    content = [record.vct, record.subject.kind, record.subject.id, record.replaces, dict(record.claims)]
    return hmac.digest(runtime.content_digest_key, msgspec.json.encode(content, order="deterministic"), "sha256")
