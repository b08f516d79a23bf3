"""An agency's choice to be signed for: made and taken back by the agency itself, looked up at every signature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_issuers.signing import IssuingAgency
from giayto_wallet_api.agencies.authority import authority_of
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.hosted_signing.signers import SignerUnavailableError
from giayto_wallet_api.hosted_signing.tables import hosted_signing_choices
from giayto_wallet_api.problems import NotFoundError, ProblemError
from giayto_wallet_api.server_keys import SigningIdentity
from giayto_wallet_api.store.statements import insert_if_absent


class HostedSigningNotChosenError(ProblemError):
    """The agency signs itself: nothing of it is signed here."""

    status = HTTPStatus.FORBIDDEN
    code = "hosted_signing_not_chosen"
    message_vi = "Cơ quan chưa chọn dịch vụ ký số thay."
    message_en = "The agency has not chosen to be signed for."


@dataclass(frozen=True, slots=True)
class HostedSigningChoice:
    """A certificate with which this server may sign for an agency."""

    leaf_sha256: bytes
    chosen_at: datetime


async def choose(tx: AsyncConnection, *, agency_id: str, leaf_sha256: bytes, now: datetime, actor: audit.Actor) -> None:
    """Let this server sign with a certificate of the agency; choosing it twice is choosing it once.

    Raises:
        NotFoundError: the agency has no such certificate in the trust list.
    """
    if leaf_sha256 not in (await authority_of(tx, agency_id)).by_leaf:
        raise NotFoundError("this agency has registered no such certificate")
    row = {"agency_id": agency_id, "leaf_sha256": leaf_sha256, "chosen_at": now}
    if await insert_if_absent(tx, hosted_signing_choices, row):
        facts = {"leaf_sha256": leaf_sha256.hex()}
        await audit.record(tx, now=now, actor=actor, action="hosted_signing.chosen", target=agency_id, facts=facts)


async def withdraw(
    tx: AsyncConnection, *, agency_id: str, leaf_sha256: bytes, now: datetime, actor: audit.Actor
) -> None:
    """Take the choice back: nothing more is signed with this certificate.

    Raises:
        NotFoundError: it was not chosen.
    """
    chosen = hosted_signing_choices.c
    removed = await tx.execute(
        delete(hosted_signing_choices).where(chosen.agency_id == agency_id, chosen.leaf_sha256 == leaf_sha256)
    )
    if removed.rowcount != 1:
        raise NotFoundError("this certificate was not chosen for hosted signing")
    facts = {"leaf_sha256": leaf_sha256.hex()}
    await audit.record(tx, now=now, actor=actor, action="hosted_signing.withdrawn", target=agency_id, facts=facts)


async def choices_of(tx: AsyncConnection, agency_id: str) -> Sequence[HostedSigningChoice]:
    """Return what an agency has chosen, oldest first."""
    chosen = hosted_signing_choices.c
    rows = await tx.execute(
        select(chosen.leaf_sha256, chosen.chosen_at)
        .where(chosen.agency_id == agency_id)
        .order_by(chosen.chosen_at, chosen.leaf_sha256)
    )
    return [HostedSigningChoice(*row) for row in rows]


async def require_choice(tx: AsyncConnection, agency_id: str) -> None:
    """Refuse an agency that is not signed for; HostedSigningNotChosenError."""
    if not await choices_of(tx, agency_id):
        raise HostedSigningNotChosenError("choose a certificate with PUT /issuer/v1/hosted-signing first")


async def delegated_agency(
    tx: AsyncConnection, agency_id: str, identity: SigningIdentity, vct: str, now: datetime
) -> IssuingAgency:
    """Return the agency as `giayto_issuers.signing` needs it, when its delegated signer may sign this type now.

    Raises:
        SignerUnavailableError: the signer's certificate is not (or no longer) the chosen one.
        AuthorityError: the trust list does not cover certificate, type and time.
    """
    leaf_sha256 = sha256(identity.chain[0]).digest()
    if leaf_sha256 not in {choice.leaf_sha256 for choice in await choices_of(tx, agency_id)}:
        raise SignerUnavailableError("hosted signing: the agency has not chosen the certificate of this signer")
    authority = await authority_of(tx, agency_id)
    entry = authority.by_leaf[leaf_sha256]
    authority.require_entry(leaf_sha256, entry.iss, vct, now)
    return IssuingAgency(agency_id=agency_id, issuer=entry.iss, signer=identity.signer, x5c=identity.chain)
