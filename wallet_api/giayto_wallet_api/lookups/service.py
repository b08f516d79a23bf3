"""Answering look-ups, and writing down that they were asked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto import b64url
from giayto_crypto.keys import PublicKey
from giayto_issuers.subjects import Subject
from giayto_wallet_api.agencies.authority import authority_of
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.envelope.subject_hash import SubjectHasher
from giayto_wallet_api.holder_keys.service import holder_keys_for_push
from giayto_wallet_api.lookups.schemas import Answer, LookupRequest, Mismatch, NoWallet, Ready, SubjectQuestion
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.rate_limits import spend
from giayto_wallet_api.wallets.service import Wallet, matches

SUBJECTS_PER_HOUR = 5_000_000
"""How many subjects one agency may ask about in an hour: a whole register in some hours, not everybody in minutes."""
_AUDITED_HASH_BYTES = 16


async def look_up(runtime: Runtime, client: AgencyClient, request: LookupRequest) -> tuple[Answer, ...]:
    """Answer one batch of questions.

    Raises:
        TypeForbiddenError: the agency may not issue this document type now; it learns nothing about anybody.
        TooManyRequestsError: the agency has asked about too many subjects.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        (await authority_of(tx, client.agency_id)).require_type(request.document_type, now)
        await _spend_quota(tx, client, len(request.subjects), now)
        answers = await _answer_all(tx, runtime, request.subjects)
        await _write_down(tx, runtime.subject_hasher, client, request, answers, now)
    return answers


async def _spend_quota(tx: AsyncConnection, client: AgencyClient, asked: int, now: datetime) -> None:
    bucket = f"lookup:{client.agency_id}"
    await spend(tx, bucket=bucket, amount=asked, limit=SUBJECTS_PER_HOUR, window=timedelta(hours=1), now=now)


async def _answer_all(
    tx: AsyncConnection, runtime: Runtime, questions: Sequence[SubjectQuestion]
) -> tuple[Answer, ...]:
    subjects = [Subject(question.kind, question.id) for question in questions]
    wallets = await runtime.wallets.find_wallets(tx, list(dict.fromkeys(subjects)))
    keys = await holder_keys_for_push(tx, [wallet.wallet_id for wallet in wallets.values()])
    return tuple(
        _answer(question, wallet, keys.get(wallet.wallet_id, ()) if wallet else ())
        for question, wallet in zip(questions, map(wallets.get, subjects), strict=True)
    )


def _answer(question: SubjectQuestion, wallet: Wallet | None, holder_keys: Sequence[PublicKey]) -> Answer:
    if wallet is None:
        return NoWallet()
    differing = matches(wallet, question.full_name, question.birth_date)
    if differing:
        return Mismatch(tuple(differing))
    return Ready(tuple(key.jwk for key in holder_keys)) if holder_keys else NoWallet()


async def _write_down(
    tx: AsyncConnection,
    hasher: SubjectHasher,
    client: AgencyClient,
    request: LookupRequest,
    answers: Sequence[Answer],
    now: datetime,
) -> None:
    # Keyed hashes let a citizen's question "who asked about me?" be answered without storing numbers here.
    hashes = b"".join(hasher.hash(Subject(asked.kind, asked.id))[:_AUDITED_HASH_BYTES] for asked in request.subjects)
    await audit.record(
        tx,
        now=now,
        actor=client.actor,
        action="holder_keys.looked_up",
        target=request.document_type,
        facts={
            "asked": len(answers),
            "ready": sum(isinstance(answer, Ready) for answer in answers),
            "no_wallet": sum(isinstance(answer, NoWallet) for answer in answers),
            "mismatch": sum(isinstance(answer, Mismatch) for answer in answers),
            "subject_hashes": b64url.encode(hashes),
        },
    )
