"""A personal number that was cancelled and replaced: an event of the population database, not a correction of data.

The wallet keeps its documents, which state the old number, and is found by either number from then on.
"""

from datetime import datetime
from http import HTTPStatus

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_issuers.subjects import Subject
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.changes.service import ChangeKind, record_change
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity
from giayto_wallet_api.problems import ProblemError
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.signing_requests.tables import waiting_documents
from giayto_wallet_api.signing_requests.waiting import link_wallets
from giayto_wallet_api.wallets.tables import subject_replacements, wallet_directory

_replaced = subject_replacements.c


class NumberTakenError(ProblemError):
    """The new number cannot take the place of the old one."""

    status = HTTPStatus.CONFLICT
    code = "number_taken"
    message_vi = "Số mới không thể thay cho số cũ."
    message_en = "The new number cannot take the place of the old one."


async def replace_number(tx: AsyncConnection, runtime: Runtime, old: Subject, new: Subject, now: datetime) -> None:
    """Let a new number stand for whoever had the old one. Doing it twice is doing it once.

    Raises:
        NumberTakenError: both numbers have a wallet, the old one was replaced by another, or the new one was itself
            replaced.
    """
    old_hash, new_hash = runtime.subject_hasher.hash(old), runtime.subject_hasher.hash(new)
    current = await runtime.wallets.current_hashes(tx, {old_hash, new_hash})
    if current[old_hash] == new_hash and old_hash != new_hash:
        return
    if old_hash == new_hash or current[old_hash] != old_hash or current[new_hash] != new_hash:
        raise NumberTakenError("one of the numbers was replaced before, or both are the same")
    wallet = await runtime.wallets.find_wallet(tx, old)
    if wallet is not None:
        if await runtime.wallets.wallet_ids(tx, {new_hash}):
            raise NumberTakenError("both numbers have a wallet; two wallets are not merged")
        await tx.execute(
            update(wallet_directory).where(wallet_directory.c.subject_hash == old_hash).values(subject_hash=new_hash)
        )
        known = wallet.identity
        await runtime.wallets.replace_identity(tx, wallet, CitizenIdentity(new, known.full_name, known.birth_date))
    await _redirect(tx, old_hash, new_hash, now)
    if wallet is not None:
        await record_change(tx, wallet.wallet_id, ChangeKind.NUMBER_REPLACED, wallet.wallet_id, now)
    await link_wallets(tx, runtime, {new_hash}, now)
    target = "none" if wallet is None else wallet.wallet_id
    await audit.record(tx, now=now, actor=audit.SYSTEM, action="subject.number_replaced", target=target)


async def _redirect(tx: AsyncConnection, old_hash: bytes, new_hash: bytes, now: datetime) -> None:
    """Lead the old number, and those that it had replaced, to the new one; what waits for the old one follows."""
    await tx.execute(
        update(subject_replacements).where(_replaced.subject_hash == old_hash).values(subject_hash=new_hash)
    )
    await tx.execute(insert(subject_replacements).values(former_hash=old_hash, subject_hash=new_hash, replaced_at=now))
    waiting = waiting_documents.c
    await tx.execute(update(waiting_documents).where(waiting.subject_hash == old_hash).values(subject_hash=new_hash))
