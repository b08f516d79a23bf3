"""Simple limits, counted in fixed windows in the database, so that all processes share them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, Index, Integer, String, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.problems import TooManyRequestsError
from giayto_wallet_api.store.metadata import SHARED_SCOPE, UtcDateTime, metadata
from giayto_wallet_api.store.statements import forget_expired, insert_for

rate_windows = Table(
    "rate_windows",
    metadata,
    Column("bucket", String(160), primary_key=True),
    Column("window_ends_at", UtcDateTime, primary_key=True),
    Column("used", Integer, nullable=False),
    Index(None, "window_ends_at"),
    info=SHARED_SCOPE,
)


async def spend(
    tx: AsyncConnection, *, bucket: str, amount: int = 1, limit: int, window: timedelta, now: datetime
) -> None:
    """Count `amount` against a bucket.

    Args:
        tx: the transaction that counts; when it is rolled back nothing was spent.
        bucket: what is limited, such as `lookup:H26`.
        amount: how many units this request takes.
        limit: how many units one window has.
        window: the length of a window; windows start at multiples of it.
        now: the present moment.

    Raises:
        TooManyRequestsError: the window has not that many units left.
    """
    seconds = int(window.total_seconds())
    ends = datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)
    await forget_expired(tx, rate_windows, rate_windows.c.window_ends_at, now)
    statement = insert_for(tx, rate_windows).values(bucket=bucket, window_ends_at=ends, used=amount)
    counted = statement.on_conflict_do_update(
        index_elements=[rate_windows.c.bucket, rate_windows.c.window_ends_at],
        set_={"used": rate_windows.c.used + amount},
    ).returning(rate_windows.c.used)
    used = (await tx.execute(counted)).scalar_one()
    if used > limit:
        retry_after = int((ends - now).total_seconds()) + 1
        raise TooManyRequestsError("the limit of this window is used up", retry_after_seconds=retry_after)
