"""Quotas: rows a day and requests a minute of each agency, requests a minute of each device.

All are counted in the database, so that they hold for all workers together, and fail closed: without the database
nothing that is counted is done.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.agencies.tables import agencies
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.limits.tables import agency_limits
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.store.rate_limits import spend
from giayto_wallet_api.store.statements import insert_for

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
DEVICE_REQUESTS_PER_MINUTE: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyLimits:
    """What one agency may take.

    Args:
        rows_per_day: rows that are checked, whatever becomes of them.
        requests_per_minute: authenticated requests; a stream of rows is one.
    """

    rows_per_day: int = 20_000_000
    requests_per_minute: int = 6_000


DEFAULT_LIMITS: Final = AgencyLimits()
"""More than a ministry's whole register in a day."""


async def limits_of(tx: AsyncConnection, agency_id: str) -> AgencyLimits:
    """Return what an agency may take."""
    limits = agency_limits.c
    query = select(limits.rows_per_day, limits.requests_per_minute).where(limits.agency_id == agency_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return DEFAULT_LIMITS
    return AgencyLimits(rows_per_day=row.rows_per_day, requests_per_minute=row.requests_per_minute)


async def set_limits(tx: AsyncConnection, agency_id: str, limits: AgencyLimits, now: datetime) -> None:
    """Let an agency take so much from now on; NotFoundError when there is no such agency."""
    known = await tx.execute(select(agencies.c.agency_id).where(agencies.c.agency_id == agency_id))
    if known.first() is None:
        raise NotFoundError("there is no such agency")
    values = {"rows_per_day": limits.rows_per_day, "requests_per_minute": limits.requests_per_minute, "changed_at": now}
    entered = insert_for(tx, agency_limits).values(agency_id=agency_id, **values)
    await tx.execute(entered.on_conflict_do_update(index_elements=[agency_limits.c.agency_id], set_=values))
    await audit.record(
        tx,
        now=now,
        actor=audit.SYSTEM,
        action="agency.limits_set",
        target=agency_id,
        facts={"rows_per_day": limits.rows_per_day, "requests_per_minute": limits.requests_per_minute},
    )


async def spend_rows(tx: AsyncConnection, agency_id: str, rows: int, now: datetime) -> None:
    """Count rows against an agency's day; TooManyRequestsError when the day has not so many left.

    No rows are refused too when the day has none left.
    """
    limit = (await limits_of(tx, agency_id)).rows_per_day - (rows == 0)
    await spend(tx, bucket=f"rows:{agency_id}", amount=rows, limit=limit, window=_DAY, now=now)


async def spend_agency_request(tx: AsyncConnection, agency_id: str, now: datetime) -> None:
    """Count a request against an agency's minute; TooManyRequestsError when there are too many."""
    limit = (await limits_of(tx, agency_id)).requests_per_minute
    await spend(tx, bucket=f"requests:{agency_id}", limit=limit, window=_MINUTE, now=now)


async def spend_device_request(tx: AsyncConnection, thumbprint: str, now: datetime) -> None:
    """Count a request against the minute of a device, by its key; TooManyRequestsError when there are too many."""
    await spend(tx, bucket=f"device:{thumbprint}", limit=DEVICE_REQUESTS_PER_MINUTE, window=_MINUTE, now=now)
