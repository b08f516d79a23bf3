"""Bodies of waiting documents and signing requests."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from giayto_wallet_api.documents.schemas import RowKey, RowSubject

MAX_WAITING_ROWS = 1000
MAX_LEASED = 200
LONGEST_WAIT_SECONDS = 20
Vct = Annotated[str, Meta(min_length=1, max_length=255)]
WaitingState = Literal["waiting", "delivered", "withdrawn"]
WaitingResult = Literal["waiting", "unchanged", "delivered", "conflict"]
RequestState = Literal["open", "completed", "dead", "cancelled"]
RequestReason = Literal["wallet_appeared", "new_device", "rotation"]


class WaitingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that cannot be signed yet; `subject` is null for a newborn without a number. No claims."""

    row_key: RowKey
    document_type: Vct
    subject: RowSubject | None = None

    def __repr__(self) -> str:
        return f"WaitingRow(document_type={self.document_type!r}, …)"


class WaitingRegistration(msgspec.Struct, frozen=True):
    """Up to 1,000 rows."""

    rows: Annotated[tuple[WaitingRow, ...], Meta(min_length=1, max_length=MAX_WAITING_ROWS)]


class WaitingAnswer(msgspec.Struct, frozen=True):
    """What became of a row: `conflict` is a row key that stands for another type or subject."""

    row_key: str
    result: WaitingResult


class WaitingAnswers(msgspec.Struct, frozen=True):
    """One answer for each row, in order."""

    answers: tuple[WaitingAnswer, ...]


class Withdrawal(msgspec.Struct, frozen=True):
    """Rows that shall not be delivered any more."""

    row_keys: Annotated[tuple[RowKey, ...], Meta(min_length=1, max_length=MAX_WAITING_ROWS)]


class Withdrawn(msgspec.Struct, frozen=True):
    """How many of them were waiting."""

    withdrawn: int


class WaitingItem(msgspec.Struct, frozen=True):
    """A registered row."""

    row_key: str
    document_type: str
    state: WaitingState
    registered_at: datetime
    changed_at: datetime


class WaitingPage(msgspec.Struct, frozen=True):
    """A page of rows, in the order of their keys."""

    items: tuple[WaitingItem, ...]
    next_cursor: str | None = None


class LeaseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests a worker takes, for how long it keeps them, and how long it waits when there are none."""

    limit: Annotated[int, Meta(ge=1, le=MAX_LEASED)] = 50
    visibility_seconds: Annotated[int, Meta(ge=10, le=3600)] = 120
    wait_seconds: Annotated[int, Meta(ge=0, le=LONGEST_WAIT_SECONDS)] = 0
    document_type: Vct | None = None


class LeasedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One copy to sign: the record of this row, bound to this key.

    `not_before` and `expires_at` are those of the copies that are there: all copies of a version state one period.
    """

    request_id: str
    row_key: str
    document_type: str
    reason: RequestReason
    holder_key: dict[str, str]
    attempt: int
    not_before: datetime | None = None
    expires_at: datetime | None = None


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that no other worker gets before `expires_at`. Pushing their rows completes them."""

    lease_id: str
    expires_at: datetime
    requests: tuple[LeasedRequest, ...]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request could not be met; `retryable` ones come back later, others go to the dead letters."""

    request_id: str
    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    retryable: bool


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker gives back before its lease ends."""

    lease_id: str
    failures: Annotated[tuple[Failure, ...], Meta(min_length=1, max_length=MAX_LEASED)]


class Released(msgspec.Struct, frozen=True):
    """How many come back later, and how many became dead letters; what the lease lost counts in neither."""

    later: int
    dead: int


class SigningRequestItem(msgspec.Struct, frozen=True, kw_only=True):
    """A request as its agency sees it."""

    request_id: str
    row_key: str
    document_type: str
    reason: RequestReason
    state: RequestState
    attempts: int
    failure: str | None
    created_at: datetime
    changed_at: datetime


class SigningRequestPage(msgspec.Struct, frozen=True):
    """A page of requests."""

    items: tuple[SigningRequestItem, ...]
    next_cursor: str | None = None


class ReissueRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for fresh copies of all documents of a type, a page at a time."""

    document_type: Vct
    cursor: Annotated[str, Meta(max_length=20, pattern=r"^\d*$")] = ""


class Reissue(msgspec.Struct, frozen=True):
    """How many copies were asked for on this page; send `next_cursor` back until it is null."""

    requested: int
    next_cursor: str | None
