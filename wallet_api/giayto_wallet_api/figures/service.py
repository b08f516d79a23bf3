"""The figures of a month: counted once when it is over, and at most every hour while it runs."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import select

from giayto_crypto.catalogue_edition import MONTH_PATTERN
from giayto_wallet_api.catalogue.editions import this_month
from giayto_wallet_api.figures.counting import count_month
from giayto_wallet_api.figures.months import end_of
from giayto_wallet_api.figures.rolling import count_new_entries
from giayto_wallet_api.figures.schemas import MonthlyFigures
from giayto_wallet_api.figures.tables import monthly_figures
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.statements import insert_for

_RECOUNTED_AFTER: Final = timedelta(hours=1)
_SETTLED_AFTER: Final = timedelta(minutes=15)
"""What began in the last seconds of a month is in the log by then."""
_FIRST_MONTH: Final = "2026-01"
_counting = asyncio.Lock()
"""One count at a time in this process: many who ask at once wait for the first."""


class NoFiguresError(NotFoundError):
    """The month lies in the future, or before there was anything to count."""

    code = "no_figures"
    message_vi = "Không có số liệu cho tháng này."
    message_en = "There are no figures for this month."


async def figures_of(runtime: Runtime, month: str) -> MonthlyFigures:
    """Return the figures of a month.

    Raises:
        MalformedRequestError: not a month.
        NoFiguresError: a month of the future, or before 2026.
    """
    now = runtime.clock()
    if not re.fullmatch(MONTH_PATTERN, month):
        raise MalformedRequestError("month: YYYY-MM is expected")
    if not _FIRST_MONTH <= month <= this_month(now):
        raise NoFiguresError("month: from 2026-01 to the month that runs")
    async with _counting:
        return await _kept(runtime, month, now) or await _count(runtime, month, now)


async def _kept(runtime: Runtime, month: str, now: datetime) -> MonthlyFigures | None:
    async with runtime.database.read() as tx:
        row = (await tx.execute(select(monthly_figures).where(monthly_figures.c.month == month))).first()
    if row is None:
        return None
    is_final = row.counted_at >= end_of(month) + _SETTLED_AFTER
    is_fresh = row.counted_at <= now < row.counted_at + _RECOUNTED_AFTER
    return msgspec.json.decode(row.content, type=MonthlyFigures) if is_final or is_fresh else None


async def _count(runtime: Runtime, month: str, now: datetime) -> MonthlyFigures:
    await count_new_entries(runtime.database)
    async with runtime.database.read() as tx:
        figures = await count_month(tx, month, runtime.keys.anchors, now=now)
    values = {"counted_at": now, "content": msgspec.json.encode(figures).decode()}
    async with runtime.database.transaction() as tx:
        kept = insert_for(tx, monthly_figures).values(month=month, **values)
        await tx.execute(kept.on_conflict_do_update(index_elements=[monthly_figures.c.month], set_=values))
    return figures
