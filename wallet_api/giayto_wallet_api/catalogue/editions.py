"""Freezing an edition, and finding those that were published.

An edition is frozen once. What it says stays as it is signed; a mistake is put right by a correction, which is an
edition of its own with the next number of the newest month. Editions are never frozen for the past: what nobody could
read then forbade nothing then.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from cryptography import x509
from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.catalogue_edition import (
    EDITION_ID_PATTERN,
    MONTH_PATTERN,
    CatalogueEdition,
    edition_id,
    sign_edition,
    verify_edition,
)
from giayto_issuers.document_type.model import DocumentTypes
from giayto_issuers.values.times import VIETNAM
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.catalogue.content import edition_entries, load_basis
from giayto_wallet_api.catalogue.problems import EditionExistsError, EditionMonthError, NoEditionError
from giayto_wallet_api.catalogue.tables import catalogue_editions
from giayto_wallet_api.server_keys import SigningIdentity
from giayto_wallet_api.store.statements import hold

LATEST: Final = "latest"
FROM_THE_NEWEST: Final = 10**18 - 1
"""The cursor before the first page: larger than any number of an edition."""
_LAST_DAY_TO_PUBLISH: Final = 10
"""Of a month: by then its edition is due, at the end of the day in Vietnam."""
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_columns = catalogue_editions.c


@dataclass(frozen=True, slots=True)
class PublishedEdition:
    """One edition as it was published.

    Args:
        sequence: the order of publication, from 1.
        edition: what it says.
        token: as it is signed.
    """

    sequence: int
    edition: CatalogueEdition
    token: str


@dataclass(frozen=True, slots=True)
class EditionSummary:
    """One edition as lists show it."""

    sequence: int
    edition_id: str
    month: str
    correction: int
    correction_note: str | None
    issued_at: datetime
    documents: int


async def freeze_edition(
    tx: AsyncConnection,
    *,
    month: str,
    types: DocumentTypes,
    identity: SigningIdentity,
    now: datetime,
    correction_note: str | None = None,
    actor: audit.Actor = audit.SYSTEM,
) -> PublishedEdition:
    """Freeze the edition of a month, or a correction of it.

    Args:
        tx: the caller's transaction.
        month: `YYYY-MM`: this month or the next in Vietnam; of a correction, that of the newest edition.
        types: what is in the catalogue.
        identity: signs it.
        now: the present moment.
        correction_note: why the month's edition is corrected, for everybody to read; None freezes its first.
        actor: who freezes.

    Raises:
        EditionExistsError: the month has its edition.
        EditionMonthError: no month, one for which nothing can be frozen now, or a correction of what is not there.
    """
    if not re.fullmatch(MONTH_PATTERN, month):
        raise EditionMonthError("month: YYYY-MM is expected, such as 2026-12")
    await hold(tx, "catalogue-editions")
    last = await _last(tx)
    if correction_note is None:
        _require_open_month(month, last, now)
        correction = 0
    else:
        correction = _next_correction(month, last)
    edition = CatalogueEdition(
        month=month,
        correction=correction,
        correction_note=correction_note,
        issued_at=now.replace(microsecond=0),
        next_update=_due_after(month, now),
        rule_basis=load_basis().rule,
        fallback_basis=load_basis().fallback,
        entries=edition_entries(types),
    )
    token = sign_edition(edition, signer=identity.signer, x5c=identity.chain)
    published = PublishedEdition(1 if last is None else last.sequence + 1, edition, token)
    await _keep(tx, published)
    await audit.record(
        tx,
        now=now,
        actor=actor,
        action="catalogue.published",
        target=edition.edition_id,
        facts={"documents": len(edition.entries)},
    )
    return published


def this_month(now: datetime) -> str:
    """Return the month that runs in Vietnam, `YYYY-MM`."""
    return now.astimezone(VIETNAM).strftime("%Y-%m")


async def list_editions(tx: AsyncConnection, *, before: int, limit: int) -> Sequence[EditionSummary]:
    """Return editions, newest first, that were published before number `before`."""
    shown = [column for column in _columns if column.name != "token"]
    query = select(*shown).where(_columns.sequence < before).order_by(_columns.sequence.desc()).limit(limit)
    return [
        EditionSummary(
            sequence=row.sequence,
            edition_id=edition_id(row.month, row.correction),
            month=row.month,
            correction=row.correction,
            correction_note=row.correction_note,
            issued_at=row.issued_at,
            documents=row.documents,
        )
        for row in await tx.execute(query)
    ]


async def find_edition(tx: AsyncConnection, name: str, anchors: tuple[x509.Certificate, ...]) -> PublishedEdition:
    """Return an edition by its identifier, or the newest for `latest`.

    Raises:
        NoEditionError: there is none of this name.
    """
    if name == LATEST:
        row = await _last(tx)
    elif re.fullmatch(EDITION_ID_PATTERN, name):
        month, _, number = name.partition(".")
        query = select(catalogue_editions).where(_columns.month == month, _columns.correction == int(number or 0))
        row = (await tx.execute(query)).first()
    else:
        row = None
    if row is None:
        raise NoEditionError("latest, or YYYY-MM of a month with an edition, or YYYY-MM.N of its correction")
    return _published(row, anchors)


async def edition_before(
    tx: AsyncConnection, published: PublishedEdition, anchors: tuple[x509.Certificate, ...]
) -> PublishedEdition | None:
    """Return the edition that was published before another; None before the first."""
    query = select(catalogue_editions).where(_columns.sequence == published.sequence - 1)
    row = (await tx.execute(query)).first()
    return None if row is None else _published(row, anchors)


async def edition_in_force(tx: AsyncConnection, on: date, anchors: tuple[x509.Certificate, ...]) -> PublishedEdition:
    """Return the newest edition that had been published by the end of a day in Vietnam; before the first, the first.

    Raises:
        NoEditionError: none was published yet.
    """
    end = datetime(on.year, on.month, on.day, tzinfo=VIETNAM) + timedelta(days=1)
    in_force = select(catalogue_editions).where(_columns.issued_at < end).order_by(_columns.sequence.desc()).limit(1)
    row = (await tx.execute(in_force)).first()
    if row is None:
        first = select(catalogue_editions).order_by(_columns.sequence).limit(1)
        row = (await tx.execute(first)).first()
    if row is None:
        raise NoEditionError("no edition of the catalogue was published yet")
    return _published(row, anchors)


def _require_open_month(month: str, last: Row[Any] | None, now: datetime) -> None:
    if last is not None and month == last.month:
        raise EditionExistsError("month: it has its edition; freeze a correction, with a note, instead")
    today = now.astimezone(VIETNAM).date()
    following = (today.replace(day=1) + timedelta(days=31)).strftime("%Y-%m")
    if month not in (this_month(now), following):
        raise EditionMonthError("month: this month or the next is expected; what was not published then stays so")
    if last is not None and month < last.month:
        raise EditionMonthError("month: a later one has its edition already")


def _next_correction(month: str, last: Row[Any] | None) -> int:
    if last is None or month != last.month:
        raise EditionMonthError("month: only the newest edition can be corrected")
    return int(last.correction) + 1


def _due_after(month: str, now: datetime) -> datetime:
    """Return when the edition of the following month is due; never before `now`."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=VIETNAM)
    following = (first + timedelta(days=31)).replace(day=1)
    due = following.replace(day=_LAST_DAY_TO_PUBLISH, hour=23, minute=59, second=59)
    return max(due, now.replace(microsecond=0)).astimezone(UTC)


async def _keep(tx: AsyncConnection, published: PublishedEdition) -> None:
    edition = published.edition
    await tx.execute(
        insert(catalogue_editions).values(
            month=edition.month,
            correction=edition.correction,
            sequence=published.sequence,
            issued_at=edition.issued_at,
            correction_note=edition.correction_note,
            documents=len(edition.entries),
            token=published.token,
        )
    )


async def _last(tx: AsyncConnection) -> Row[Any] | None:
    query = select(catalogue_editions).order_by(_columns.sequence.desc()).limit(1)
    return (await tx.execute(query)).first()


def _published(row: Row[Any], anchors: tuple[x509.Certificate, ...]) -> PublishedEdition:
    return PublishedEdition(row.sequence, _read(row.token, anchors), row.token)


@lru_cache(maxsize=32)
def _read(token: str, anchors: tuple[x509.Certificate, ...]) -> CatalogueEdition:
    # Read from the signed form, not from columns beside it: what is served is what was signed. As of its own date.
    return verify_edition(token, anchors, _BEGINNING)
