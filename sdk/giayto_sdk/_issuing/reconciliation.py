"""Do the journal and the server's job count the same? Both were kept apart; where they differ, rows are named."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from giayto_sdk._issuing.jobs_api import JobsApi, PushJob
from giayto_sdk._issuing.results import DELIVERED, CountDifference, Reconciliation, RowOutcome
from giayto_sdk._issuing.row_states import Ending, RowStates

ROWS_NAMED: Final = 20
_ACCEPTED: Final = "accepted"
_Kind = tuple[str, str]


def reconcile(states: RowStates, job: PushJob, jobs: JobsApi) -> Reconciliation:
    """Compare, and look for the first rows that stand differently if there are any.

    A row whose answer was lost is `unchanged` here and `stored` there: both mean that it was accepted.
    """
    here = _by_kind(states.counts())
    there: Counter[_Kind] = Counter()
    for each in job.counts:
        there[_kind(each.outcome, each.code)] += each.rows
    differences = tuple(
        CountDifference(*kind, in_journal=here[kind], on_server=there[kind])
        for kind in sorted(here | there)
        if here[kind] != there[kind]
    )
    rows = tuple(islice(_differing_rows(states, job, jobs), ROWS_NAMED)) if differences else ()
    return Reconciliation(differences, rows)


def _differing_rows(states: RowStates, job: PushJob, jobs: JobsApi) -> Iterator[int]:
    """Walk both in the order of the rows' numbers."""
    expected = states.rows(RowOutcome)
    mine = next(expected, None)
    for theirs in jobs.rows(job.job_id):
        while mine is not None and mine < theirs.row:
            yield mine
            mine = next(expected, None)
        ending = states.ending(theirs.row)
        if ending is None or _kind(ending[0], ending[1]) != _kind(theirs.outcome, theirs.code):
            yield theirs.row
        if mine == theirs.row:
            mine = next(expected, None)
    if mine is not None:
        yield mine
        yield from expected


def _by_kind(counts: Mapping[Ending, int]) -> Counter[_Kind]:
    by_kind: Counter[_Kind] = Counter()
    for (outcome, code), count in counts.items():
        by_kind[_kind(outcome, code)] += count
    return by_kind


def _kind(outcome: str, code: str) -> _Kind:
    return (_ACCEPTED, "") if outcome in DELIVERED else (str(outcome), code)
