"""How rows stand, and whether the server agrees."""

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giayto_sdk._issuing.jobs_api import JobRow, OutcomeCount, PushJob
from giayto_sdk._issuing.reconciliation import ROWS_NAMED, reconcile
from giayto_sdk._issuing.results import DELIVERED, CountDifference, RowOutcome, RowResult
from giayto_sdk._issuing.row_states import RowStates, ending_of
from giayto_sdk.errors import JournalError, Problem

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def ended(row: int, outcome: RowOutcome, code: str = "") -> RowResult:
    return RowResult(row, f"key-{row}", outcome, problem=Problem(0, code, "", "", "") if code else None)


results = st.builds(
    ended,
    st.integers(0, 40),
    st.sampled_from(RowOutcome),
    st.sampled_from(["", "record_invalid", "row_key_conflict"]),
)


@given(st.lists(results))
def test_each_row_counts_once_with_its_newest_ending_unless_it_was_accepted(entered: list[RowResult]) -> None:
    states = RowStates()
    states.enter(entered)
    expected: dict[int, tuple[RowOutcome, str]] = {}
    for result in entered:
        if result.row not in expected or expected[result.row][0] not in DELIVERED:
            expected[result.row] = ending_of(result)
    assert {row: states.ending(row) for row in states.rows(RowOutcome)} == expected
    assert sum(states.counts().values()) == len(expected)
    for ending, count in states.counts().items():
        assert count == list(expected.values()).count(ending)


def test_a_row_takes_a_few_bytes_however_many_there_are() -> None:
    states = RowStates()
    tracemalloc.start()
    states.enter(ended(row, RowOutcome.STORED) for row in range(200_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert states.counts_by_outcome() == {RowOutcome.STORED: 200_000}
    assert peak < 800_000


def test_a_row_number_that_would_take_all_memory_is_refused() -> None:
    with pytest.raises(JournalError):
        RowStates().enter([ended(10**12, RowOutcome.STORED)])


class Server:
    """A job as the server keeps it."""

    def __init__(self, rows: dict[int, tuple[str, str]]) -> None:
        self._rows = rows

    @property
    def job(self) -> PushJob:
        kinds = sorted(set(self._rows.values()))
        counts = tuple(OutcomeCount(*kind, list(self._rows.values()).count(kind)) for kind in kinds)
        return PushJob(job_id="job_1", job_key="k", document_type="t", opened_at=NOW, finished_at=None, counts=counts)

    def rows(self, _job_id: str) -> Iterator[JobRow]:
        for row, (outcome, code) in sorted(self._rows.items()):
            yield JobRow(
                row=row,
                row_key=None,
                outcome=outcome,
                code=code,
                document_id=None,
                version=None,
                attempts=1,
                changed_at=NOW,
            )


def states_of(*entered: RowResult) -> RowStates:
    states = RowStates()
    states.enter(entered)
    return states


MINE = states_of(
    ended(2, RowOutcome.UNCHANGED),
    ended(3, RowOutcome.REFUSED, "record_invalid"),
    ended(5, RowOutcome.WAITING_FOR_WALLET),
)
THEIRS = {2: ("stored", ""), 3: ("refused", "record_invalid"), 5: ("waiting_for_wallet", "")}


def test_a_lost_answer_makes_no_difference() -> None:
    server = Server(THEIRS)
    assert reconcile(MINE, server.job, server).is_equal  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "kinds", "rows"),
    [
        ({3: ("refused", "other")}, [("refused", "other", 0, 1), ("refused", "record_invalid", 1, 0)], (3,)),
        ({5: ("stored", "")}, [("accepted", "", 1, 2), ("waiting_for_wallet", "", 1, 0)], (5,)),
        ({2: None}, [("accepted", "", 1, 0)], (2,)),
        ({9: ("stored", "")}, [("accepted", "", 1, 2)], (9,)),
        ({4: ("mismatch", "")}, [("mismatch", "", 0, 1)], (4,)),
        ({2: None, 3: None, 5: None}, None, (2, 3, 5)),
    ],
)
def test_what_differs_is_named(
    changes: dict[int, tuple[str, str] | None], kinds: list[tuple[str, str, int, int]] | None, rows: tuple[int, ...]
) -> None:
    theirs = {row: ending for row, ending in ({**THEIRS, **changes}).items() if ending is not None}
    server = Server(theirs)
    found = reconcile(MINE, server.job, server)  # type: ignore[arg-type]
    assert not found.is_equal
    assert found.rows == rows
    if kinds is not None:
        assert list(found.differences) == [CountDifference(*kind) for kind in kinds]


def test_only_the_first_rows_are_named() -> None:
    server = Server(dict.fromkeys(range(100), ("stored", "")))
    assert reconcile(RowStates(), server.job, server).rows == tuple(range(ROWS_NAMED))  # type: ignore[arg-type]
