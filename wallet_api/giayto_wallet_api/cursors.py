"""Cursors of the citizen's lists: where the next page begins. Clients send back what they got."""

from typing import Annotated, Final

from litestar.params import QueryParameter

from giayto_wallet_api.problems import MalformedRequestError

DEFAULT_PAGE: Final = 50
LARGEST_PAGE: Final = 100
_MAX_DIGITS: Final = 18
FROM_THE_NEWEST: Final = 10**_MAX_DIGITS - 1
"""Before the first page of a list that shows the newest first: larger than any number in it."""

CursorParameter = Annotated[
    str | None, QueryParameter(name="cursor", max_length=64, description="`next_cursor` of the page before.")
]
LimitParameter = Annotated[
    int, QueryParameter(name="limit", ge=1, le=LARGEST_PAGE, description="Longest page that is wanted.")
]


def read_sequence(cursor: str | None, *, default: int) -> int:
    """Return the number that a cursor holds; `default` when there is none.

    Raises:
        MalformedRequestError: the cursor was not made here.
    """
    if cursor is None:
        return default
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > _MAX_DIGITS:
        raise MalformedRequestError("cursor: send back the next_cursor of an earlier page")
    return int(cursor)
