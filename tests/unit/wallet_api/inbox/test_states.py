"""Every transition between states of a document: which there are, and which there are not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from giayto_wallet_api.inbox import states
from giayto_wallet_api.inbox.states import (
    Confirmed,
    Declined,
    DocumentState,
    Offered,
    Revoked,
    StateConflictError,
    Superseded,
    Suspended,
)

BEFORE = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NOW = BEFORE + timedelta(minutes=5)

OFFERED, CONFIRMED, DECLINED = Offered(BEFORE), Confirmed(BEFORE), Declined(BEFORE)
SUSPENDED, SUPERSEDED, REVOKED = Suspended(BEFORE, CONFIRMED), Superseded(BEFORE, 2), Revoked(BEFORE)
ALL = (OFFERED, CONFIRMED, DECLINED, SUSPENDED, SUPERSEDED, REVOKED)

Transition = Callable[[DocumentState], DocumentState]


def confirm(state: DocumentState) -> DocumentState:
    return states.confirm(state, NOW)


def decline(state: DocumentState) -> DocumentState:
    return states.decline(state, NOW)


def suspend(state: DocumentState) -> DocumentState:
    return states.suspend(state, NOW)


def revoke(state: DocumentState) -> DocumentState:
    return states.revoke(state, NOW)


def supersede(state: DocumentState) -> DocumentState:
    return states.supersede(state, 2, NOW)


def paused(state: Offered | Confirmed | Declined) -> Suspended:
    return Suspended(NOW, state)


GONE, REPLACED = Revoked(NOW), Superseded(NOW, 2)
# From OFFERED, CONFIRMED, DECLINED, SUSPENDED, SUPERSEDED, REVOKED; None where there is no such transition.
RESULTS: dict[Transition, tuple[DocumentState | None, ...]] = {
    confirm: (Confirmed(NOW), CONFIRMED, None, None, None, None),
    decline: (Declined(NOW), None, DECLINED, None, None, None),
    suspend: (paused(OFFERED), paused(CONFIRMED), paused(DECLINED), SUSPENDED, None, None),
    states.resume: (OFFERED, CONFIRMED, DECLINED, CONFIRMED, None, None),
    revoke: (GONE, GONE, GONE, GONE, SUPERSEDED, REVOKED),
    supersede: (REPLACED, REPLACED, REPLACED, REPLACED, SUPERSEDED, REVOKED),
}


@pytest.mark.parametrize("transition", RESULTS)
@pytest.mark.parametrize("position", range(len(ALL)))
def test_each_transition_from_each_state(transition: Transition, position: int) -> None:
    expected = RESULTS[transition][position]
    if expected is None:
        with pytest.raises(StateConflictError):
            transition(ALL[position])
    else:
        assert transition(ALL[position]) == expected


@pytest.mark.parametrize("state", ALL)
def test_a_state_survives_the_store(state: DocumentState) -> None:
    assert states.decode_state(states.encode_state(state)) == state


def test_a_suspension_remembers_what_it_interrupted() -> None:
    record = states.encode_state(Suspended(NOW, Declined(BEFORE)))
    assert states.resume(states.decode_state(record)) == Declined(BEFORE)


def test_names_are_the_tags() -> None:
    names = [states.state_name(state) for state in ALL]
    assert names == ["offered", "confirmed", "declined", "suspended", "superseded", "revoked"]
