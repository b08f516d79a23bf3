"""The one `MetaData`, its naming convention and the column types that all features share.

Every table says in `info["scope"]` what its rows belong to, and its primary and unique keys begin with that
owner's column, so that PostgreSQL can distribute it later:

    Table("inbox_items", metadata, Column("wallet_id", Id, primary_key=True), …, info=WALLET_SCOPE)

`SHARED_SCOPE` is for the few tables that every node needs whole (one-time values, status lists,
publications).
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, String
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WALLET_SCOPE: Final = {"scope": "wallet_id"}
AGENCY_SCOPE: Final = {"scope": "agency_id"}
LIST_SCOPE: Final = {"scope": "list_id"}
VERIFIER_SCOPE: Final = {"scope": "verifier_id"}
ASKER_SCOPE: Final = {"scope": "asker"}
SHARED_SCOPE: Final = {"scope": "shared"}

Id = String(64)
"""Identifiers that this server makes, and agency identifiers."""
BigInt = BigInteger().with_variant(Integer, "sqlite")
"""64 bits; SQLite counts up by itself only in an `INTEGER` primary key."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC, stored as microseconds since 1970: exact, ordered, the same in every
    database.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Turn an aware moment into microseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone must not be stored")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """Turn microseconds into an aware moment."""
        if value is None:
            return None
        return _EPOCH + value * _MICROSECOND
