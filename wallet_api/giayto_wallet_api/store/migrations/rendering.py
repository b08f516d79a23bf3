"""How column types of the project are written in a migration: as what the database stores.

A migration must mean the same for ever, so it does not import types that may change.
"""

from typing import Any, Literal

from giayto_wallet_api.store.metadata import BigInt, UtcDateTime


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Return the source text of a column type; False leaves it to Alembic."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.BigInteger()"
    if kind == "type" and item is BigInt:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False
