"""Running counters: each entry of the audit log is counted once, by month, actor and measure.

The log has no gaps and only grows, so that a number says how far the counters are. What was counted is never looked at
again: a month's figures cost what happened since they were last asked for, however large the register is. Nothing is
counted where documents are pushed or confirmed, and so nobody waits for a counter there.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.figures.months import end_of, following_month, month_of, start_of
from giayto_wallet_api.figures.tables import figure_counts, figure_progress
from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.statements import hold, insert_for, json_text

ENTRIES_AT_ONCE: Final = 20_000
"""In one transaction: short enough that in SQLite, where it keeps others from writing, nobody notices."""
_SOURCE: Final = "audit"
_entries = audit_entries.c


@dataclass(frozen=True, slots=True)
class _Kind:
    """Entries that are counted alike: of one action, and with one of its facts where that matters."""

    action: str
    is_fetched: bool = False
    is_in_time: bool = False


_MEASURES: Final[Mapping[_Kind, tuple[str, ...]]] = {
    _Kind("document.stored"): ("pushed",),
    _Kind("document.confirmed"): ("confirmed",),
    # A document that waited at the agency for its holder arrives when it is fetched, and is confirmed by that.
    _Kind("document.confirmed", is_fetched=True): ("pushed", "confirmed"),
    _Kind("document.declined"): ("declined",),
    _Kind("paper_fallback.recorded"): ("paper_fallbacks",),
    _Kind("correction.answered", is_in_time=True): ("corrections_in_time",),
    _Kind("correction.answered"): ("corrections_late",),
    _Kind("presentation.answered"): ("checks",),
    _Kind("presentation.declined"): ("declined",),
}
_ACTIONS: Final = sorted({kind.action for kind in _MEASURES})
_COUNTED_ACTORS: Final = ("agency:", "verifier:")

Measured = tuple[str, str, str]
"""Month, actor and measure."""


async def count_new_entries(database: Database) -> None:
    """Count what the audit log has that was not counted yet. Of several processes each counts a part of it."""
    while True:
        async with database.transaction() as tx:
            if not await _count_some(tx):
                return


async def counts_of(tx: AsyncConnection, month: str) -> Mapping[str, Mapping[str, int]]:
    """Return the counters of a month: by actor, then by measure."""
    counters = figure_counts.c
    found: dict[str, dict[str, int]] = {}
    query = select(counters.actor, counters.measure, counters.count).where(counters.month == month)
    for actor, measure, count in await tx.execute(query):
        found.setdefault(actor, {})[measure] = count
    return found


async def _count_some(tx: AsyncConnection) -> bool:
    """Count some entries; False when there are none left."""
    await hold(tx, "figure counters")
    counted = await _progress(tx)
    last = (await tx.execute(select(func.max(_entries.sequence)))).scalar_one() or 0
    if counted >= last:
        return False
    through = min(last, counted + ENTRIES_AT_ONCE)
    part = (_entries.sequence > counted) & (_entries.sequence <= through)
    await _add(tx, await _count(tx, part))
    await tx.execute(update(figure_progress).values(through_sequence=through))
    return through < last


async def _progress(tx: AsyncConnection) -> int:
    through: int | None = (await tx.execute(select(figure_progress.c.through_sequence))).scalar_one_or_none()
    if through is None:
        await tx.execute(insert(figure_progress).values(source=_SOURCE, through_sequence=0))
    return through or 0


async def _count(tx: AsyncConnection, part: ColumnElement[bool]) -> Mapping[Measured, int]:
    counted = part & _entries.action.in_(_ACTIONS)
    earliest, latest = (
        await tx.execute(select(func.min(_entries.recorded_at), func.max(_entries.recorded_at)).where(counted))
    ).one()
    found: Counter[Measured] = Counter()
    for month in () if earliest is None else _months(earliest, latest):
        within = (_entries.recorded_at >= start_of(month)) & (_entries.recorded_at < end_of(month))
        for row in await tx.execute(_grouped(tx, counted & within)):
            kind = _Kind(row.action, is_fetched=bool(row.is_fetched), is_in_time=bool(row.is_in_time))
            if row.actor.startswith(_COUNTED_ACTORS):
                found.update({(month, row.actor, measure): row.entries for measure in _MEASURES.get(kind, ())})
    return found


def _months(earliest: datetime, latest: datetime) -> Iterator[str]:
    month, last = month_of(earliest), month_of(latest)
    while month <= last:
        yield month
        month = following_month(month)


def _grouped(tx: AsyncConnection, entries: ColumnElement[bool]) -> Any:
    agency_id, verifier_id = (json_text(tx, _entries.facts, name) for name in ("agency_id", "verifier_id"))
    # Who answers a push or a request is a citizen: it is counted for whose push or request it was.
    counted_for = case(
        (agency_id.is_not(None), literal("agency:") + agency_id),
        (verifier_id.is_not(None), literal("verifier:") + verifier_id),
        else_=_entries.actor,
    )
    query = select(
        _entries.action,
        counted_for.label("actor"),
        _says('"fetched":true').label("is_fetched"),
        _says('"in_time":true').label("is_in_time"),
    ).where(entries)
    kinds = query.subquery()
    return select(kinds, func.count().label("entries")).group_by(*kinds.c)


def _says(member: str) -> ColumnElement[bool]:
    """Facts are canonical JSON: a member is always written in the same way."""
    return _entries.facts.contains(member, autoescape=True)


async def _add(tx: AsyncConnection, counts: Mapping[Measured, int]) -> None:
    counters = figure_counts.c
    for (month, actor, measure), count in sorted(counts.items()):
        added = insert_for(tx, figure_counts).values(month=month, actor=actor, measure=measure, count=count)
        await tx.execute(
            added.on_conflict_do_update(
                index_elements=[counters.month, counters.actor, counters.measure],
                set_={"count": counters.count + count},
            )
        )
