"""Identifiers of rows: random, so that nobody can count or guess them."""

import secrets

ID_BYTES = 16


def new_id(prefix: str) -> str:
    """Return a fresh identifier such as `doc_3f…`: the prefix tells people what it names, 128 random bits do
    the rest.
    """
    return f"{prefix}_{secrets.token_hex(ID_BYTES)}"
