"""What a citizen does with documents: list, look at, confirm, decline. Everything starts from the owner's wallet."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto import strict_json
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.changes.service import ChangeKind, record_change
from giayto_wallet_api.devices.principal import Citizen
from giayto_wallet_api.envelope.encryption import Place
from giayto_wallet_api.inbox import states
from giayto_wallet_api.inbox.delivery import claims_place, credential_place, write_states
from giayto_wallet_api.inbox.problems import VersionChangedError
from giayto_wallet_api.inbox.tables import decline_reasons, wallet_credentials, wallet_documents
from giayto_wallet_api.outbox.events import AgencyEvent, EventKind, emit
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.signing_requests.requesting import request_copies
from giayto_wallet_api.wallets.service import Wallets

FROM_THE_NEWEST: Final = 10**18 - 1
"""The cursor before the first page: larger than any number of a change."""

_MAX_CLAIMS_BYTES: Final = 1024 * 1024
_documents = wallet_documents.c
_SUMMARY = (
    _documents.document_id,
    _documents.version,
    _documents.agency_id,
    _documents.document_type,
    _documents.valid_from,
    _documents.valid_until,
    _documents.delivered_at,
    _documents.offered_sequence,
    _documents.state_record,
)


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """One version of a document as lists show it, without personal data."""

    document_id: str
    version: int
    agency_id: str
    document_type: str
    valid_from: datetime
    valid_until: datetime
    delivered_at: datetime
    offered_sequence: int
    state: states.DocumentState


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """A copy of a document for the device that asks."""

    key_thumbprint: str
    sd_jwt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DocumentDetail:
    """The current version of a document, whole.

    Args:
        summary: as in lists.
        claims: what the document says.
        credentials: the copies for the device that asks; empty until the citizen confirms.
        earlier: the versions before, newest first.
    """

    summary: DocumentSummary
    claims: dict[str, Any] = field(repr=False)
    credentials: Sequence[HeldCredential]
    earlier: Sequence[DocumentSummary]


async def list_documents(
    tx: AsyncConnection, wallet_id: str, state_names: Sequence[str], *, before: int, limit: int
) -> Sequence[DocumentSummary]:
    """Return documents in these states, newest first, that were offered before change number `before`."""
    query = (
        select(*_SUMMARY)
        .where(
            _documents.wallet_id == wallet_id,
            _documents.state.in_(state_names),
            _documents.offered_sequence < before,
        )
        .order_by(_documents.offered_sequence.desc())
        .limit(limit)
    )
    return [_summary(row) for row in (await tx.execute(query)).mappings()]


async def document_detail(tx: AsyncConnection, wallets: Wallets, citizen: Citizen, document_id: str) -> DocumentDetail:
    """Return a document with the copies that are bound to keys of the device that asks.

    Raises:
        NotFoundError: this wallet has no such document.
    """
    query = select(*_SUMMARY, _documents.claims).where(_is(citizen.wallet_id, document_id))
    rows = (await tx.execute(query.order_by(_documents.version.desc()))).mappings().all()
    if not rows:
        raise NotFoundError("this wallet has no such document")
    current, key = _summary(rows[0]), await wallets.wallet_key(tx, citizen.wallet_id)
    claims = key.decrypt(rows[0]["claims"], claims_place(document_id, current.version))
    credentials: list[HeldCredential] = []
    if _may_be_held(current.state):
        for thumbprint, ciphertext in await _copies(tx, citizen, current):
            place = credential_place(document_id, current.version, thumbprint)
            credentials.append(HeldCredential(thumbprint, key.decrypt(ciphertext, place).decode()))
    return DocumentDetail(
        summary=current,
        claims=strict_json.loads_object(claims, max_bytes=_MAX_CLAIMS_BYTES),
        credentials=credentials,
        earlier=[_summary(row) for row in rows[1:]],
    )


async def confirm(
    tx: AsyncConnection, citizen: Citizen, document_id: str, expected_version: int | None, now: datetime
) -> DocumentSummary:
    """Accept the current version of a document; accepting it again changes nothing.

    Args:
        tx: the transaction.
        citizen: who answers.
        document_id: the document.
        expected_version: the version that the citizen has seen; None accepts whichever is current.
        now: the moment of the answer.

    Raises:
        NotFoundError: this wallet has no such document.
        VersionChangedError: the current version is another one than was seen.
        StateConflictError: declined before, or no longer on offer.
    """
    current = await _lock_current(tx, citizen.wallet_id, document_id, expected_version)
    answered = states.confirm(current.state, now)
    # A device that came between the agency's look-up and its push has no copy yet.
    await request_copies(tx, citizen.wallet_id, citizen.device_id, now)
    return await _answer(tx, citizen, current, answered, ChangeKind.DOCUMENT_CONFIRMED, now)


async def decline(
    tx: AsyncConnection,
    wallets: Wallets,
    citizen: Citizen,
    document_id: str,
    reason: str,
    expected_version: int | None,
    now: datetime,
) -> DocumentSummary:
    """Refuse the current version of a document; refusing it again changes nothing, the first reason stands.

    Raises:
        NotFoundError: this wallet has no such document.
        VersionChangedError: the current version is another one than was seen.
        StateConflictError: confirmed before, or no longer on offer.
    """
    current = await _lock_current(tx, citizen.wallet_id, document_id, expected_version)
    answered = states.decline(current.state, now)
    if answered != current.state:
        key = await wallets.wallet_key(tx, citizen.wallet_id)
        sealed = key.encrypt(reason.encode(), _reason_place(document_id, current.version))
        await tx.execute(
            insert(decline_reasons).values(
                wallet_id=citizen.wallet_id,
                document_id=document_id,
                version=current.version,
                reason=sealed,
            )
        )
    return await _answer(tx, citizen, current, answered, ChangeKind.DOCUMENT_DECLINED, now)


async def current_state(tx: AsyncConnection, wallet_id: str, document_id: str) -> states.DocumentState | None:
    """Return the state of a delivered document's current version, for the agency; None when it is not there."""
    query = select(_documents.state_record).where(_is(wallet_id, document_id))
    record = (await tx.execute(query.order_by(_documents.version.desc()).limit(1))).scalar_one_or_none()
    return None if record is None else states.decode_state(record)


async def decline_reason(
    tx: AsyncConnection, wallets: Wallets, wallet_id: str, document_id: str, version: int
) -> str | None:
    """Return why the citizen declined a version, for the agency; None when they did not."""
    reasons = decline_reasons.c
    query = select(reasons.reason).where(
        reasons.wallet_id == wallet_id, reasons.document_id == document_id, reasons.version == version
    )
    sealed = (await tx.execute(query)).scalar_one_or_none()
    if sealed is None:
        return None
    key = await wallets.wallet_key(tx, wallet_id)
    return key.decrypt(sealed, _reason_place(document_id, version)).decode()


async def _lock_current(
    tx: AsyncConnection, wallet_id: str, document_id: str, expected_version: int | None
) -> DocumentSummary:
    """Read the current version and hold it, so that of two devices that answer at once one waits for the other."""
    query = (
        select(*_SUMMARY)
        .where(_is(wallet_id, document_id))
        .order_by(_documents.version.desc())
        .limit(1)
        .with_for_update()
    )
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("this wallet has no such document")
    current = _summary(row)
    if expected_version is not None and expected_version != current.version:
        raise VersionChangedError(f"the current version is {current.version}", version=current.version)
    return current


async def _answer(
    tx: AsyncConnection,
    citizen: Citizen,
    current: DocumentSummary,
    answered: states.Confirmed | states.Declined,
    kind: ChangeKind,
    now: datetime,
) -> DocumentSummary:
    if answered == current.state:
        return current
    await write_states(tx, {(citizen.wallet_id, current.document_id, current.version): answered})
    await record_change(tx, citizen.wallet_id, kind, current.document_id, now)
    data: dict[str, str | int] = {"document_id": current.document_id, "version": current.version}
    await emit(tx, [AgencyEvent(current.agency_id, EventKind(kind.value), data)], now)
    await audit.record(
        tx,
        now=now,
        actor=citizen.actor,
        action=f"document.{states.state_name(answered)}",
        target=current.document_id,
        facts={"version": current.version, "device_id": citizen.device_id, "agency_id": current.agency_id},
    )
    return replace(current, state=answered)


async def _copies(tx: AsyncConnection, citizen: Citizen, document: DocumentSummary) -> Sequence[tuple[str, bytes]]:
    copies = wallet_credentials.c
    query = (
        select(copies.key_thumbprint, copies.credential)
        .where(
            copies.wallet_id == citizen.wallet_id,
            copies.document_id == document.document_id,
            copies.version == document.version,
            copies.device_id == citizen.device_id,
        )
        .order_by(copies.key_thumbprint)
    )
    return [(row.key_thumbprint, row.credential) for row in await tx.execute(query)]


def _may_be_held(state: states.DocumentState) -> bool:
    if isinstance(state, states.Suspended):
        return _may_be_held(state.interrupted)
    return isinstance(state, states.Confirmed)


def _is(wallet_id: str, document_id: str) -> ColumnElement[bool]:
    return (_documents.wallet_id == wallet_id) & (_documents.document_id == document_id)


def _summary(row: RowMapping) -> DocumentSummary:
    return DocumentSummary(
        document_id=row["document_id"],
        version=row["version"],
        agency_id=row["agency_id"],
        document_type=row["document_type"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        delivered_at=row["delivered_at"],
        offered_sequence=row["offered_sequence"],
        state=states.decode_state(row["state_record"]),
    )


def _reason_place(document_id: str, version: int) -> Place:
    return Place(table="decline_reasons", row=document_id, column="reason", version=version)
