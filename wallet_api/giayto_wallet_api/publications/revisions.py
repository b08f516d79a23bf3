"""Counters that say when something published is outdated.

Whoever changes what a publication is made of bumps its counter in the same transaction; whoever serves it compares
the counter with the one that the last edition was made from.
"""

from typing import Final

from sqlalchemy import Column, String, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.store.metadata import SHARED_SCOPE, BigInt, metadata
from giayto_wallet_api.store.statements import insert_for

TRUST_LIST: Final = "trust_list"

publication_revisions = Table(
    "publication_revisions",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("revision", BigInt, nullable=False),
    info=SHARED_SCOPE,
)


async def bump_revision(tx: AsyncConnection, name: str) -> None:
    """Note that the content of a publication has changed."""
    first = insert_for(tx, publication_revisions).values(name=name, revision=1)
    await tx.execute(
        first.on_conflict_do_update(
            index_elements=[publication_revisions.c.name],
            set_={"revision": publication_revisions.c.revision + 1},
        )
    )


async def current_revision(tx: AsyncConnection, name: str) -> int:
    """Return how often the content has changed so far."""
    query = select(publication_revisions.c.revision).where(publication_revisions.c.name == name)
    return int((await tx.execute(query)).scalar_one_or_none() or 0)
