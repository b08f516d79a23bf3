"""The states of a delivered document, each a type of its own.

    Offered ──► Confirmed ──► Suspended ──► (back)
       │            │             │
       └──► Declined┴─────────────┴──► Superseded | Revoked | Consumed

The citizen answers an offer; the agency suspends, resumes and revokes; a new version supersedes. Only
suspension is reversible, and it remembers what it interrupted. Each transition is a function that takes only
the states it may start from, so that there is one way to reach each state.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Literal, cast

import msgspec

from giayto_wallet_api.problems import ProblemError


class Offered(msgspec.Struct, frozen=True, tag_field="state", tag="offered"):
    """Pushed by the agency, waiting for the citizen's answer."""

    since: datetime


class Confirmed(msgspec.Struct, frozen=True, tag_field="state", tag="confirmed"):
    """Accepted by the citizen: the phone may hold and show it."""

    since: datetime


class Declined(msgspec.Struct, frozen=True, tag_field="state", tag="declined"):
    """Refused by the citizen; the reason is kept for the agency."""

    since: datetime


Answerable = Offered | Confirmed | Declined
"""What a document can be while the agency lets it stand."""


class Suspended(msgspec.Struct, frozen=True, tag_field="state", tag="suspended"):
    """Withheld by the agency for a time; `interrupted` is what it returns to."""

    since: datetime
    interrupted: Answerable


class Superseded(msgspec.Struct, frozen=True, tag_field="state", tag="superseded"):
    """Replaced by a later version of the same document."""

    since: datetime
    by_version: int


class Revoked(msgspec.Struct, frozen=True, tag_field="state", tag="revoked"):
    """Withdrawn by the agency for good."""

    since: datetime


class Consumed(msgspec.Struct, frozen=True, tag_field="state", tag="consumed"):
    """Used, where one use is all that a document is good for."""

    since: datetime


StateName = Literal["offered", "confirmed", "declined", "suspended", "superseded", "revoked", "consumed"]
DocumentState = Offered | Confirmed | Declined | Suspended | Superseded | Revoked | Consumed
_DECODER: msgspec.json.Decoder[DocumentState] = msgspec.json.Decoder(DocumentState)


class StateConflictError(ProblemError):
    """The document is in a state from which this cannot be done."""

    status = HTTPStatus.CONFLICT
    code = "document_state_conflict"
    message_vi = "Giấy tờ đang ở trạng thái không cho phép thao tác này; hãy tải lại."
    message_en = "The document is in a state that does not allow this; reload it."


def confirm(state: DocumentState, now: datetime) -> Confirmed:
    """The citizen accepts an offer. Accepting twice is accepting once."""
    if isinstance(state, Confirmed):
        return state
    if isinstance(state, Offered):
        return Confirmed(now)
    raise StateConflictError(f"a document that is {state_name(state)} cannot be confirmed")


def decline(state: DocumentState, now: datetime) -> Declined:
    """The citizen refuses an offer. Refusing twice is refusing once."""
    if isinstance(state, Declined):
        return state
    if isinstance(state, Offered):
        return Declined(now)
    raise StateConflictError(f"a document that is {state_name(state)} cannot be declined")


def suspend(state: DocumentState, now: datetime) -> Suspended:
    """The agency withholds a document; one that is withheld already stays as it is."""
    if isinstance(state, Suspended):
        return state
    if isinstance(state, Offered | Confirmed | Declined):
        return Suspended(now, state)
    raise StateConflictError(f"a document that is {state_name(state)} cannot be suspended")


def resume(state: DocumentState) -> Answerable:
    """The agency lets a suspended document stand again; one that stands already stays as it is."""
    if isinstance(state, Suspended):
        return state.interrupted
    if isinstance(state, Offered | Confirmed | Declined):
        return state
    raise StateConflictError(f"a document that is {state_name(state)} cannot be resumed")


def revoke(state: DocumentState, now: datetime) -> Revoked | Superseded:
    """The agency withdraws a document for good. A superseded version is withdrawn already."""
    if isinstance(state, Revoked | Superseded):
        return state
    return Revoked(now)


def consume(state: DocumentState, now: datetime) -> Consumed:
    """The agency saw a single-use document used."""
    if isinstance(state, Consumed):
        return state
    if isinstance(state, Offered | Confirmed):
        return Consumed(now)
    raise StateConflictError(f"a document that is {state_name(state)} cannot be consumed")


def supersede(state: DocumentState, by_version: int, now: datetime) -> Superseded | Revoked | Consumed:
    """A later version takes the place of this one. A revoked version stays revoked."""
    if isinstance(state, Superseded | Revoked | Consumed):
        return state
    return Superseded(now, by_version)


def state_name(state: DocumentState) -> StateName:
    """Return the name of a state as clients see it."""
    return cast(StateName, state.__struct_config__.tag)


def encode_state(state: DocumentState) -> bytes:
    """Return the state as the store keeps it."""
    return msgspec.json.encode(state)


def decode_state(record: bytes) -> DocumentState:
    """Read a state from the store."""
    return _DECODER.decode(record)
