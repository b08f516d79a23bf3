"""Bodies of the status operations."""

from typing import Annotated

import msgspec

MAX_COUNT = 10_000


class ReservationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How many credentials of which type are about to be signed."""

    document_type: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    count: Annotated[int, msgspec.Meta(ge=1, le=MAX_COUNT)]


class ReservedIndex(msgspec.Struct, frozen=True):
    """One place in a status list: what goes into `status.status_list` of one credential."""

    uri: str
    idx: int


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """Indexes that belong to the agency from now on, each for one credential."""

    reservation_id: str
    entries: tuple[ReservedIndex, ...]


class StatusListAggregation(msgspec.Struct, frozen=True):
    """All status lists of this host (Token Status List §9.3)."""

    status_lists: tuple[str, ...]
